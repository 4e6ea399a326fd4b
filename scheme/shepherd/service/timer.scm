;;; (shepherd service timer) -- timers, for configuration files.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The face of (shepherd calendar) and (shepherd timer), and a service that
;;; makes others that act once, as at(1) does.  (srfi srfi-19) is heavy and only
;;; loaded for those who use its dates.

(define-module (shepherd service timer)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd calendar)
  #:use-module (shepherd calendar cron)
  #:use-module (shepherd host)
  #:use-module (shepherd service)
  #:use-module (shepherd support)
  #:use-module (shepherd timer)
  #:use-module (shepherd timer command)
  #:re-export (calendar-event
               calendar-event?
               calendar-event-seconds
               calendar-event-minutes
               calendar-event-hours
               calendar-event-days-of-month
               calendar-event-months
               calendar-event-days-of-week
               cron-string->calendar-event
               sexp->calendar-event

               command
               command?
               command-arguments
               command-user
               command-group
               command-environment-variables
               command-directory
               command-resource-limits
               sexp->command

               make-timer-constructor
               make-timer-destructor
               trigger-timer
               timer-trigger-action)
  #:export (next-calendar-event
            seconds-to-wait
            timer-arguments->calendar-event+command
            timer-service))


;;;
;;; Dates of SRFI 19.
;;;

(define-syntax-rule (srfi-19 name)
  (@ (srfi srfi-19) name))

(define (next-calendar-event event date)
  "Return the first date after @var{date}, both of @code{(srfi srfi-19)}, at which
@var{event} occurs, in local time, or @code{#f} if it never occurs."
  (let ((next (next-occurrence event
                               ((srfi-19 time-second)
                                ((srfi-19 date->time-utc) date)))))
    (and next
         ((srfi-19 time-utc->date)
          ((srfi-19 make-time) 'time-utc 0 next)
          (local-offset next)))))

(define* (seconds-to-wait event #:optional now)
  "Return how many seconds after @var{now}, a time of @code{(srfi srfi-19)} and by
default the current one, @var{event} occurs next: an inexact number above 0,
@code{+inf.0} if it never occurs."
  (let-values (((second nanosecond)
                (if now
                    (values ((srfi-19 time-second) now)
                            ((srfi-19 time-nanosecond) now))
                    (let ((time (host-time)))
                      (values (quotient time 1000000000)
                              (remainder time 1000000000))))))
    (match (next-occurrence event second)
      (#f +inf.0)
      (next
       (exact->inexact (- next second (/ nanosecond 1000000000)))))))


;;;
;;; Specifications.
;;;

(define (bad-specification format . arguments)
  (scm-error 'wrong-type-arg #f format arguments #f))

(define (string->calendar-event text)
  "Return the event of the time of day @var{text}, @code{HH:MM} or
@code{HH:MM:SS}."
  (define (number text most)
    (and (<= 1 (string-length text) 2)
         (string-every char-set:digit text)
         (let ((n (string->number text)))
           (and (<= n most) n))))

  (define (invalid)
    (bad-specification "~a: invalid calendar time specification" text))

  (match (string-split text #\:)
    ((hours minutes . rest)
     (let ((hour (number hours 23))
           (minute (number minutes 59))
           (second (match rest
                     (() 0)
                     ((seconds) (number seconds 59))
                     (_ #f))))
       (if (and hour minute second)
           (calendar-event #:hours (list hour) #:minutes (list minute)
                           #:seconds (list second))
           (invalid))))
    (_ (invalid))))

(define (timer-arguments->calendar-event+command arguments)
  "Return two values for the list of strings @var{arguments}, of the form
@code{(\"at\" \"HH:MM\" @var{program} @var{argument} @dots{})}: the calendar event
and the command, a list of strings.  Throw @code{wrong-type-arg} if they do not
have that form."
  (let loop ((arguments arguments) (event #f))
    (match arguments
      (("at" time . rest)
       (loop rest (string->calendar-event time)))
      (_
       (cond ((not event)
              (bad-specification "Timer spec lacks 'at TIME'."))
             ((null? arguments)
              (bad-specification "Timer spec lacks a command to run."))
             (else
              (values event arguments)))))))


;;;
;;; The service that makes timers.
;;;

(define %last-name 0)

(define (fresh-name)
  "Return a symbol that names no service."
  (set! %last-name (+ 1 %last-name))
  (let ((name (string->symbol
               (string-append "timer-" (number->string %last-name)))))
    (if (lookup-service name)
        (fresh-name)
        name)))

(define (user-entry user)
  "Return the password entry of @var{user}, a name or a number."
  (catch #t
    (lambda ()
      (getpw user))
    (lambda _
      (scm-error 'misc-error #f "no such user: ~s" (list user) #f))))

(define (user-command arguments user group variables directory)
  "Return the command to run @var{arguments} as @var{user}, if not @code{#f}, in
that user's home directory unless @var{directory} is given."
  (let* ((home (and user (passwd:dir (user-entry user))))
         (environment
          (append variables
                  (if user
                      (user-environment-variables user)
                      (default-environment-variables)))))
    (command arguments #:user user #:group group
             #:environment-variables environment
             #:directory (or directory home (default-service-directory)))))

(define* (schedule timers specification
                   #:key (name (fresh-name))
                   (requirement (list (service-canonical-name timers)))
                   (extra-environment-variables '())
                   directory log-file user group)
  "Register and start a service that runs a command once, as @var{specification}
says; return its name."
  (let-values (((event arguments)
                (timer-arguments->calendar-event+command specification)))
    (when (lookup-service name)
      (scm-error 'misc-error #f "~a: there is a service of that name already"
                 (list name) #f))
    (let ((timer (service
                  (list name)
                  #:requirement requirement
                  #:transient? #t
                  #:start (make-timer-constructor
                           event
                           (user-command arguments user group
                                         extra-environment-variables
                                         directory)
                           #:occurrences 1
                           #:log-file log-file)
                  #:stop (make-timer-destructor)
                  #:actions (list timer-trigger-action)
                  #:documentation (l10n "Timer made by 'schedule'."))))
      (register-services (list timer))
      (start-or-forget timer)
      name)))

(define (start-or-forget timer)
  "Start the service @var{timer}; unregister it if that fails."
  (define (forget)
    (unregister-services (list timer)))

  (unless (catch #t
            (lambda ()
              (start-service timer))
            (lambda exception
              (forget)
              (apply throw exception)))
    (forget)
    (scm-error 'misc-error #f "~a could not be started"
               (list (service-canonical-name timer)) #f)))

(define (leading-strings arguments)
  "Return two values: the strings that the list @var{arguments} begins with, and
the rest."
  (let loop ((strings '()) (rest arguments))
    (match rest
      (((? string? string) . rest)
       (loop (cons string strings) rest))
      (_
       (values (reverse strings) rest)))))

(define (schedule-action running . arguments)
  (let-values (((specification options) (leading-strings arguments)))
    (apply schedule (current-service) specification options)))

(define* (timer-service #:optional (provision '(timer))
                        #:key (requirement '()))
  "Return a service whose action @code{schedule} makes timers that run a command
once, as @code{at} does.  Stopping it ends and forgets all of them."
  (service provision
           #:requirement requirement
           #:documentation (l10n "Run commands at given times.")
           #:start (const #t)
           #:stop (const #f)
           #:actions (list (action 'schedule schedule-action
                                   (l10n "Run a command once, for example: \
herd schedule timer at 07:00 -- mpg123 alarm.mp3")))))
