;;; repl-test.scm -- output for clients of the REPL, and their sessions.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 textual-ports)
             (rnrs bytevectors)
             (srfi srfi-1)
             (srfi srfi-64)
             (shepherd output)
             (shepherd repl outlet)
             (shepherd repl session)
             (shepherd scheduler)
             (tests virtual-time))

(test-begin "repl")


;;; Outlets.

(define (take outlet)
  "Return the text that OUTLET has, as if it had been sent."
  (string-concatenate
   (map (lambda (bytes)
          (note-sent! outlet (bytevector-length bytes))
          (utf8->string bytes))
        (take-output! outlet))))

(define-syntax-rule (printing outlet exp ...)
  (parameterize ((current-output-port (outlet-port outlet)))
    exp ...))

(test-equal "an outlet has what was written to it, in order"
  '("aé1(x)\n" "later" "")
  (in-fibers
   (let* ((outlet (make-outlet))
          (port (outlet-port outlet)))
     (display "aé" port)
     (write 1 port)
     (put-string port "(x)")
     (newline port)
     (let ((first (take outlet)))
       (display "later" port)
       (let ((second (take outlet)))
         (list first second (take outlet)))))))

(test-equal "much output stays in order"
  #t
  (in-fibers
   (let* ((outlet (make-outlet))
          (text (string-join (map number->string (iota 20000)) " ")))
     (display text (outlet-port outlet))
     (string=? text (take outlet)))))

(test-equal "its news come when there is something to take, or it has ended"
  '(1 2 3)
  (in-fibers
   (let ((outlet (make-outlet)))
     (define (await)
       (perform-operation (outlet-news-operation outlet))
       (take outlet)
       (virtual-time))
     (spawn-fiber (lambda ()
                    (fiber-sleep 1)
                    (display "a" (outlet-port outlet))
                    (fiber-sleep 1)
                    (display "b" (outlet-port outlet))
                    (fiber-sleep 1)
                    (end-outlet! outlet)))
     (let* ((first (await)) (second (await)) (third (await)))
       (list first second third)))))

