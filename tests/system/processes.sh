# processes.sh -- what a service's process gets, keyword by keyword
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

mkdir elsewhere
echo "from a file" > input
start_daemon <<END
(default-environment-variables
 (cons "DEFAULT=1" (default-environment-variables)))
(define (shell name script . keywords)
  (service (list name)
    #:start (apply make-forkexec-constructor (list "/bin/sh" "-c" script)
                   keywords)
    #:stop (make-kill-destructor)))
(register-services
 (list (shell 'directory "pwd > $directory/directory.out; exec sleep 1000"
              #:directory "$directory/elsewhere")
       (shell 'environment "env > $directory/environment.out; exec sleep 1000"
              #:environment-variables '("ONLY=this" "PATH=/usr/bin:/bin"))
       (shell 'inherited "env > $directory/inherited.out; exec sleep 1000")
       (shell 'mask "umask > $directory/mask.out; exec sleep 1000"
              #:file-creation-mask #o027)
       (shell 'limits "ulimit -S -n > $directory/limits.out; \
ulimit -H -n >> $directory/limits.out; exec sleep 1000"
              #:resource-limits '((nofile 321 654) (core 0 0)))
       (shell 'session "exec sleep 1000")
       (shell 'no-session "exec sleep 1000" #:create-session? #f)
       (shell 'input "cat > $directory/input.out; exec sleep 1000"
              #:input-port (open-input-file "$directory/input"))
       (shell 'no-input "cat > $directory/no-input.out; exec sleep 1000")
       (shell 'descriptors
              "ls /proc/self/fd > $directory/descriptors.out; exec sleep 1000")
       (shell 'signals
              "grep ^Sig /proc/self/status > $directory/signals.out; \
exec sleep 1000")
       (shell 'talker "echo to stdout; echo to stderr >&2; printf unfinished"
              #:log-file "$directory/logs/talker.log")
       (shell 'plain "echo a plain line; exec sleep 1000")
       (shell 'long "head -c 3000 /dev/zero | tr '\\\\0' x; echo; exec sleep 1000"
              #:log-file "$directory/long.log")
       (shell 'forking "sleep 1000 & echo \$! > $directory/forking.pid"
              #:pid-file "$directory/forking.pid")
       (shell 'no-pid-file "exec sleep 1000" #:pid-file-timeout 0.2
              #:pid-file "$directory/never")
       (service '(system)
         #:start (make-system-constructor "touch " "$directory/system.out")
         #:stop (make-system-destructor "rm " "$directory/system.out"))
       (service '(false) #:start (make-system-constructor "false"))
       (service '(killed) #:start (make-system-constructor "kill -9 \$\$"))
       (shell 'stubborn "trap '' TERM; echo ready; while :; do sleep 0.1; done")))
END
started ()
{
  check "$1 starts" quietly herd start "$1"
}
wrote ()
{
  started "$1"
  eventually test -s "$1.out"
}

wrote directory
check "#:directory" equal "$directory/elsewhere" "$(cat directory.out)"
wrote environment
check "#:environment-variables replace the environment" \
  equal "ONLY=this" "$(grep -v -E '^(PATH|PWD|_|SHLVL|OLDPWD)=' environment.out)"
wrote inherited
check "default-environment-variables" grep -q '^DEFAULT=1$' inherited.out
check "with the daemon's own" grep -q "^HOME=$HOME\$" inherited.out
check "and nothing that Guile was told" \
  equal 0 "$(grep -c "^GUILE_JIT" inherited.out)"
wrote mask
check "#:file-creation-mask" equal 0027 "$(cat mask.out)"
wrote limits
check "#:resource-limits" equal "321 654" "$(tr '\n' ' ' < limits.out | sed 's/ $//')"

session_of ()
{
  sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 4
}
started session
pid=$(pid_of session)
check "a service leads a session" equal "$pid" "$(session_of "$pid")"
started no-session
pid=$(pid_of no-session)
check "#:create-session? #f" \
  equal "$(session_of "$daemon")" "$(session_of "$pid")"
check "its stop leaves the daemon alone" quietly herd stop no-session
check "it is gone" gone "$pid"
check "the daemon answers" answers

wrote input
check "#:input-port" equal "from a file" "$(cat input.out)"
started no-input
check "standard input is /dev/null otherwise" \
  equal /dev/null "$(readlink "/proc/$(pid_of no-input)/fd/0")"
wrote descriptors
check "no other descriptor is inherited" \
  equal "0 1 2 3" "$(tr '\n' ' ' < descriptors.out | sed 's/ $//')"
wrote signals
check "no signal is blocked or ignored" \
  equal "" "$(grep -E '^Sig(Blk|Ign)' signals.out | grep -v '0000000000000000$')"

herd start talker >/dev/null
talked ()
{
  grep -q ' unfinished$' logs/talker.log
}
check "#:log-file, with parents, has an unfinished last line" eventually talked
check "each line has the time" equal 3 \
  "$(grep -c -E '^[0-9-]{10} [0-9:]{8} (to stdout|to stderr|unfinished)$' \
      logs/talker.log)"
check "it is private" equal 640 "$(stat -c %a logs/talker.log)"
started plain
pid=$(pid_of plain)
check "other output goes to the daemon's log" \
  eventually logged " sh\\[$pid\\] a plain line\$"
check "but not to standard output" fails printed '\] a plain line'
started long
check "a line of 3,000 characters stays in one piece" \
  eventually grep -q -E '^[^ ]+ [^ ]+ x{3000}$' long.log

check "herd status shows the file" matches "  Log file: $directory/long.log" \
  "$(herd status long)"
check "and the recent lines" matches ' x{3000}$' "$(herd status long)"

started forking
pid=$(cat forking.pid)
check "#:pid-file tells the main process" equal "$pid" "$(pid_of forking)"
kill "$pid"
check "whose end is noticed" eventually is_stopped forking
check "the next start is not misled by the old file" quietly herd start forking
pid=$(cat forking.pid)
check "and stopping it ends the process" quietly herd stop forking
check "which is gone when herd returns" gone "$pid"
check "a PID file that does not show up fails the start" \
  exits 1 quietly herd start no-pid-file
check "the log says so" logged \
  "PID file '.*never' did not show up; terminating process [0-9]+\\.\$"

started system
check "make-system-constructor runs the command" test -e system.out
check "make-system-destructor" quietly herd stop system
check "runs its command" fails test -e system.out
check "a command that fails fails the start" \
  exits 1 quietly herd start false
check "and is told" eventually logged 'Command "false" exited with 1\.$'
check "a command that is killed is, too" exits 1 quietly herd start killed
check "with the signal" eventually logged \
  'Command "kill -9 \$\$" terminated with signal 9\.$'

started stubborn
eventually logged ' ready$'
pid=$(pid_of stubborn)
herd eval root '(stop-service (lookup-service (quote talker)))' >/dev/null
herd eval root '(default-process-termination-grace-period 0.2)' >/dev/null
check "a process that ignores SIGTERM is killed" quietly herd stop stubborn
check "and gone" gone "$pid"
check "the log says so" logged \
  "Grace period of [0-9.]+ seconds is over; sending -?$pid SIGKILL\\.\$"

status=$(herd eval root '(spawn-command (list "sh" "-c" "exit 3"))' | tail -n 1)
check "spawn-command returns the status" equal 768 "$status"
status=$(herd eval root '(system* "sh" "-c" "exit 4")' | tail -n 1)
check "system* returns the status" equal 1024 "$status"
check "the daemon ends" stop_daemon
finish
