# processes-full.sh -- with no process to be had, and when there is again
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

test "$(id -u)" -eq 0 || skip "no right to become somebody"
command -v setpriv >/dev/null || skip "no setpriv"
command -v prlimit >/dev/null || skip "no prlimit"

# A user without other processes, who may have as many as there are.
user=$((60000000 + $$))
chown -R "$user" "$directory"
program=$(command -v shepherd)
mkdir bin
cat > bin/shepherd <<END
#!/bin/sh
exec setpriv --reuid=$user --regid=$user --clear-groups "$program" "\$@"
END
chmod 755 bin bin/shepherd "$directory"
PATH=$directory/bin:$PATH

start_daemon <<END
(define (sleeper name . rest)
  (apply service (list name)
    #:start (make-forkexec-constructor '("sleep" "1000"))
    #:stop (make-kill-destructor)
    rest))
(register-services
 (list (service '(other) #:start (const #t) #:stop (const #f))
       (sleeper 'stopped #:respawn? #t #:respawn-delay 0.1)
       (sleeper 'worker #:respawn? #t #:respawn-delay 0.1
                #:respawn-limit '(1000 . 1))
       (sleeper 'spare)))
(start-service (lookup-service 'worker))
(start-service (lookup-service 'stopped))
END

another_worker ()
{
  new=$(pid_of worker)
  test -n "$new" && test "$new" != "$worker"
}

# limit COUNT: so many processes may the user have.
limit ()
{
  setpriv --reuid="$user" --regid="$user" --clear-groups \
    prlimit --pid "$daemon" "--nproc=$1:"
}

check "the table is full" limit 1
check "a process is refused" exits 1 quietly herd start spare
check "who asks is told why" \
  matches 'Resource temporarily unavailable' "$(cat out)"
check "and which program" matches '"sleep"' "$(cat out)"
check "so is the log" logged 'Resource temporarily unavailable'
check "it is stopped" is_stopped spare
check "status answers" quietly herd status
check "services without processes start" quietly herd start other
check "and stop" quietly herd stop other

kill -KILL "$(pid_of stopped)"
check "one that is to come back later" eventually logged \
  'Trying to respawn stopped again later\.$'
check "can be stopped" quietly herd stop stopped
worker=$(pid_of worker)
kill -KILL "$worker"
check "one that dies is missed" eventually is_stopped worker
check "its coming back fails" eventually logged \
  'worker.*Resource temporarily unavailable'
check "it says that it will be tried again" eventually logged \
  'Trying to respawn worker again later\.$'
check "so does its status" matches 'Will be respawned' "$(herd status worker)"
limit 1000
check "when there is room it comes back by itself" eventually another_worker
check "what was stopped does not" is_stopped stopped
check "others start" quietly herd start spare
check "and stop" quietly herd stop spare
check "the daemon ends" stop_daemon
finish
