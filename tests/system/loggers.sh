# loggers.sh -- output that a configuration file has logged itself
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

"${abs_top_builddir:?}/tests/system/client" datagrams devlog > syslog &
syslogd=$!
eventually test -S devlog || die "no system log"

start_daemon <<END
(use-modules (ice-9 match) (shepherd comm) (shepherd logger))
(system-log-file "$directory/devlog")
;; Writes to a pipe of its own, which a logger reads.
(define (talker name spawn-logger)
  (service (list name)
    #:start (lambda _
              (match (pipe)
                ((input . output)
                 (spawn-logger input)
                 (lambda (set) output))))
    ;; The value of a port does not outlive the interpreter.
    #:stop (lambda (output)
             (when (port? output)
               (close-port output))
             #f)
    #:actions (actions
               (say (lambda (output . lines)
                      (for-each (lambda (line)
                                  (display line output)
                                  (newline output))
                                lines)
                      (force-output output)
                      #t)))))
(register-services
 (list (talker 'file
               (lambda (input)
                 (spawn-service-file-logger "logs/file.log" input
                                            #:history-size 2)))
       (talker 'builtin
               (lambda (input)
                 (spawn-service-builtin-logger "prog" input)))
       (talker 'system spawn-service-system-logger)
       (talker 'bad
               (lambda (input)
                 (spawn-service-file-logger "$directory/config.scm/x"
                                            input)))
       (service '(process)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
END
says ()
{
  herd say "$@" > /dev/null
}
has ()
{
  test -f "$1" && grep -q -E -e "$2" "$1"
}
recent ()
{
  herd eval root "(map cdr (service-recent-messages (lookup-service '$1)))" \
    | tail -n 1
}

for service in file builtin system
do
  check "$service: the service starts" quietly herd start $service
done
says file one two three
check "lines get to the file, with the time" \
  eventually has logs/file.log '^[-0-9]{10} [:0-9]{8} three$'
check "as many as were asked for are remembered" \
  equal '("three" "two")' "$(recent file)"
check "herd status shows file and lines" \
  matches "  Log file: $directory/logs/file\.log" "$(herd status file)"
check "the names of the files" equal "(\"$directory/logs/file.log\")" \
  "$(herd eval root "(begin (use-modules (shepherd logger))
    (logger-files (service-logger (lookup-service 'file))))" | tail -n 1)"
check "the lines, latest first, with their times" matches \
  '^\(\([0-9]+ \. "three"\) \([0-9]+ \. "two"\)\)$' \
  "$(herd eval root "(begin (use-modules (shepherd logger))
    (logger-recent-messages (service-logger (lookup-service 'file))))" \
    | tail -n 1)"

says builtin hello
check "lines get to the daemon's log" eventually logged '\[prog\] hello$'
check "they are remembered without what is before them" \
  equal '("hello")' "$(recent builtin)"
check "they concern no file" equal '()' \
  "$(herd eval root "(service-log-files (lookup-service 'builtin))" | tail -n 1)"

says system hello
pid=$(pid_of root)
check "lines get to the system's log" \
  eventually has syslog "^shepherd\[$pid\]: hello\$"
check "and not to the daemon's" fails in_log ' shepherd\[.*hello$'
check "they are remembered" equal '("hello")' "$(recent system)"

# rotate EXPRESSION: of the logger of `file', or another.
rotate ()
{
  herd eval root "(begin (use-modules (shepherd logger))
    (rotate-log-file (service-logger (lookup-service '$1)) $2))" \
    2>&1 | tail -n 1
}
check "a file can be rotated" equal '#t' \
  "$(rotate file "\"$directory/logs/file.log\" \"$directory/logs/old\"")"
says file four
check "what comes then is in the new one" \
  eventually has logs/file.log '^[-0-9]{10} [:0-9]{8} four$'
check "the old one ends saying so" \
  matches ' Rotating log\.$' "$(tail -n 1 logs/old)"
check "what is not the logger's is left alone" equal '#f' \
  "$(rotate file '"/etc/passwd" "/etc/passwd.1"')"
check "which is said" eventually logged \
  "Ignoring request to rotate '/etc/passwd' \(log file is '$directory/logs/file\.log'\)\.\$"
check "nor does a logger without file have one" equal '#f' \
  "$(rotate builtin '"/etc/passwd" "/etc/passwd.1"')"

check "a file that cannot be opened fails the start" \
  exits 1 quietly herd start bad
check "which is said, with the service" eventually logged \
  "Failed to open log file '$directory/config\.scm/x' for bad: Not a directory\.\$"
check "without a service, too" fails quietly herd eval root \
  "(begin (use-modules (shepherd logger))
     (spawn-service-file-logger \"/proc/x/y\" (car (pipe)) #:service #f))"
check "in other words" eventually logged \
  "Failed to open log file '/proc/x/y' for <unknown service>: "

# For a service that runs, whose process is known.
herd start process > /dev/null
pid=$(pid_of process)
herd eval root "(begin (use-modules (shepherd logger))
  (spawn-service-builtin-logger \"extra\"
    (open-input-string \"from a string\nand more\")
    #:service (lookup-service 'process)))" > /dev/null
check "the process is named where it is known" \
  eventually logged "extra\[$pid\] from a string\$"
check "ports that are no descriptors are read, too; to the end" \
  eventually logged "extra\[$pid\] and more\$"
check "the logger took the place of another" eventually logged \
  'Registering new logger for process\.$'
echo "from a file" > text
herd eval root "(begin (use-modules (shepherd logger))
  (spawn-service-builtin-logger \"extra\" (open-input-file \"$directory/text\")
    #:service #f))" > /dev/null
check "so are files" eventually logged '\[extra\] from a file$'

# What is in the pipes, and comes later, outlives the interpreter.
says file 'before the crash'
says system 'before the crash'
herd reexec root > /dev/null 2>&1
reached ()
{
  herd status root | grep -q 'It is running'
}
eventually reached
check "the files are still open" eventually has logs/file.log ' before the crash$'
check "herd status still shows them" \
  matches "  Log file: $directory/logs/file\.log" "$(herd status file)"

herd stop file > /dev/null
herd start file > /dev/null
says file 'after the end'
check "a new run begins anew" equal '("after the end")' \
  "$(eventually has logs/file.log 'after the end' && recent file)"
kill "$syslogd"
check "the daemon ends" stop_daemon
finish
