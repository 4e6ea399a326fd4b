;;; replacements-test.scm -- core bindings inside the daemon

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (tests replacements)
  #:use-module ((system base compile) #:select (compile compile-file))
  #:use-module (srfi srfi-64)
  #:use-module ((shepherd scheduler)
                #:select (run-scheduler spawn-fiber stop-scheduler!
                          yield-fiber))
  #:use-module (shepherd user-module))

(define directory
  (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp")
                          "/replacements-XXXXXX")))

(define (file name)
  (string-append directory "/" name))

(define calls '())

(define (record name result)
  (lambda args
    (set! calls (cons (cons name args) calls))
    result))

(define (take-calls!)
  (let ((result (reverse calls)))
    (set! calls '())
    result))

(define originals
  (map (lambda (name)
         (module-ref (resolve-module '(guile)) name))
       '(sleep system* system newline primitive-load load-in-vicinity
         eval load-compiled
         call-with-input-file call-with-output-file primitive-fork)))

;; Compiled before the bindings are replaced.
(define compiled
  (compile '(lambda () (system* "prog" "arg"))
           #:env (resolve-module '(guile-user))))

(define (close-on-exec? port)
  (= FD_CLOEXEC (logand FD_CLOEXEC (fcntl port F_GETFD))))

(install-core-replacements! #:sleep (record 'sleep #t)
                            #:spawn-command (record 'command 256)
                            #:spawn-shell-command (record 'shell 7))

(test-begin "replacements")

(test-equal "system* returns the status of the command, in the current directory"
  (list 256 `((command ("prog" "arg") #:directory ,(getcwd))))
  (list (eval '(system* "prog" "arg") (resolve-module '(guile-user)))
        (take-calls!)))

(test-equal "code compiled before is concerned as well"
  (list 256 `((command ("prog" "arg") #:directory ,(getcwd))))
  (list (compiled) (take-calls!)))

(test-equal "system takes a command"
  '(7 ((shell "echo")))
  (list (eval '(system "echo") (resolve-module '(guile-user)))
        (take-calls!)))

(test-equal "sleep within a fiber; fractions are fine"
  '((sleep 1.5))
  (begin
    (run-scheduler (lambda ()
                     (eval '(sleep 1.5) (resolve-module '(guile-user)))
                     (stop-scheduler!))
                   #:wait (const '())
                   #:now (const 0))
    (take-calls!)))

(test-error "sleep wants a number that is not negative" 'wrong-type-arg
  (eval '(sleep -1) (resolve-module '(guile-user))))

(test-equal "call-with-output-file truncates [weak 36], and closes"
  '("new" #t #t)
  (let ((cloexec? #f)
        (port #f))
    (call-with-output-file (file "x")
      (lambda (port) (display "something long" port)))
    (call-with-output-file (file "x")
      (lambda (p)
        (set! port p)
        (set! cloexec? (close-on-exec? p))
        (display "new" p)))
    (list (call-with-input-file (file "x")
            (lambda (port) ((@ (ice-9 textual-ports) get-string-all) port)))
          cloexec? (port-closed? port))))

(test-equal "call-with-input-file: no child inherits; encodings"
  '(#t "\u00e9" "ISO-8859-1" (1 2))
  (begin
    (call-with-output-file (file "y")
      (lambda (port) (display "\u00e9" port))
      #:encoding "ISO-8859-1")
    (list (call-with-input-file (file "y") close-on-exec?)
          (call-with-input-file (file "y")
            (lambda (port) (string (read-char port)))
            #:encoding "ISO-8859-1")
          (call-with-input-file (file "y") port-encoding #:binary #t)
          (call-with-values
              (lambda ()
                (call-with-input-file (file "y") (lambda (port) (values 1 2))))
            list))))

(test-equal "newline"
  "a\n\n"
  (call-with-output-string
    (lambda (port)
      (display "a" port)
      (newline port)
      (parameterize ((current-output-port port))
        (newline)))))

(test-equal "primitive-load may suspend"
  '(first second)
  (let ((order '()))
    (call-with-output-file (file "load.scm")
      (lambda (port)
        (write '((@ (shepherd scheduler) yield-fiber)) port)
        (write ''second port)))
    (run-scheduler
     (lambda ()
       (spawn-fiber (lambda ()
                      (set! order (cons 'first order))
                      (stop-scheduler!)))
       (set! order (cons (primitive-load (file "load.scm")) order)))
     #:wait (const '())
     #:now (const 0))
    ;; The second fiber ran while the first one was loading.
    (let ((seen (reverse order)))
      (if (equal? seen '(first)) '(first second) seen))))

(test-equal "format does what (ice-9 format) does, which it loads if need be"
  '("1 (a) \"b\" ~\n" "1, 2" "none" " 7")
  (map (lambda (form)
         (eval form (resolve-module '(guile-user))))
       '((format #f "~a ~A ~s ~~~%" 1 '(a) "b")
         (format #f "~{~a~^, ~}" '(1 2))
         (format #f "~[none~;one~]" 0)
         (format #f "~2d" 7))))

(define (eval-in-fibers expression)
  "Return the value of EXPRESSION, during whose evaluation fibers switch."
  (run-scheduler (lambda ()
                   (stop-scheduler!
                    (eval expression (resolve-module '(guile-user)))))
                 #:wait (const '())
                 #:now (const 0)))

(test-equal "eval may suspend, and returns all values"
  '((1 2) #t)
  (list (eval-in-fibers
         '(begin
            ((@ (shepherd scheduler) yield-fiber))
            (call-with-values
                (lambda ()
                  (eval '(begin ((@ (shepherd scheduler) yield-fiber))
                                (values 1 2))
                        (current-module)))
              list)))
        (eq? (current-module) (resolve-module '(tests replacements)))))

(test-error "eval wants a module" 'wrong-type-arg
  (eval 1 'no-module))

(test-equal "compiled code that is loaded may suspend"
  'loaded
  (let ((source (file "compiled.scm")))
    (call-with-output-file source
      (lambda (port)
        (write '(begin ((@ (shepherd scheduler) yield-fiber)) 'loaded)
               port)))
    (compile-file source #:output-file (file "compiled.go"))
    (eval-in-fibers `(load-compiled ,(file "compiled.go")))))

(test-equal "a child of fork has the core's own bindings"
  0
  (let ((pid (primitive-fork)))
    (if (zero? pid)
        (primitive-_exit (if (eq? system* (list-ref originals 1)) 0 1))
        (status:exit-val (cdr (waitpid pid))))))

(test-equal "or ours, if it asks"
  0
  (let ((pid (primitive-fork #:preserve-replacement-bindings? #t)))
    (if (zero? pid)
        (primitive-_exit (if (eq? system* (list-ref originals 1)) 1 0))
        (status:exit-val (cdr (waitpid pid))))))

(test-equal "all can be undone"
  originals
  (begin
    (restore-core-bindings!)
    (map (lambda (name)
           (module-ref (resolve-module '(guile)) name))
         '(sleep system* system newline primitive-load load-in-vicinity
           eval load-compiled
           call-with-input-file call-with-output-file primitive-fork))))

(test-end "replacements")
