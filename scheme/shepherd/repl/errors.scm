;;; (shepherd repl errors) -- errors in what clients of the REPL evaluate.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Guile's REPL enters a debugger, which would read commands from within the
;;; handler of the exception: where that comes from C, the fiber cannot be
;;; suspended.  Here the prompt stays the usual one, and the stack is kept for the
;;; commands that look at it.

(define-module (shepherd repl errors)
  #:use-module (ice-9 match)
  #:use-module (system repl common)
  #:use-module (system repl debug)
  #:use-module (system vm frame)
  #:use-module ((shepherd preemption) #:select (end-grace!))
  #:use-module (shepherd repl guile)
  #:use-module (shepherd scheduler)
  #:use-module ((shepherd scheduler backtrace) #:select (own-frame?))
  #:use-module (shepherd support)
  #:export (call-with-error-handling
            await-client))

(define %frames-shown 20)
(define %frames-kept 1000)

(define (current-frames)
  "Return the innermost frames between where the exception was raised that the
handler which calls this is for, and the latest `start-stack', innermost first."
  ;; Not by arguments of `make-stack': a deep stack takes that for ever.
  (let loop ((frame (stack-ref (make-stack #t) 0))
             (raised? #f) (n 0) (frames '()))
    (let ((name (and frame (frame-procedure-name frame))))
      (cond ((or (not frame) (= n %frames-kept))
             (reverse frames))
            ((eq? name '%start-stack)
             ;; It has two.
             (reverse (if (pair? frames) (cdr frames) frames)))
            ((and (eq? name 'raise-exception) (not raised?))
             ;; All so far was to handle it.
             (loop (frame-previous frame) #t 0 '()))
            (else
             (loop (frame-previous frame) raised? (+ n 1)
                   (if (own-frame? frame) frames (cons frame frames))))))))

(define (representable? frame)
  ;; Guile fails to show some that were interrupted.
  (false-if-exception (frame-call-representation frame)))

(define (error-message key arguments)
  "Return what Guile says of the exception @var{key} with @var{arguments}."
  (or (false-if-exception
       (call-with-output-string
         (lambda (port)
           (print-exception port #f key arguments))))
      ;; Such as one with a printer that fails.
      (simple-format #f "~a\n" key)))

(define (note-error! frames message)
  "Let the debug commands of the current REPL look at @var{frames}, a vector, unless
there are so many that they take up much memory: each holds on to all of the stack."
  (match (fluid-ref *repl-stack*)
    ((repl . _)
     (set! (repl-debug repl)
           (and (< 0 (vector-length frames) %frames-kept)
                (make-debug frames 0 message))))
    (_ #f)))

(define (await-client)
  "Wait for the client where what was printed is far ahead of it."
  (catch #t
    yield-fiber
    (const #f)))

(define (show-frames frames message port)
  (let ((frames (list->vector (filter representable? frames))))
    (note-error! frames message)
    (unless (zero? (port-column port))
      (newline port))
    (print-frames frames port #:count %frames-shown)))

(define (report-error frames key arguments)
  (let ((port (current-error-port))
        (message (error-message key arguments)))
    (end-grace!)
    (await-client)
    (catch #t
      (lambda ()
        (show-frames frames (string-trim-right message #\newline) port))
      (lambda (key . arguments)
        (display (format-message (l10n "Cannot show more of the stack: ~a")
                                 (error-message key arguments))
                 port)))
    (display message port)))

(define* (call-with-error-handling thunk #:key (on-error 'debug)
                                   (post-error 'catch) (pass-keys '(quit))
                                   trap-handler report-keys)
  "Call @var{thunk}; report an exception with a backtrace, in place of entering a
debugger.  Like Guile's."
  (define frames '())

  (catch #t
    (lambda ()
      (%start-stack #t thunk))
    (lambda (key . arguments)
      (cond ((memq key pass-keys)
             (apply throw key arguments))
            ((procedure? post-error)
             (apply post-error key arguments))
            ((and (eq? post-error 'catch)
                  (or (eq? on-error 'pass) (procedure? on-error)))
             *unspecified*)
            (else
             (report-error frames key arguments))))
    (lambda (key . arguments)
      (cond ((memq key pass-keys) #f)
            ((procedure? on-error) (apply on-error key arguments))
            ((memq on-error '(debug backtrace))
             ;; A deep stack may take more memory than there is.
             (set! frames (catch #t current-frames (const '()))))))))

(replace! '(system repl error-handling) 'call-with-error-handling
          (const call-with-error-handling))
