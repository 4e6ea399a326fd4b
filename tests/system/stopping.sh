# stopping.sh -- what stop ends, and what it calls off
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# A daemon that goes to the background: the process that was started ends, the
# main one takes a while to end; both are in the group of the first.
cat > background <<END
#!/bin/sh
$directory/main &
exit 0
END
cat > main <<END
#!/bin/sh
trap 'sleep 0.3; echo done > $directory/ended; exit 7' TERM
echo \$\$ > $directory/background.pid
while :; do sleep 0.05; done
END

# Its child ignores SIGTERM.
cat > family <<END
#!/bin/sh
(trap '' TERM; echo ready > $directory/child.ready; exec sleep 1000) &
echo \$! > $directory/child.pid
exec sleep 1000
END

# On SIGTERM, starts one more that ignores it, and ends.
cat > forker <<END
#!/bin/sh
trap '(trap "" TERM; exec sleep 1000) & echo \$! > $directory/late.pid
exit 0' TERM
echo ready > $directory/forker.ready
while :; do sleep 0.05; done
END

cat > stubborn <<END
#!/bin/sh
trap '' TERM
echo ready > $directory/stubborn.ready
while :; do sleep 0.05; done
END
chmod +x background main family forker stubborn

start_daemon <<END
(define (run name command . rest)
  (apply service (list name)
    #:start (make-forkexec-constructor command)
    #:stop (make-kill-destructor #:grace-period 1)
    rest))
(register-services
 (list (service '(background)
         #:start (make-forkexec-constructor '("$directory/background")
                  #:pid-file "$directory/background.pid")
         #:stop (make-kill-destructor))
       (run 'family '("$directory/family"))
       (run 'forker '("$directory/forker"))
       (run 'stubborn '("$directory/stubborn"))
       (service '(vanishing)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (lambda (running)
                  (kill (process-id running) SIGKILL)
                  (sleep 0.1)
                  ((make-kill-destructor) running)))
       (service '(groupless)
         #:start (make-forkexec-constructor '("sleep" "1000")
                                            #:create-session? #f)
         #:stop (make-kill-destructor))
       (run 'patient '("sleep" "1000") #:respawn? #t #:respawn-delay 0.2)
       (run 'later '("sleep" "1000") #:respawn? #t #:respawn-delay 0.5)
       (service '(slow)
         #:start (lambda _
                   (let loop ()
                     (unless (file-exists? "$directory/go")
                       (sleep 0.05)
                       (loop)))
                   #t)
         #:stop (const #f))))
END

# Weak spot: the kill destructor awaited the leader of the group, long gone.
herd start background >/dev/null
main=$(cat background.pid)
check "the main process of a daemon is the one in its PID file" \
  equal "$main" "$(pid_of background)"
check "stopping a daemon that went to the background succeeds" \
  herd stop background
check "it waits for the main process" test -e ended
check "which is gone" gone "$main"
check "and whose exit status is recorded" \
  matches 'Process exited with code 7' "$(herd status background)"

# Weak spot: group members that ignore the signal survived.
herd start family >/dev/null
eventually test -s child.ready
check "stopping a service whose child ignores SIGTERM succeeds" \
  herd stop family
check "its main process ended by SIGTERM" \
  matches 'terminated with signal 15' "$(herd status family)"
check "the child is gone" gone "$(cat child.pid)"
check "killed after the grace period" eventually logged 'SIGKILL'

herd start forker >/dev/null
eventually test -s forker.ready
check "stopping a service that forks while it ends succeeds" herd stop forker
check "what it forked is gone" gone "$(cat late.pid)"

herd start stubborn >/dev/null
eventually test -s stubborn.ready
main=$(pid_of stubborn)
check "stopping a service that ignores SIGTERM succeeds" herd stop stubborn
check "it is gone" gone "$main"
check "the log tells the grace period" eventually logged \
  "Grace period of 1 seconds is over; sending -$main SIGKILL\\.\$"

# Weak spot: a process that vanished just before made the stop fail.
herd start vanishing >/dev/null
check "stopping a service whose process just vanished is no error" \
  exits 0 herd stop vanishing
check "it is stopped" is_stopped vanishing

herd start groupless >/dev/null
main=$(pid_of groupless)
check "a process in the daemon's own group is stopped alone" \
  herd stop groupless
check "it is gone" gone "$main"
check "the daemon is not" answers

# Weak spot: stop and disable did not cancel a respawn.
for action in stop disable
do
  herd enable patient >/dev/null
  herd start patient >/dev/null
  herd start later >/dev/null
  kill -KILL "$(pid_of patient)"
  eventually is_stopped patient
  herd $action patient >/dev/null
  # When this one comes back, the other would have.
  kill -KILL "$(pid_of later)"
  eventually is_stopped later
  eventually is_running later
  check "$action during the respawn delay cancels the respawn" \
    is_stopped patient
done
herd enable patient >/dev/null
check "after enable it can be started" \
  equal "Service patient has been started." "$(herd start patient)"

herd start slow > first &
first=$!
eventually status_matches slow 'It is starting'
herd start slow > second &
second=$!
herd stop slow > third &
third=$!
eventually logged 'Waiting for slow to start\.\.\.$'
echo > go
check "a stop while a service starts waits for it, then stops it" \
  wait $third
wait $first
wait $second
check "its start was not lost" equal 'Service slow has been started.' \
  "$(cat first)"
check "it started once" equal 1 "$(grep -c 'Starting service slow' "$log")"
check "it is stopped" is_stopped slow
check "the daemon ends" stop_daemon
finish
