;;; herd-exception-test.scm -- herd shows exceptions as Guile does

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; Exceptions are raised here, serialised as on the wire, and handed to
;; describe-exceptions, which has herd's code; Guile shows the same data.

(use-modules (srfi srfi-1)
             (srfi srfi-64)
             (ice-9 match)
             (ice-9 popen))

(define program
  (string-append (getenv "abs_top_builddir") "/tests/describe-exceptions"))

(define (serialize value)
  "Return VALUE as a reply would contain it."
  (match value
    ((or (? boolean?) (? number?) (? symbol?) (? string?) (? keyword?) ())
     value)
    ((head . tail)
     (cons (serialize head) (serialize tail)))
    (_ (object->string value))))

(define (caught thunk)
  "Call THUNK and return the serialised (KEY ARGS) of what it raises."
  (catch #t
    (lambda ()
      (thunk)
      (error "nothing was raised"))
    (lambda (key . args)
      (list key (serialize args)))))

(define (guile-shows key args)
  (call-with-output-string
    (lambda (port)
      (print-exception port #f key args))))

(define (herd-shows exceptions)
  "Return what herd shows for each of EXCEPTIONS."
  (let* ((name "exceptions")
         (port (open-output-file name)))
    (set-port-encoding! port "UTF-8")
    (write exceptions port)
    (close-port port)
    (let* ((pipe (open-input-pipe (string-append "'" program "' < " name)))
           (strings (begin
                      (set-port-encoding! pipe "UTF-8")
                      (read pipe))))
      (close-pipe pipe)
      strings)))

(define-syntax-rule (raised exp ...)
  (list (caught (lambda () exp)) ...))

(define (eval-string* string)
  (eval (call-with-input-string string read) (current-module)))

(define real
  (raised (error "message" 1 "two" 'three)
          (error 'symbol "first" "x")
          (error "with ~ tilde")
          (scm-error 'misc-error "subr" "~A ~S~%~~" '("a" "b") #f)
          (car 1)
          (vector-ref #(1 2) 5)
          (string-ref "abc" -1)
          (list-tail '(1) 5)
          (eval-string* "undefined-variable")
          (eval-string* "(define x y z)")
          (eval-string* "(let ((x)) x)")
          (eval-string* "(let loop)")
          (eval-string* "(if)")
          (eval-string* "(lambda (x x) x)")
          ((lambda (x) x))
          ((lambda* (#:key a) a) #:b 1)
          ((lambda* (#:key a) a) #:a)
          ((lambda* (#:key a) a) 1 2)
          ("not a procedure" 1)
          (/ 1 0)
          (mkdir "/nonexistent/directory")
          (open-file "/nonexistent" "r")
          (getpwnam "no-such-user")
          (kill 1 "x")
          (exit 3)
          (quit)
          (throw 'oops 1 "two" 'three)
          (throw 'oops)
          (match 1 (2 3))
          (call-with-input-string ")" read)
          (call-with-input-string "(a" read)
          (string->symbol 'a)
          (symbol->string "a\nb")
          (make-vector -1)
          (integer->char #xd800)
          (resolve-interface '(no such module))
          (getaddrinfo "127.0.0.1" "x" AI_NUMERICHOST)
          (raise-exception 'symbol)
          (raise-exception (list 1 2))
          (throw 'é "é" '#{a b}# #:k 1.5 'a.b)))

(define made
  '((misc-error (#f "no arguments" #f #f))
    (misc-error (#f "~a" (#t) more and more))
    (misc-error ())
    (misc-error (#f "too short"))
    (unbound-variable ("f" "Unbound variable: ~S" (foo) #f))
    (keyword-argument-error ("x" "Unrecognized keyword" () (#:foo)))
    (keyword-argument-error ("x" "Invalid keyword" () ("foo")))
    (syntax-error (who "what" ((line . 1) (column . 2) (filename . "f.scm"))
                       (form 1 2) sub))
    (syntax-error (who "what" ((filename . #f) (line . 0) (column . 0))
                       (form) #f))
    (syntax-error (#f "what" #f (form) #f))
    (syntax-error (#f "what" #f #f #f))
    (syntax-error (#f "what" ((column . 0)) #f #f))
    (syntax-error (a "b"))
    (getaddrinfo-error (-2))
    (goops-error (#f "No applicable method for ~S in call ~S" (a b) ()))
    (host-not-found ("gethost" "Unknown host" () (1)))
    (no-data ("a" "b" ()))
    (no-recovery ("a" "b" ()))
    (null-pointer-error ("a" "b" () ()))
    (out-of-memory (#f "Out of memory" #f #f))
    (program-error ("a" "b" ()))
    (read-error (#f "f.scm:1:2: unexpected" () #f))
    (regular-expression-syntax ("make-regexp" "bad" () #f))
    (signal (#f "Segmentation fault" () (11)))
    (stack-overflow (#f "Stack overflow" #f #f))
    (try-again ("a" "b" ()))
    (numerical-overflow ("divide" "Numerical overflow" #f #f))
    (quit ())
    (srfi-34 ("#<condition>"))
    (%exception ("#<&error>"))
    (user-interrupt ())))

(test-begin "herd-exception")

(let ((exceptions (append real made)))
  (for-each
   (lambda (exception shown)
     (match exception
       ((key args)
        (test-equal (object->string exception)
          (string-trim-right (guile-shows key args) #\newline)
          (string-trim-right shown #\newline)))))
   exceptions (herd-shows exceptions)))

;; Guile gives up on these; herd shows the key and the arguments.
(let ((exceptions '((misc-error (#f "~a lacks ~a" ("one")))
                    (misc-error (#f "one too many" (1)))
                    (misc-error (#f "unknown ~q" (1)))
                    (misc-error (#f "ends in ~" (1)))
                    (misc-error (#f 12 ()))
                    (misc-error (#f "~a" "x"))
                    (keyword-argument-error ("x"))
                    (getaddrinfo-error ("x")))))
  (for-each
   (lambda (exception shown)
     (match exception
       ((key args)
        (test-equal (string-append "not as expected: "
                                   (object->string exception))
          (string-append "Throw to key `" (symbol->string key)
                         "' with args `" (object->string args) "'.")
          shown))))
   exceptions (herd-shows exceptions)))

(test-end)
