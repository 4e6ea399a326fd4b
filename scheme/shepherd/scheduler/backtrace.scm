;;; backtrace.scm --- Where fibers are, in words
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Apart, because it is needed only when something went wrong or somebody
;;; asks: the modules it uses are not loaded before.
;;;
;;; Depends on Guile alone.

(define-module (shepherd scheduler backtrace)
  #:use-module (system vm frame)
  #:use-module ((system vm program) #:select (primitive-code?
                                        source:file
                                        source:line-for-user
                                        source:column))
  #:export (own-frame?
            blocking-procedure
            stack->string
            continuation->string))

;; Address of an instruction -> (SOURCE . NAME).  Looking them up takes long, and
;; most fibers are in the same few places.
(define places (make-hash-table))
(define %most-places 1000)

(define (frame-place frame)
  "Return the source and the procedure's name of @var{frame}, either of which may
be @code{#f}, as a pair."
  (let ((address (frame-instruction-pointer frame)))
    (or (hashv-ref places address)
        (let ((place (cons (frame-source frame)
                           (frame-procedure-name frame))))
          (when (> (hash-count (const #t) places) %most-places)
            (hash-clear! places))
          (hashv-set! places address place)
          place))))

(define (frame-name frame)
  (cdr (frame-place frame)))

(define (frame->string frame)
  "Return a line about @var{frame}: where it is, and in which procedure."
  (let ((source (car (frame-place frame)))
        (name (frame-name frame)))
    (string-append
     (if source
         (string-append (or (source:file source) "<unknown>") ":"
                        (number->string (source:line-for-user source)) ":"
                        (number->string (source:column source)) ": ")
         "")
     (if name
         (simple-format #f (gettext "in ~a") name)
         (gettext "in an anonymous procedure")))))

;; Of no interest to the reader: how fibers are run, interrupted and looked at,
;; and how what is typed gets evaluated.
(define %own-files
  '("shepherd/scheduler/" "shepherd/preemption.scm" "shepherd/backtrace.scm"
    "shepherd/repl/"))

;; Frames of the evaluator say nothing about what it evaluates.
(define %evaluator "ice-9/eval.scm")

(define (frame-file frame)
  (let ((source (car (frame-place frame))))
    (and source (source:file source))))

;; Procedures without a file by which we got here.  An interruption may come
;; while Guile sees to what is to be done after a garbage collection.
(define %own-names '(#f make-stack apply-smob/0 %after-gc-thunk))

(define (own-frame? frame)
  "Return true if @var{frame} says nothing about what the fiber does."
  (let ((file (frame-file frame))
        (name (frame-name frame)))
    (cond (file
           (or (any-prefix? %own-files file)
               (and (eq? name 'with-exception-handler)
                    (string-prefix? "ice-9/boot-9" file))))
          ;; Such as code that was typed.
          ((frame-source frame) #f)
          (else (memq name %own-names)))))

(define (any-prefix? prefixes string)
  (and (pair? prefixes)
       (or (string-contains string (car prefixes))
           (any-prefix? (cdr prefixes) string))))

(define (evaluator-frame? frame)
  (let ((file (frame-file frame)))
    (and file (string-contains file %evaluator))))

(define* (stack->string stack #:key (limit 100))
  "Return a text about @var{stack}, a line for each frame, the innermost one
first and no more than @var{limit} of them.  Frames of the scheduler are left
out; those of the evaluator are taken together."
  (define length
    (if stack (stack-length stack) 0))

  ;; Where recursion had no end, all frames may be such.
  (define end
    (min length (* 20 limit)))

  (define (more i)
    (simple-format #f (gettext "... and ~a more\n")
                   (- length i)))

  (let loop ((i 0) (n 0) (evaluated? #f) (lines '()))
    (let ((frame (and (< i length) (stack-ref stack i))))
      (cond ((not frame)
             (string-concatenate-reverse lines))
            ((or (= n limit) (and (= i end) (< end length)))
             (string-concatenate-reverse (cons (more i) lines)))
            ((own-frame? frame)
             (loop (+ i 1) n evaluated? lines))
            ((evaluator-frame? frame)
             (loop (+ i 1) (if evaluated? n (+ n 1)) #t
                   (if evaluated?
                       lines
                       (cons* "\n" (gettext "in evaluated code")
                              lines))))
            (else
             (loop (+ i 1) (+ n 1) #f
                   (cons* "\n" (frame->string frame) lines)))))))

(define (continuation->string continuation)
  "Return a text about the stack in @var{continuation}, that of a suspended
fiber."
  (stack->string (make-stack continuation)))

(define (blocking-procedure tag)
  "Return the name of the innermost primitive between here and the prompt
@var{tag}, or words for it."
  ;; The first frame is that of make-stack itself.
  (let* ((stack (make-stack #t 1 tag))
         (length (if stack (stack-length stack) 0)))
    (let loop ((i 0))
      (if (< i length)
          (let ((frame (stack-ref stack i)))
            (or (and (primitive-code? (frame-instruction-pointer frame))
                     (not (memq (frame-name frame) %own-names))
                     (frame-name frame))
                (loop (+ i 1))))
          (gettext "a procedure")))))