(test-equal "who is far ahead waits when it is preempted, until there is room"
  '(("written" . 0) ("sent" . 5) ("went on" . 5))
  (in-fibers
   (let ((outlet (make-outlet))
         (log '()))
     (define (note what)
       (set! log (acons what (virtual-time) log)))
     (spawn-fiber (lambda ()
                    (printing outlet
                      (display (make-string 100000 #\x))
                      (note "written")
                      (preempt-current-fiber!)
                      (note "went on"))))
     (fiber-sleep 5)
     (note "sent")
     (take outlet)
     (fiber-sleep 1)
     (reverse log))))

(test-equal "who is a little ahead does not wait, nor who writes for another"
  '(0 0)
  (in-fibers
   (let ((outlet (make-outlet))
         (log '()))
     (define (go-on)
       (preempt-current-fiber!)
       (set! log (cons (virtual-time) log)))
     (spawn-fiber (lambda ()
                    (printing outlet
                      (display (make-string 1000 #\x))
                      (go-on))))
     (spawn-fiber (lambda ()
                    (display (make-string 100000 #\x) (outlet-port outlet))
                    (go-on)))
     (fiber-sleep 5)
     log)))

(test-equal "nobody waits for an outlet that was closed"
  '(3)
  (in-fibers
   (let ((outlet (make-outlet))
         (log '()))
     (spawn-fiber (lambda ()
                    (printing outlet
                      (display (make-string 100000 #\x))
                      (preempt-current-fiber!)
                      (set! log (cons (virtual-time) log))
                      (display (make-string 100000 #\x))
                      (preempt-current-fiber!))))
     (fiber-sleep 3)
     (close-outlet! outlet)
     (fiber-sleep 1)
     log)))

(test-equal "what is too far ahead is dropped, and counted"
  '(#t 17000000 "and on")
  (in-fibers
   (let* ((outlet (make-outlet))
          (port (outlet-port outlet)))
     ;; In the pieces that Guile makes.
     (for-each (lambda (i)
                 (display (make-string 10000 #\x) port))
               (iota 1700))
     (let ((length (string-length (take outlet)))
           (note (string-tokenize (take outlet) char-set:digit)))
       (display "and on" port)
       (list (< 16770000 length 16777217)
             (+ length (string->number (car note)))
             (take outlet))))))

(test-equal "an outlet is over once it has ended and all was sent"
  '(#f #f #f #t)
  (in-fibers
   (let* ((outlet (make-outlet))
          (before (outlet-over? outlet)))
     (display "last words" (outlet-port outlet))
     (end-outlet! outlet)
     (display "too late" (outlet-port outlet))
     (let* ((ended (outlet-over? outlet))
            (output (take-output! outlet))
            (taken (outlet-over? outlet)))
       (note-sent! outlet (string-length "last words"))
       (list before ended taken (outlet-over? outlet))))))

(test-equal "an exception while a port is written to leaves it as it was"
  "xyz"
  (let* ((text "")
         (fails? #f)
         (port (make-sink "test"
                          (lambda (bytes start count)
                            (let ((copy (make-bytevector count)))
                              (bytevector-copy! bytes start copy 0 count)
                              (set! text (string-append text
                                                        (utf8->string copy))))
                            (when fails?
                              (throw 'failed))))))
    (display "x" port)
    (set! fails? #t)
    (catch 'failed
      (lambda ()
        (display "y" port))
      (const #f))
    (set! fails? #f)
    (display "z" port)
    text))


;;; Sessions.

(define (session . lines)
  "Return what somebody who types LINES gets to see, but for the greeting."
  (call-with-output-string
    (lambda (output)
      (in-fibers
       (parameterize ((current-input-port
                       (open-input-string (string-join lines "\n" 'suffix)))
                      (current-output-port (%make-void-port "w")))
         (parameterize ((current-output-port output)
                        (current-error-port output)
                        (current-warning-port output))
           (run-session)))))))

(define (last-lines count text)
  (let ((lines (delete "" (string-split text #\newline))))
    (take-right lines (min count (length lines)))))

(test-equal "errors do not end a session"
  '("In procedure car: Wrong type argument in position 1 (expecting pair): 1"
    "after")
  (last-lines 2 (session "(car 1)" "(display \"after\\n\")")))

(test-equal "quitting does"
  '("before")
  (last-lines 1 (session "(display \"before\\n\")" ",q"
                         "(display \"after\\n\")")))

(test-equal "only the latest 100 values are kept"
  '("#f" "#t" "#t")
  (let ((text (apply session
                     (append (make-list 250 "(list 'value)")
                             '("(define latest (length (module-map (const #t) (resolve-module '(value-history)))))"
                               "(begin (write (= latest 250)) (newline))"
                               "(begin (write (= latest 100)) (newline))"
                               "(begin (write (<= 100 latest 101)) (newline))")))))
    (last-lines 3 text)))

(test-equal "with the last session go all values"
  '()
  (module-map (lambda (name variable) name)
              (resolve-module '(value-history))))

(test-equal "an exception whose printer fails is an error like others"
  '("Error while printing exception." "after")
  (last-lines 2 (session "(set-exception-printer! 'failing (lambda _ (car 1)))"
                         "(throw 'failing)"
                         "(display \"after\\n\")")))

(test-equal "the frames of an error are those that were typed"
  '("      3:6  2 (_)" "     2:20  1 (g _)" "     1:19  0 (f 1)")
  (filter (lambda (line)
            (string-prefix? "  " line))
          (string-split (session "(define (f x) (+ 1 (car x)))"
                                 "(define (g x) (list (f x)))"
                                 "(list (g 1))")
                        #\newline)))

(test-equal "who handles errors in other ways gets what Guile gives"
  '("#<unspecified>" "(handled misc-error)" "quit" "5")
  (last-lines
   4
   (session
    "(use-modules (system repl error-handling))"
    "(define (try . args) (apply call-with-error-handling args))"
    "(begin (write (try (lambda () (error \"x\")) #:on-error 'pass)) (newline))"
    "(begin (write (try (lambda () (error \"x\")) #:on-error 'pass #:post-error (lambda (key . args) (list 'handled key)))) (newline))"
    "(begin (write (catch 'quit (lambda () (try (lambda () (throw 'quit)))) (lambda (key) key))) (newline))"
    "(begin (write (try (lambda () 5))) (newline))")))

(test-end "repl")
