# scheme-client.sh -- clients and servers that others write in Scheme
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

guile ()
{
  "${GUILE:-guile}" --no-auto-compile "$@"
}

start_daemon <<'END'
(register-services
 (list (service '(base) #:start (const #t))
       (service '(top summit)
         #:requirement '(base)
         #:start (lambda arguments arguments)
         #:actions (list (action 'add (lambda (running . numbers)
                                        (display "Adding.\n")
                                        (apply + numbers)))
                         (action 'throw (lambda _
                                          (throw 'oops 1 "two")))))))
END

# By (shepherd comm).
cat > client.scm <<'END'
(use-modules (ice-9 match) (shepherd comm) (shepherd support))

(define (ask action service . arguments)
  (let ((socket (open-connection (getenv "SOCKET"))))
    (write-command (shepherd-command action service #:arguments arguments)
                   socket)
    (let ((reply (read-reply socket)))
      (close-port socket)
      reply)))

(define (show reply)
  (match reply
    (#f
     (display-line "no reply"))
    (($ <command-reply> _ result error messages)
     (for-each display-line messages)
     (report-command-error error)
     (unless error
       (write (match result
                (('service . _)
                 `(service ,(property result 'provides)
                           ,(property result 'status)
                           ,(property result 'running)))
                (_ result)))
       (newline)))))

(define (property service name)
  (match service
    (('service ('version 0 _ ...) properties ...)
     (car (assq-ref properties name)))))

(define (names result)
  (match result
    ((services)
     (map (lambda (service)
            (car (property service 'provides)))
          services))))

(program-name "client")
(buffering (current-output-port) 'none)
(write (sort (names (command-reply-result (ask 'status 'root)))
             (lambda (a b)
               (string<? (symbol->string a) (symbol->string b)))))
(newline)
(show (ask 'start 'summit "x" 'y '(1 2.5)))
(show (ask 'start 'top))
(show (ask 'add 'top 1 2 39))
(show (ask 'stop 'base))
(show (ask 'start 'nothing))
(show (ask 'jump 'top))
(show (ask 'throw 'top))
(show (ask 'eval 'root "(list 1 car)"))
(show (ask 'stop 'root))
(show (catch 'system-error
        (lambda ()
          (ask 'status 'root))
        (lambda (key . arguments)
          (print-exception (current-error-port) #f key arguments)
          #f)))
END
SOCKET=$socket guile client.scm > result 2>&1
cat > expected <<END
(base root top)
Service base has been started.
Service top has been started.
(service (top summit) running ("x" y (1 2.5)))
Service top is already running.
(service (top summit) running ("x" y (1 2.5)))
Adding.
(42)
(base top)
client: error: service 'nothing' could not be found
client: error: service 'top' does not have an action 'jump'
client: hint: Run 'herd doc top list-actions' to list supported actions.
client: error: exception caught while executing 'throw' on service 'top':
Throw to key \`oops' with args \`(1 "two")'.
Evaluating user expression (list 1 car).
((1 "#<procedure car (_)>"))
no reply
In procedure connect: $socket: No such file or directory
no reply
END
check "a client in Scheme" diff expected result
check "with which the daemon ends" wait_for_daemon

# By nothing but Guile itself: what is written and read are data.
start_daemon <<'END'
(register-services (list (service '(one) #:start (const 'value))))
END
cat > plain.scm <<'END'
(use-modules (ice-9 match))
(define (ask action service)
  (let ((port (socket PF_UNIX SOCK_STREAM 0)))
    (connect port AF_UNIX (getenv "SOCKET"))
    (setvbuf port 'block 1024)
    (write `(shepherd-command (version 0)
                              (action ,action)
                              (service ,service)
                              (arguments ())
                              (directory ,(getcwd)))
           port)
    (force-output port)
    (let ((reply (read port)))
      (close-port port)
      reply)))
(match (ask 'start 'one)
  (('reply ('version 0 x ...) ('result service) ('error #f)
           ('messages messages))
   (match service
     (('service ('version 0 _ ...) (properties values) ...)
      (write (list messages (assq-ref (map cons properties values) 'running)))
      (newline)))))
END
SOCKET=$socket guile plain.scm > result 2>&1
check "a client that knows the protocol alone" \
  equal '(("Service one has been started.") value)' "$(cat result)"
check "the daemon ends" stop_daemon

# A server in Scheme, which herd takes for the daemon.
cat > server.scm <<'END'
(use-modules (ice-9 match) (shepherd comm))
(define server (open-server-socket (getenv "SOCKET")))
(define (next-client)
  (select (list server) '() '())
  (match (accept server)
    ((client . _) client)))
(let loop ()
  (let* ((client (next-client))
         (command (read-command client)))
    (match command
      (#f #t)
      (($ <shepherd-command> version action service arguments directory)
       (write-reply
        (command-reply command (list (list service arguments car)) #f
                       (list (symbol->string action) directory))
        client)))
    (close-port client)
    (unless (and command (eq? 'end (shepherd-command-action command)))
      (loop))))
END
SOCKET=$socket guile server.scm > server.out 2>&1 &
server=$!
eventually test -S "$socket"
check "herd talks to a server in Scheme" equal "act
$directory" "$(herd act thing a b)"
check "what is no command has no answer" equal "" \
  "$(printf '(hello (#1:9999999999(a)))' \
    | "${abs_top_builddir:?}/tests/system/client" raw "$socket")"
check "and does no harm" exits 0 quietly herd end thing
check "the server ends" wait "$server"
finish
