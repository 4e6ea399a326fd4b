# identity.sh -- whose processes are, and in which groups
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

test "$(id -u)" -eq 0 || skip "only root can become others"
need_namespaces

# Users and groups of our own, over those of the system.
cat > passwd <<'END'
root:x:0:0:root:/root:/bin/sh
web:x:4001:4001:Web:/nonexistent:/bin/sh
END
cat > group <<'END'
root:x:0:
web:x:4001:
media:x:4002:web
backup:x:4003:web,root
other:x:4004:
END

# Ignored by who starts the daemon.
trap '' HUP PIPE USR1 USR2
start_daemon_with_users <<END
(define (identity name . keywords)
  (service (list name)
    #:start (apply make-forkexec-constructor
                   '("sh" "-c" "grep -E '^(Uid|Gid|Groups):' /proc/self/status
                                exec sleep 1000")
                   #:log-file (string-append "$directory/"
                                             (symbol->string name) ".log")
                   keywords)
    #:stop (make-kill-destructor)))
(register-services
 (list (identity 'inherited)
       (identity 'user #:user "web")
       (identity 'number #:user 4001)
       (identity 'group #:group "media")
       (identity 'groups #:supplementary-groups '("media" "other"))
       (identity 'user-and-group #:user "web" #:group "media")
       (identity 'user-and-groups #:user "web"
                 #:supplementary-groups '("other"))
       (identity 'all #:user "web" #:group "backup"
                 #:supplementary-groups '("other"))
       (identity 'nobody #:user "no-such-user")
       (identity 'no-group #:group "no-such-group")))
END

# is SERVICE UID GID GROUPS
is ()
{
  herd start "$1" > /dev/null
  eventually grep -q 'Groups:' "$1.log"
  equal "$2 $3 $4" "$(awk '/Uid:/ { uid = $4; if ($5 != $4) uid = "mixed" }
    /Gid:/ { gid = $4; if ($5 != $4) gid = "mixed" }
    /Groups:/ { $1 = $2 = $3 = ""; gsub (" +", " "); sub ("^ ", "")
                sub (" $", ""); groups = $0 }
    END { print uid, gid, groups }' "$1.log")"
}
own=$(awk '/^Groups:/ { $1 = ""; sub ("^ ", ""); sub (" $", ""); print }' \
  "/proc/$daemon/status")

check "without keywords, the process is as the daemon" \
  is inherited 0 0 "$own"
# Weak spot: with #:user alone, group 0 and root's groups were kept.
check "#:user gives that user's group and supplementary groups" \
  is user 4001 4001 "4001 4002 4003"
check "also by number" is number 4001 4001 "4001 4002 4003"
check "#:user and #:group give that group alone" \
  is user-and-group 4001 4002 ""
# Weak spot: #:supplementary-groups alone were ignored.
check "#:supplementary-groups count without #:group" \
  is groups 0 0 "4002 4004"
check "#:supplementary-groups are all there are" \
  is user-and-groups 4001 4001 "4004"
check "all three together" is all 4001 4003 "4004"
check "#:group alone leaves the user" is group 0 4002 ""
check "an unknown user fails the start" exits 1 quietly herd start nobody
check "by name" matches 'no-such-user' "$(cat out)"
check "an unknown group fails the start" exits 1 quietly herd start no-group
check "by name" matches 'no-such-group' "$(cat out)"

# Weak spot: SIGPIPE, and whatever else the daemon ignored, stayed ignored.
check "no signal is ignored or blocked" equal "0000000000000000
0000000000000000" "$(sed -n 's/^Sig\(Ign\|Blk\):.//p' \
  "/proc/$(pid_of inherited)/status")"
check "the daemon ends" stop_daemon
finish
