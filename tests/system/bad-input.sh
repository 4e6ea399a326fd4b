# bad-input.sh -- of all that is wrong each is told once and clearly; the rest is unharmed
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

peer=${abs_top_builddir:?}/tests/system/peer
port=$("$peer" free-port)
free=$("$peer" free-port)
mkfifo hold fifo timer-fifo
"$peer" take 127.0.0.1:"$port" < hold > taken &
exec 8> hold
eventually grep -q ready taken
touch file go

# A healthy service, beside one for each mistake.
cat > healthy <<END
#!/bin/sh
i=0
while sleep 0.02
do
  i=\$((i + 1))
  echo "line \$i"
done
END
cat > bytes <<'END'
#!/bin/sh
printf 'caf\351 \377\300\200\n'
echo 'after the bytes'
exec sleep 1000
END
cat > long <<'END'
#!/bin/sh
head -c 10000000 /dev/zero | tr '\0' x
echo
echo 'after the line'
exec sleep 1000
END
cat > talker <<END
#!/bin/sh
echo begin
while test -e "$directory/go"
do
  sleep 0.1
done
echo end
exec sleep 1000
END
chmod +x healthy bytes long talker

start_daemon <<END
(use-modules (shepherd service timer))
(define (run name command . keywords)
  (service (list name)
    #:start (apply make-forkexec-constructor command keywords)
    #:stop (make-kill-destructor)))
(define (listener name make address . keywords)
  (service (list name)
    #:start (apply make '("cat") (list (endpoint address #:bind-attempts 1))
                   keywords)))
(define (timer name command . keywords)
  (service (list name)
    #:start (apply make-timer-constructor
                   (cron-string->calendar-event "0 18 24 12 *")
                   command keywords)
    #:stop (make-timer-destructor)
    #:actions (list timer-trigger-action)))
(define (local port)
  (make-socket-address AF_INET INADDR_LOOPBACK port))
(register-services
 (list (run 'healthy '("$directory/healthy")
            #:log-file "$directory/healthy.log")
       (listener 'taken make-inetd-constructor (local $port))
       (listener 'taken-too make-systemd-constructor (local $port))
       ;; TEST-NET-1: no machine has it.
       (listener 'elsewhere make-inetd-constructor
                 (make-socket-address AF_INET #xc0000201 $free))
       (listener 'visited make-inetd-constructor (local $free)
                 #:user "no-such-user")
       (run 'stranger '("sleep" "1000") #:user "no-such-user")
       (timer 'late-stranger (command '("true") #:user "no-such-user"))
       (run 'unwritable '("sleep" "1000") #:log-file "$directory/file/log")
       (run 'directory '("sleep" "1000") #:log-file "$directory")
       (timer 'unwritable-too (command '("true"))
              #:log-file "$directory/file/log")
       (run 'bytes '("$directory/bytes") #:log-file "$directory/bytes.log")
       (run 'long '("$directory/long") #:log-file "$directory/long.log")
       (run 'long-in-log '("$directory/long"))
       (run 'unread '("$directory/talker") #:log-file "$directory/fifo")
       (timer 'unread-too (command '("$directory/talker"))
              #:log-file "$directory/timer-fifo")))
(register-services (list (timer 'wrong-field #f)))
(cron-string->calendar-event "0 24 * * *")
(cron-string->calendar-event "0 3 * *")
(cron-string->calendar-event "*/0 * * * *")
(calendar-event #:months '(13))
(calendar-event #:hours 5)
(start-in-the-background '(healthy))
END
eventually test -s healthy.log || die "what is right does not run"

# In the configuration: the place, what is wrong there, and what was expected.
while IFS='|' read -r place text
do
  check "line $place: told" grep -q -F -x \
    "$directory/config.scm:$place: error: $text" "$output"
done <<'END'
41:1|In procedure make-timer-constructor: Wrong type for argument 'action': #f
42:1|"0 24 * * *": invalid hours cron field: "24": expected 0-23
43:1|"0 3 * *": wrong number of cron date fields: 4, expected 5: minute hour day-of-month month day-of-week
44:1|"*/0 * * * *": invalid minutes cron field: "0": expected a step of 1 or more
45:1|calendar-event: months: 13: value out of range (1-12)
46:1|calendar-event: hours: 5: not a list
END

logged_once ()
{
  test "$(grep -F -e "$2" "$log" | grep -c "service $1[ :]")" -eq 1
}
# refuses SERVICE MESSAGE: starting it fails, for a reason said once.
refuses ()
{
  check "$1 does not start" exits 1 quietly timeout 20 herd -s "$socket" \
    start "$1"
  check "$1: the error says why" grep -q -F -e "$2" out
  check "$1: it says so once" equal 1 "$(grep -c -F -e "$2" out)"
  check "$1: the log names the service, and says the same" \
    eventually logged_once "$1" "$2"
  check "$1: it is stopped" is_stopped "$1"
}
refuses taken "127.0.0.1:$port for service taken: bind: Address already in use"
refuses taken-too \
  "127.0.0.1:$port for service taken-too: bind: Address already in use"
refuses elsewhere \
  "192.0.2.1:$free for service elsewhere: bind: Cannot assign requested address"
refuses stranger 'no such user: "no-such-user"'
refuses unwritable "cannot log to \"$directory/file/log\": Not a directory"
refuses directory "cannot log to \"$directory\": Is a directory"

# What only shows when the time has come.
runs ()
{
  herd start "$1" > /dev/null
  quietly herd trigger "$1"
  eventually status_matches "$1" "Exception thrown after .*: .*$2"
}
check "a timer tells in its status that there is no such user" \
  runs late-stranger 'no such user: "no-such-user"'
check "and in the log" eventually logged \
  "Timer 'late-stranger' failed to run its command: no such user"
check "or that its log cannot be written" \
  runs unwritable-too "cannot log to \"$directory/file/log\": Not a directory"
check "and in the log" eventually logged "Timer 'unwritable-too' failed .* cannot log to"
check "they wait for the next time" \
  status_matches unwritable-too 'Upcoming timer alarm'
check "a service for connections listens" exits 0 quietly herd start visited
check "each is closed at once" equal "" \
  "$(echo hello | timeout 20 "$peer" talk 127.0.0.1:"$free" 2>/dev/null)"
check "the log tells why" eventually logged \
  'service cat-1 threw an exception: no such user: "no-such-user"'
check "it still listens" status_matches visited 'listening on 1 endpoint'

# What services print.
for service in bytes long long-in-log
do
  quietly herd start $service
done
check "after bytes that are no text comes the rest" \
  eventually grep -q 'after the bytes$' bytes.log
check "they are shown as such" grep -q 'caf� ���$' bytes.log
check "in the status, too" eventually status_matches bytes ' caf� ���$'
check "after a line of 10 MB comes the rest" \
  eventually grep -q 'after the line$' long.log
check "nothing of the line is lost" equal 10000000 \
  "$(tr -cd x < long.log | wc -c)"
check "nor in the daemon's log" eventually logged 'long\[[0-9]*\] after the line$'
check "where nothing is lost either" equal 10000000 \
  "$(grep 'long\[' "$log" | sed 's/^[^]]*\] //' | tr -cd x | wc -c)"

# A FIFO for a log.
check "a service whose log FIFO nobody reads starts" exits 0 \
  quietly timeout 20 herd -s "$socket" start unread
check "which is told once" equal 1 "$(grep -c -F -x \
  "Nobody reads the FIFO '$directory/fifo'; what is logged there waits." out)"
check "its output is in its status" eventually status_matches unread ' begin$'
unread=$(pid_of unread)
count=$(grep -c 'Going on' "$log")
kill -SEGV "$daemon"
went_on ()
{
  test "$(grep -c 'Going on' "$log")" -gt "$count" \
    && herd eval root '(+ 1 2)' 2>/dev/null | grep -q 3
}
eventually went_on
check "it outlives a crash" equal "$unread" "$(pid_of unread)"
rm go
check "what it says later waits, too" eventually status_matches unread ' end$'
# has FILE: a reader that comes finds both lines there.
has_both ()
{
  timeout 20 head -n 2 "$1" | sed 's/^[-0-9]* [:0-9]* //' > heard
  equal "begin
end" "$(cat heard)"
}
check "whoever reads the FIFO gets all of it" has_both fifo
touch go
check "a timer whose log nobody reads runs" \
  exits 0 quietly herd start unread-too
herd trigger unread-too > /dev/null
check "it has a process" \
  eventually status_matches unread-too '^  Child process: [0-9]'
check "its log is told of" eventually logged \
  "Nobody reads the FIFO '$directory/timer-fifo'; what is logged there waits\\.\$"
rm go
check "whoever reads that gets all of it" has_both timer-fifo

# Meanwhile.
check "the healthy one has run all the time" is_running healthy
more ()
{
  test "$(wc -l < healthy.log)" -gt "$1"
}
check "and goes on logging" eventually more $(($(wc -l < healthy.log) + 5))
check "every line, in order" sh -c \
  "sed 's/^[-0-9]* [:0-9]* line //' healthy.log | awk '\$1 != NR { exit 1 }'"
check "others start" exits 0 quietly herd restart healthy
exec 8>&-
check "what is put right starts" eventually quietly herd start taken
check "the daemon ends" stop_daemon
finish
