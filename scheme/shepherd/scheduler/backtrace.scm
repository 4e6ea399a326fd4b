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
  #:export (blocking-procedure
            stack->string
            continuation->string))

(define (frame->string frame)
  "Return a line about @var{frame}: where it is, and in which procedure."
  (let ((source (frame-source frame))
        (name (frame-procedure-name frame)))
    (string-append
     (if source
         (string-append (or (source:file source) "<unknown>") ":"
                        (number->string (source:line-for-user source)) ":"
                        (number->string (source:column source)) ": ")
         "")
     "in "
     (if name (symbol->string name) "an anonymous procedure"))))

(define %own-directory "shepherd/scheduler/")

(define (own-frame? frame)
  "Is @var{frame} one of the scheduler's, of no interest to the reader?"
  (let* ((source (frame-source frame))
         (file (and source (source:file source))))
    (if file
        (string-contains file %own-directory)
        (not (frame-procedure-name frame)))))

(define* (stack->string stack #:key (limit 100))
  "Return a text about @var{stack}, a line for each frame, the innermost one
first and no more than @var{limit} of them.  Frames of the scheduler are left
out."
  (let ((length (if stack (stack-length stack) 0)))
    (let loop ((i 0) (n 0) (lines '()))
      (cond ((= i length)
             (string-concatenate-reverse lines))
            ((= n limit)
             (string-concatenate-reverse
              (cons* " more\n" (number->string (- length i)) "... and "
                     lines)))
            ((own-frame? (stack-ref stack i))
             (loop (+ i 1) n lines))
            (else
             (loop (+ i 1) (+ n 1)
                   (cons* "\n" (frame->string (stack-ref stack i))
                          lines)))))))

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
                     (frame-procedure-name frame))
                (loop (+ i 1))))
          "a procedure"))))
