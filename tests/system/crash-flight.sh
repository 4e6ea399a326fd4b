# crash-flight.sh -- a crash before the logger knows of a new process
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/crash-lib.sh
. "${abs_top_srcdir:?}/tests/system/crash-lib.sh"

start_daemon <<END
(define (speaker name . rest)
  (service (list name)
    #:start (apply make-forkexec-constructor
                   (list "sh" "-c"
                         (string-append "echo hello, \$0; echo \$\$ > \$0.pid;"
                                        " read line < fifo")
                         (symbol->string name))
                   #:directory "$directory"
                   rest)
    #:stop (make-kill-destructor)))
(register-services
 (list (speaker 'filed #:log-file "$directory/filed.log")
       (speaker 'plain)))
END
process=$daemon
mkfifo fifo

held ()
{
  grep -q held hold.out
}

# is_recent NAME: its status shows what it said.
is_recent ()
{
  herd status "$1" | grep -q "hello, $1"
}

fault hold "$daemon" logger > hold.out &
holder=$!
eventually held || die "cannot hold the logger"
# They are shown with their recent messages, so this waits for the logger.
herd start filed > filed.out 2>&1 &
herd start plain > plain.out 2>&1 &
eventually test -s filed.pid || die "filed does not start"
eventually test -s plain.pid || die "plain does not start"
kill -SEGV "$daemon"
wait "$holder"
eventually thinks
check "what it says comes into its file" \
  eventually grep -q "hello, filed" filed.log
check "or after its name into the log" \
  eventually logged "sh\[$(cat plain.pid)\] hello, plain"
check "and nothing is said to be unknown" fails in_log '\[\?\]'
for name in filed plain
do
  check "$name: it is among the recent messages" eventually is_recent "$name"
done
check "the processes are the same" equal \
  "$(cat filed.pid plain.pid)" "$(pid_of filed; pid_of plain)"
check "the daemon ends as usual" stop_daemon
finish
