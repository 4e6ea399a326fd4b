;;; (shepherd backtrace) -- what fibers do, for people to read.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Loaded when somebody asks or something went wrong.

(define-module (shepherd backtrace)
  #:use-module (shepherd comm)
  #:use-module (shepherd preemption)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd scheduler)
  #:use-module ((shepherd support syntax) #:select (format-message l10n))
  #:export (indent
            fiber-report
            backtrace-reply))

(define (fiber-location fiber)
  "Return where the service is defined that @var{fiber} runs for, or @code{#f}."
  (let* ((name (fiber-name fiber))
         (service (and (string? name)
                       (lookup-service (string->symbol name)))))
    (and service (service-location service))))

(define (fiber-label fiber)
  (let ((location (fiber-location fiber)))
    (string-append (fiber-title fiber)
                   (if location
                       (string-append " (" location ")")
                       ""))))

(define (wait->string wait)
  (cond ((and (pair? wait) (eq? 'choice (car wait)))
         ;; TRANSLATORS: between the things that a fiber waits for.
         (string-join (map wait->string (cdr wait)) (l10n " or ")))
        (else
         (object->string wait display))))

(define (activity fiber now)
  "Return what @var{fiber} does, in words."
  (let ((state (fiber-state fiber)))
    (if (eq? state 'waiting)
        (format-message (l10n "waits for ~a since ~a")
                        (wait->string (fiber-waiting-on fiber))
                        (duration->string (- now (fiber-since fiber))))
        (let ((running? (eq? state 'running))
              (since (fiber-busy-since fiber)))
          (if since
              (format-message
               (if running?
                   (l10n "runs, without waiting since ~a")
                   (l10n "is to run, without waiting since ~a"))
               (duration->string (- now since)))
              (if running? (l10n "runs") (l10n "is to run")))))))

(define (indent text)
  (string-concatenate
   (map (lambda (line)
          (string-append "    " line "\n"))
        (delete "" (string-split text #\newline)))))

(define* (fiber-report fiber #:optional (stack (make-stack #t)))
  "Return lines about @var{fiber}: its name, what it does or waits for and since
when, and its stack, innermost frame first; @var{stack} is that of the running
fiber."
  (string-append (fiber-label fiber) ": " (activity fiber (scheduler-time))
                 "\n"
                 (indent (if (eq? fiber (current-fiber))
                             (stack->string stack)
                             (fiber-backtrace fiber)))))

(define (backtrace-reply stack)
  "Return the reply to @code{backtrace} of service root, @var{stack} being that of
the running fiber."
  (define (report fiber)
    (fiber-report fiber stack))

  `(reply (version 0)
          (result (,(result->sexp *unspecified*)))
          (error #f)
          (messages
           ,(delete "" (string-split
                        (string-concatenate (map report (all-fibers)))
                        #\newline)))))
