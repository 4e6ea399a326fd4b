# system-log.sh -- the system log service, as a user's daemon has it
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

command -v logger >/dev/null || skip "no logger(1)"
peer=${abs_top_builddir:?}/tests/system/peer
sender=${abs_top_builddir:?}/tests/system/log-sender
port=$("$peer" free-port)

mkfifo kernel nobody-reads
exec 9<> kernel
mkdir read-only
touch read-only/messages
mkdir no-file

start_daemon 9>&- <<END
(use-modules (shepherd service system-log))
(define (destinations message)
  (let ((content (system-log-message-content message)))
    (cond ((string-contains content "to-both")
           (list "$directory/messages" "$directory/both" "$directory/both"))
          ((string-contains content "to-nobody")
           (list "$directory/nobody-reads" "$directory/messages"))
          ((string-contains content "to-directory")
           (list "$directory/no-file" "/dev/not-a-device"
                 "$directory/messages"))
          ((string-contains content "to-nowhere") '())
          ((= (system-log-priority error)
              (system-log-message-priority message))
           (list "$directory/new/errors"))
          (else (list "$directory/messages")))))
(register-services
 (list (system-log-service
        (list (endpoint (make-socket-address AF_UNIX "$directory/log")
                        #:name "local" #:style SOCK_DGRAM)
              (endpoint (make-socket-address AF_INET INADDR_LOOPBACK $port)
                        #:style SOCK_DGRAM)
              (endpoint (make-socket-address AF_INET6 1 $port)
                        #:style SOCK_DGRAM))
        #:kernel-log-file "$directory/kernel"
        #:message-destination destinations
        #:max-silent-time #f
        #:history-size 5)
       (system-log-service
        (list (endpoint (make-socket-address AF_UNIX "$directory/log2")
                        #:style SOCK_DGRAM))
        #:provision '(marked)
        #:kernel-log-file "$directory/missing"
        #:message-destination (const (list "$directory/marks"))
        #:max-silent-time 0.1
        #:date-format "<%Y> ")))
(start-in-the-background '(system-log marked))
END

has ()
{
  grep -q -E -e "$2" "$1"
}
comes ()
{
  eventually has "$1" "$2"
}
send ()
{
  logger -u "$directory/log" "$@"
}
lines ()
{
  test "$(wc -l < "$1")" -eq "$2"
}
stamp='^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}'

eventually is_running system-log || die "no system log"

send -t me hello
check "a message is logged with date and host" \
  comes messages "$stamp localhost me: hello\$"
check "the file is not everybody's" equal 640 "$(stat -c %a messages)"
send -p daemon.err -t me trouble
check "priorities choose, directories are made" \
  comes new/errors 'localhost me: trouble$'
send to-both
check "a message can go to several files" comes both to-both
check "all of them" comes messages to-both
check "once each" equal 1 "$(grep -c to-both both)"
echo '<6>[ 1.2] to the log' >&9
printf '<6>[ 1.3] in' >&9
printf ' pieces\n\n' >&9
check "the kernel's messages" \
  comes messages "$stamp localhost linux: \\[ 1.3\\] in pieces\$"
check "all of them" has messages 'linux: \[ 1.2\] to the log$'
logger -d -n 127.0.0.1 -P "$port" --rfc3164 -t far udp4
logger -d -n ::1 -P "$port" --rfc3164 -t far udp6
check "messages by UDP, and from where" \
  comes messages "$stamp 127.0.0.1:[0-9]+ .*far: udp4\$"
check "version 6, too" comes messages "$stamp \\[::1\\]:[0-9]+ .*far: udp6\$"

# What an administrator sees.
eventually status_matches system-log 'localhost linux: .* in pieces'
herd status system-log > shown
check "herd shows the endpoints" \
  has shown 'System log listening on 3 endpoints:'
check "and the kernel's file" has shown "Kernel log file: $directory/kernel\$"
check "and the files" has shown "Log files: .*/messages .*/errors .*/both\$"
check "recent messages have no date" \
  matches '[0-9:]+ localhost .*to-both$' "$(cat shown)"
check "there are as many as asked for" \
  equal 5 "$(sed -n '/^Recent messages/,$p' shown | grep -c -E 'localhost|127.0.0.1:|::1')"
check "it is not respawned" has shown 'Will not be respawned'

# Nothing, and what does not work.
send to-nowhere
send after
comes messages 'after$'
check "a message may go nowhere" fails grep -q -r to-nowhere messages both

send to-nobody 1
send to-nobody 2
check "a FIFO without reader harms no other file" comes messages 'to-nobody 2'
check "and is told of" logged \
  "Failed to open log file '$directory/nobody-reads': No such device or address"
check "once" equal 1 "$(grep -c "open log file.*nobody-reads" "$log")"
send to-directory
check "nor does a directory" comes messages 'to-directory'
check "it is told of" \
  logged "Failed to open log file '$directory/no-file': Is a directory"
# Weak spot: elsewhere a device that is missing is created as a regular file.
check "a device is not created" fails test -e /dev/not-a-device
check "that is told of" \
  logged "Failed to open log file '/dev/not-a-device': No such file"

# Bytes.
printf 'caf\351 \377\000 \033[2J\nNov 23 00:00:00 sudo: root' \
  | "$sender" one "$directory/log"
"$sender" empty "$directory/log"
printf '<1023>unknown facility' | "$sender" one "$directory/log"
"$sender" large "$directory/log" 200000 || die "no large datagram"
check "the kernel takes no 10 MB" \
  fails "$sender" large "$directory/log" 10000000
send last
check "undecodable bytes and ends of lines are shown" \
  comes messages 'localhost café ÿ#000 #033\[2J#012Nov 23 00:00:00 sudo: root$'
check "an unknown facility is one" comes messages 'localhost unknown facility$'
comes messages 'localhost .*last$'
check "a large message is whole" equal $((200000 - 12)) \
  "$(grep -o 'xxxx*' messages | tr -cd x | wc -c)"
check "in lines with dates" equal 0 \
  "$(grep -v -c -E "$stamp localhost|$stamp 127|$stamp \\[::1" messages)"
head -c 10000000 /dev/zero | tr '\0' k >&9
echo >&9
echo '<6>after the long line' >&9
check "a line of 10 MB does not stop it" comes messages 'after the long line$'
check "it is whole" equal 10000000 \
  "$(grep 'linux: k' messages | tr -cd k | wc -c)"

# Marks, and a date of one's own.
check "silence is noted in files that are open alone" fails test -e marks
logger -u "$directory/log2" -t me hello
check "silence is noted" comes marks "^<$(date +%Y)> localhost -- MARK --\$"
check "after a date of one's own" comes marks "^<[0-9]+> localhost me: hello\$"
check "marks are no messages" \
  fails status_matches marked 'MARK'
check "a kernel log that is missing is told of" logged \
  "Dismissing kernel log '$directory/missing': No such file or directory"

# A restart loses nothing: the sockets stay open.
"$sender" burst "$directory/log" 2000 restart &
burst=$!
herd restart system-log > /dev/null
herd restart system-log > /dev/null
check "nobody is refused meanwhile" wait "$burst"
check "no message is lost" comes messages 'restart 2000$'
check "none" equal 2000 "$(grep -c 'restart [0-9]*$' messages)"

# End-of-file of the kernel log.
exec 9>&-
check "the end of the kernel's file is told of" eventually logged \
  "Closing system log input file \"$directory/kernel\" on end-of-file."

check "it stops" exits 0 herd stop system-log
check "saying so" logged 'Terminating system log service.'
check "and how many sockets it closes" eventually logged \
  'Closing 3 system log ports.'
check "they are closed" fails test -e log
herd stop marked > /dev/null
check "one, too" eventually logged 'Closing 1 system log port.'
check "the daemon ends" stop_daemon
finish
