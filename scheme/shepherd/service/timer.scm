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
  #:use-module (shepherd service-maker)
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
    (bad-specification (l10n "~a: invalid calendar time specification") text))

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
              (bad-specification (l10n "Timer spec lacks 'at TIME'.")))
             ((null? arguments)
              (bad-specification (l10n "Timer spec lacks a command to run.")))
             (else
              (values event arguments)))))))


;;;
;;; The service that makes timers.
;;;

(define (timer-methods words log-file . settings)
  (let-values (((event arguments)
                (timer-arguments->calendar-event+command words)))
    (values (make-timer-constructor event (apply command arguments settings)
                                    #:occurrences 1
                                    #:log-file log-file)
            (make-timer-destructor)
            (list timer-trigger-action)
            (l10n "Timer made by 'schedule'."))))

(declare-service-maker! 'timer timer-methods)

(define (schedule running . arguments)
  (let-values (((words options) (words-and-options arguments)))
    (make-and-start 'timer words options)))

(define* (timer-service #:optional (provision '(timer))
                        #:key (requirement '()))
  "Return a service whose action @code{schedule} makes timers that run a command
once, as @code{at} does.  Stopping it ends and forgets all of them."
  (service provision
           #:requirement requirement
           #:documentation (l10n "Run commands at given times.")
           #:start (const #t)
           #:stop (const #f)
           #:actions (list (action 'schedule schedule
                                   (l10n "Run a command once, for example: \
herd schedule timer at 07:00 -- mpg123 alarm.mp3")))))
