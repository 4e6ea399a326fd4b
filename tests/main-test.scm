;;; main-test.scm -- the programs, called from Scheme

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 match)
             (ice-9 popen)
             (ice-9 textual-ports)
             (srfi srfi-64)
             ((shepherd config) #:select (%bindir))
             ((shepherd scheduler) #:select (run-scheduler stop-scheduler!)))

(define build (getenv "abs_top_builddir"))

(define (result module directory . arguments)
  "Return what another guile prints when it calls `main' of MODULE, whose programs
are in DIRECTORY, and its exit status."
  (let* ((expression
          `(begin
             (display "this, then ")
             (parameterize (((@@ (shepherd scripts program) program-directory)
                             ,directory))
               ((@ ,module main) ,@arguments))
             (display "not reached")))
         (port (open-pipe* OPEN_READ "sh" "-c" "exec \"$@\" 2>&1" "sh"
                           (or (getenv "GUILE") "guile") "-c"
                           (object->string expression)))
         (output (get-string-all port)))
    (list output (status:exit-val (close-pipe port)))))

(test-begin "main")

(for-each
 (match-lambda
   ((module name)
    (test-equal (simple-format #f "~s is the program ~a" module name)
      (list (string-append "this, then " name " (") 0)
      (match (result module build "--version")
        ((output status)
         (list (string-take output (+ 13 (string-length name)))
               status))))))
 '(((shepherd) "shepherd")
   ((shepherd scripts herd) "herd")
   ((shepherd scripts halt) "halt")
   ((shepherd scripts reboot) "reboot")))

(test-equal "arguments and exit status are the program's"
  '("this, then herd: error: /no/socket: No such file or directory
herd: hint: No shepherd listens there.  Start one, or name the socket of \
another with '--socket'.\n" 1)
  (result '(shepherd scripts herd) build "-s" "/no/socket" "status"))

(test-equal "a program that is missing"
  '("this, then herd: error: cannot run /nowhere/herd: \
No such file or directory\n" 1)
  (result '(shepherd scripts herd) "/nowhere" "status"))

(test-equal "the daemon does not become another program"
  (list "this would replace shepherd itself by ~a; use spawn-command"
        (string-append %bindir "/herd"))
  (run-scheduler
   (lambda ()
     (stop-scheduler!
      (catch 'misc-error
        (lambda ()
          ((@ (shepherd scripts herd) main) "--version"))
        (lambda (key subr message arguments . _)
          (cons message arguments)))))
   #:wait (const '())
   #:now (const 0)))

(test-end "main")
