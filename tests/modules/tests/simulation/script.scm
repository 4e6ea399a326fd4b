;;; (tests simulation script) -- what is done to the services, and when.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A step is plain data: (NUMBER NS WHAT ARGUMENT ...).  WHAT is one of
;;;
;;;   (command ACTION NAME ARGUMENT ...)  a client's command
;;;   (register PLAN ...)           as a configuration does
;;;   (register-again NAME)         the object that is registered already
;;;   (unregister NAME ...)         by the procedure
;;;   (background NAME ...)         start-in-the-background
;;;   (start NAME) (stop NAME)      by the procedures
;;;   (kill N)                      the Nth of the living processes, from outside
;;;   (crash N)                     of the interpreter, after N more resumptions

(define-module (tests simulation script)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (tests simulation chance)
  #:use-module (tests simulation population)
  #:export (make-script
            script-end))

(define (plans chance number names)
  (map (lambda (name i)
         (plan-service chance (+ (* 100 number) i) name))
       names
       (iota (length names))))

(define (some-names chance)
  (filter (lambda (name)
            (odds? chance 1 2))
          %names))

(define (any-name chance)
  (one-of chance (append %names %names %names '(x y missing))))

(define (random-act chance number)
  (define (name)
    (any-name chance))

  (chance-case chance
    (12 `(command start ,(name)))
    (9 `(command stop ,(name)))
    (6 `(command restart ,(name)))
    (3 `(command enable ,(name)))
    (3 `(command disable ,(name)))
    (2 `(command doc ,(name)))
    (6 `(register ,@(plans chance number (list (one-of chance %names)))))
    (2 `(register ,@(plans chance number (some-names chance))))
    (2 `(register-again ,(name)))
    (3 `(command unload root ,(symbol->string (name))))
    (1 `(command unload root "all"))
    (2 `(unregister ,@(delete-duplicates (list (name) (name)))))
    (2 `(background ,@(some-names chance)))
    (2 `(start ,(name)))
    (2 `(stop ,(name)))
    (8 `(kill ,(below chance 100)))
    (2 `(crash ,(one-of chance (list 0 (below chance 20) (below chance 400)))))
    (1 `(command stop root))))

(define %most-steps 40)

(define (make-script seed)
  "Return the steps of simulation SEED, in the order of their times."
  (let* ((chance (make-chance seed 'script))
         (count (between chance 3 %most-steps))
         (pace (one-of chance (list 1 20 200 1500))))
    (let loop ((number 1) (time 0) (steps (list (first-step seed))))
      (if (> number count)
          (reverse steps)
          (let ((time (+ time (if (odds? chance 1 3)
                                  0
                                  (below chance (milliseconds pace))))))
            (loop (+ number 1)
                  time
                  (cons (cons* number time
                               (random-act (make-chance seed 'step number)
                                           number))
                        steps)))))))

(define (first-step seed)
  (let ((chance (make-chance seed 'step 0)))
    (cons* 0 0 'register (plans chance 0 %names))))

(define (script-end script)
  "Return the time of the last of the steps of SCRIPT."
  (match (last script)
    ((number time . _) time)))
