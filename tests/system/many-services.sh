# many-services.sh -- thousands of services, hundreds of logs, a crowd of clients
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

client=${abs_top_builddir:?}/tests/system/client
deadline=120
# shellcheck disable=SC3045  # dash and bash have it
ulimit -S -n 4096

{
  cat <<'END'
(define (names prefix count)
  (map (lambda (n)
         (string->symbol (string-append prefix (number->string n))))
       (iota count 1)))
(define (all name requirement)
  (service (list name) #:requirement requirement
           #:start (const #t) #:stop (const #f)))
;; Processes.
(register-services
 (map (lambda (name)
        (service (list name)
          #:start (make-forkexec-constructor '("sleep" "1000000"))
          #:stop (make-kill-destructor)))
      (names "s" 1000)))
(register-services (list (all 'processes (names "s" 1000))))
;; A chain.
(let loop ((names (cons 'chain (names "c" 1000))))
  (when (pair? names)
    (register-services (list (all (car names)
                                  (if (null? (cdr names))
                                      '()
                                      (list (cadr names))))))
    (loop (cdr names))))
;; Those that log.
(mkdir "logs")
(register-services
 (map (lambda (name)
        (let ((name* (symbol->string name)))
          (service (list name)
            #:start (make-forkexec-constructor
                     (list "sh" "-c" (string-append "
i=0
while test $i -lt 200; do i=$((i + 1)); echo " name* " $i; done
exec sleep 1000000"))
                     #:log-file (string-append (getcwd) "/logs/" name*))
            #:stop (make-kill-destructor))))
      (names "l" 500)))
(register-services (list (all 'logging (names "l" 500))))
(register-services (list (service '(hub) #:start (const #t)
                                  #:stop (const #f))))
(register-services (list (all 'fan (names "fan-out-" 10000))))
END
  # A configuration of more than 2 MB.
  awk 'BEGIN {
    for (i = 1; i <= 10000; i++) {
      printf "(register-services\n"
      printf " (list (service (quote (fan-out-%d))\n", i
      printf "         #:documentation \"One of ten thousand services that all require the same one.\"\n"
      printf "         #:requirement (quote (hub))\n"
      printf "         #:start (const #t)\n         #:stop (const #f))))\n"
    } }'
} > many.scm
check "the configuration has 2 MB" test "$(wc -c < many.scm)" -gt 2000000
start_daemon < many.scm

children ()
{
  cat "/proc/$daemon"/task/*/children | wc -w
}
# states MARK: how many services herd lists with it.
states ()
{
  herd status | grep -c "^ $1 "
}

check "a thousand processes start together" \
  equal "Service processes has been started." \
  "$(herd start processes | tail -n 1)"
check "each is there" equal 1000 "$(children)"
check "each is listed as running" equal 1002 "$(states +)"
check "a killed one is noticed among them" kill -KILL "$(pid_of s500)"
check "it is stopped" eventually is_stopped s500
herd start s500 >/dev/null
check "and started again" is_running s500

check "a chain of a thousand starts" equal "Service chain has been started." \
  "$(herd start chain | tail -n 1)"
check "all of it" equal 2003 "$(states +)"
check "and stops from its end" eval 'herd stop c1000 >/dev/null'
check "all of it, too" equal 1002 "$(states +)"

check "a fan of ten thousand starts" equal "Service fan has been started." \
  "$(herd start fan | tail -n 1)"
check "all of them" equal 11004 "$(states +)"
check "and stops with the one that all require" eval 'herd stop hub >/dev/null'
check "all of them, too" equal 1002 "$(states +)"

# answers_to ACTION SERVICE NUMBER: how many there are to so many commands at once.
answers_to ()
{
  echo "(shepherd-command (version 0) (action $1) (service $2)" \
    '(arguments ()) (directory "/"))' | "$client" crowd "$socket" "$3" \
    | grep -o '(reply (version 0) (result (' | wc -l
}
check "a thousand clients at once are answered from the core" equal 1000 \
  "$(answers_to status s1 1000)"
check "and by the interpreter" equal 1000 \
  "$(answers_to doc s1 1000)"

herd start logging >/dev/null
logs_complete ()
{
  test "$(cat logs/* | wc -l)" -ge 100000
}
check "five hundred services log at once" eventually logs_complete
check "no line is lost, doubled or elsewhere" equal 100000 \
  "$(for file in logs/*
     do
       name=${file#logs/}
       sed "s/^.* $name /$name /" "$file"
     done | grep -E '^l[0-9]+ [0-9]+$' | sort -u | wc -l)"

check "the daemon stops them all, and ends" stop_daemon
check "each was stopped" test "$(grep -c 'Service [sl][0-9]* stopped\.$' "$log")" \
  -ge 1500
finish
