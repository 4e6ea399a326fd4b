# log-rotation.sh -- log files are rotated, and no line is lost
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

sender=${abs_top_builddir:?}/tests/system/log-sender
count=100000

command -v gzip > /dev/null || skip "no gzip"
zstd=$(command -v zstd) || skip "no zstd"
mkdir logs bin
cat > bin/zstd <<END
#!/bin/sh
test ! -e "$directory/no-zstd" || exit 3
exec $zstd "\$@"
END
chmod +x bin/zstd
PATH=$directory/bin:$PATH

start_daemon <<END
(use-modules (shepherd service timer)
             (shepherd service log-rotation)
             (shepherd service system-log))
(define seldom (calendar-event #:months '(2) #:days-of-month '(29)))
(define (rotation name . arguments)
  (apply log-rotation-service seldom #:provision (list name)
         #:rotation-size-threshold 100 arguments))
(define (writer name script)
  (service (list name)
    #:start (make-forkexec-constructor (list "/bin/sh" "-c" script)
              #:log-file (string-append "$directory/logs/"
                                        (symbol->string name))
              #:directory "$directory")
    #:stop (make-kill-destructor)))
(register-services
 (list (writer 'numbers "i=0
           while test \$i -lt $count
           do
             seq \$((i + 1)) \$((i + 1000)); i=\$((i + 1000)); sleep 0.02
           done
           exec sleep 1000")
       (writer 'past "seq 1000; exec sleep 1000")
       (writer 'quiet "echo little; exec sleep 1000")
       (system-log-service
        (list (endpoint (make-socket-address AF_UNIX "$directory/log")
                        #:style SOCK_DGRAM))
        #:kernel-log-file #f
        #:message-destination (const (list "$directory/logs/messages"
                                           "$directory/logs/fifo")))
       (rotation 'gzip #:external-log-files
                 (list "$directory/logs/external" "$directory/logs/missing"))
       (rotation 'zstd #:compression 'zstd)
       (rotation 'none #:compression 'none)
       (rotation 'fails #:compression
                 (lambda (file) (error "no room" file)))
       (rotation 'by-procedure #:compression
                 (lambda (file)
                   (rename-file file (string-append file ".xz"))))))
(start-in-the-background
 '(system-log quiet past gzip zstd none fails by-procedure))
END

cd logs || exit 1
mkfifo fifo
exec 9<> fifo
seq 100 > external
has ()
{
  grep -q -E -e "$2" "$1"
}
# All lines of a file and its archives, the oldest first.
all ()
{
  find . -name "$1.*" | sort -t. -k3nr | while read -r file
  do
    case $file in
      *.gz) gzip -dc "$file" ;;
      *.zst) zstd -qdc "$file" ;;
      *) cat "$file" ;;
    esac
  done
  cat "$1"
}
# The numbers in them.
numbers ()
{
  all "$1" | sed -n 's/^.* \([0-9][0-9]*\)$/\1/p'
}
ends_with ()
{
  tail -n 1 "$1" | grep -q -E " $2\$"
}
rotations ()
{
  grep -c "^Rotated '$directory/logs/$1'" "$output"
}
is_large ()
{
  test "$(stat -c %s "$1")" -gt 100
}
rotated_again ()
{
  test "$(rotations "$1")" -gt "$before"
}
# Have the service $1 rotate; wait for file $2.
rotate ()
{
  before=$(rotations "$2")
  quietly herd trigger "$1"
  eventually rotated_again "$2"
}

eventually is_running system-log
eventually ends_with past 1000
"$sender" burst "$directory/log" 100 message
eventually ends_with messages 100

# Weak spot: elsewhere, only services that are running have files to rotate.
herd stop past > /dev/null
herd files gzip > "$directory/files"
tab=$(printf '\t')
check "the files of services are listed" \
  has "$directory/files" "^$directory/logs/quiet${tab}quiet\$"
check "the daemon's own" has "$directory/files" "^$log${tab}root\$"
check "those of the system log" \
  has "$directory/files" "^$directory/logs/messages${tab}system-log\$"
check "those of services that are stopped" \
  has "$directory/files" "^$directory/logs/past${tab}past\$"
check "those of others" \
  has "$directory/files" "^$directory/logs/external${tab}.external.\$"

check "a rotation is asked for" equal "Triggering timer." "$(herd trigger gzip)"
check "those of others are rotated" \
  eventually printed "^Rotated '$directory/logs/external'"
check "files of services, too" printed "^Rotated '$directory/logs/messages'"
check "those of stopped ones" printed "^Rotated '$directory/logs/past'"
check "the daemon's own" printed "^Rotated '$log'"
check "a file that is missing is told of" eventually printed \
  "^Log file '$directory/logs/missing' is inaccessible; not rotating."
check "small ones stay" printed \
  "^Not rotating '$directory/logs/quiet', which is below the 100 B threshold."
check "and what is no file" printed \
  "^Not rotating '$directory/logs/fifo', which is not a regular file."
check "archives are compressed" gzip -t messages.1.gz past.1.gz external.1.gz
check "and only that" fails test -e messages.1
check "the old file says so" \
  matches '^[-0-9]+ [:0-9]+ Rotating log.$' "$(gzip -dc past.1.gz | tail -n 1)"
check "after an empty line" \
  equal "" "$(gzip -dc past.1.gz | tail -n 2 | head -n 1)"
check "the new file has the same rights" equal 640 "$(stat -c %a messages)"
check "no line of a stopped service is lost" \
  equal "$(seq 1000)" "$(numbers past)"
check "an external file keeps what it had" \
  equal "$(seq 100)" "$(gzip -dc external.1.gz)"
check "and goes on empty" equal 0 "$(stat -c %s external)"
"$sender" burst "$directory/log" 100 more
check "the system log goes on" eventually ends_with messages 'more 100'
check "nothing of it is lost" \
  equal "$(seq 100; seq 100)" "$(numbers messages)"

# While a service writes.
herd start numbers > /dev/null
end=$(($(date +%s) + 2 * deadline))
eventually is_large numbers
rotate none numbers
until numbers numbers | tail -n 1 | grep -q "^$count\$"
do
  test "$(date +%s)" -lt "$end" || die "the numbers do not end"
  for how in none gzip zstd
  do
    is_large numbers && rotate $how numbers
  done
done
seq "$count" > "$directory/wanted"
numbers numbers > "$directory/found"
check "no line is lost, doubled or out of order" \
  cmp "$directory/wanted" "$directory/found"
check "there were rotations meanwhile" test "$(rotations numbers)" -gt 2
check "compressed in several ways" \
  test -n "$(find . -name 'numbers.*.zst')" -a -n "$(find . -name 'numbers.*.gz')"

# Weak spot: elsewhere, the service loses its logger to the compressor's.
check "the service still logs to its file" \
  status_matches numbers "Log files?: $directory/logs/numbers"

# A procedure that compresses, and one that cannot.
again ()
{
  "$sender" burst "$directory/log" 100 "$1"
  eventually ends_with messages "$1 100"
}
again third
rotate by-procedure messages
check "a procedure may compress" test -f messages.1.xz
again fourth
rotate fails messages
check "one that fails is told of" eventually printed \
  "^Failed to compress '$directory/logs/messages.1': no room"
check "the archive stays" test -f messages.1
check "no archive took the place of another" test -f messages.2.xz
touch "$directory/no-zstd"
again fifth
rotate zstd messages
check "a program that fails is told of, too" eventually printed \
  "^Compression command \"zstd\" .*messages.1\" failed with status 768"
check "the archive is as it was" \
  matches 'Rotating log.$' "$(tail -n 1 messages.1)"
rm "$directory/no-zstd"

# Old archives.
touch -d '100 days ago' messages.3.xz
again sixth
rotate none messages
check "old archives are deleted" printed \
  "^Deleting old log file '$directory/logs/messages.3.xz'"
check "no others" test -f messages.3

# After a crash.
kill -SEGV "$daemon"
eventually grep -q 'Going on after a crash' "$log"
eventually status_matches none 'Awaiting next timer alarm' || die "the daemon does not go on"
again seventh
rotate none messages
check "rotation goes on after a crash" has messages.1 'seventh 100$'
check "the daemon ends" stop_daemon
finish
