;;; (shepherd calendar cron) -- the dates of crontab(5) as calendar events.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; What Vixie cron takes: five fields, or one of @hourly and its like.  When
;;; days of the month and of the week are both given, one of the two is enough.

(define-module (shepherd calendar cron)
  #:use-module (ice-9 match)
  #:use-module ((srfi srfi-1) #:select (append-map list-index))
  #:use-module (shepherd calendar)
  #:use-module ((shepherd support syntax) #:select (format-message l10n))
  #:export (cron-string->calendar-event))

(define months
  '("jan" "feb" "mar" "apr" "may" "jun" "jul" "aug" "sep" "oct" "nov" "dec"))

(define weekdays
  '("sun" "mon" "tue" "wed" "thu" "fri" "sat"))

;; Field, least and greatest number, names, number of the first name.
(define fields
  `((minutes 0 59 () 0)
    (hours 0 23 () 0)
    (days-of-month 1 31 () 1)
    (months 1 12 ,months 1)
    (days-of-week 0 7 ,weekdays 0)))      ;7 is Sunday, too

(define nicknames
  '(("@hourly" . "0 * * * *")
    ("@daily" . "0 0 * * *")
    ("@midnight" . "0 0 * * *")
    ("@weekly" . "0 0 * * 0")
    ("@monthly" . "0 0 1 * *")
    ("@yearly" . "0 0 1 1 *")
    ("@annually" . "0 0 1 1 *")))

(define %digits (string->char-set "0123456789"))

(define (natural text)
  "Return the number that the digits @var{text} stand for, or @code{#f}."
  (and (not (string-null? text))
       (string-every %digits text)
       (string->number text)))

(define (parse-field cron field text)
  "Return the numbers that @var{text}, a field of @var{cron} described by
@var{field}, stands for, in increasing order.  Raise a message condition if it is
malformed."
  (match field
    ((name first last names first-name)
     (define (invalid format . arguments)
       (raise-calendar-error
        (format-message (l10n "~s: invalid ~a cron field") cron name)
        (apply simple-format #f format arguments)))

     (define (expected)
       (match names
         (()
          (simple-format #f "~a-~a" first last))
         ((first-name . _)
          (format-message (l10n "~a-~a or a name such as ~a")
                          first last first-name))))

     (define (number text)
       (let ((n (or (natural text)
                    (and=> (list-index (lambda (name)
                                         (string-ci=? name text))
                                       names)
                           (lambda (index) (+ index first-name))))))
         (unless (and n (<= first n last))
           (invalid (l10n "~s: expected ~a") text (expected)))
         n))

     (define (step text)
       (match (natural text)
         ((or #f 0) (invalid (l10n "~s: expected a step of 1 or more") text))
         (n n)))

     (define (interval text)
       ;; The values of N, N-M and *.
       (match (string-split text #\-)
         (("*")
          (values first (if (eq? name 'days-of-week) 6 last)))
         ((n)
          (let ((n (number n)))
            (values n n)))
         ((n m)
          (let ((n (number n)) (m (number m)))
            (when (> n m)
              (invalid (l10n "~s: the range is empty") text))
            (values n m)))
         (_
          (invalid (l10n "~s: expected ~a, N-M or *") text (expected)))))

     (define (element text)
       (match (string-split text #\/)
         ((text)
          (call-with-values (lambda () (interval text))
            (lambda (from to) (iota (+ 1 (- to from)) from))))
         ((text by)
          (let ((by (step by)))
            (call-with-values (lambda () (interval text))
              (lambda (from to)
                (iota (+ 1 (quotient (- to from) by)) from by)))))
         (_
          (invalid (l10n "~s: expected one slash at most") text))))

     (let ((set (append-map element (string-split text #\,))))
       (let loop ((n last) (members '()))
         (if (< n first)
             members
             (loop (- n 1)
                   (if (memv n set) (cons n members) members))))))))

(define (sunday-once days)
  (if (memv 7 days)
      (let ((days (delv 7 days)))
        (if (memv 0 days) days (cons 0 days)))
      days))

(define (split cron)
  (let ((text (string-trim-both cron)))
    (string-tokenize (or (assoc-ref nicknames text) text))))

(define (cron-string->calendar-event cron)
  "Return the calendar event for @var{cron}, a string of the five date fields of
@code{crontab(5)}: minute, hour, day of the month, month and day of the week.
Raise a message condition if it is malformed."
  (unless (string? cron)
    (raise-calendar-error (format-message (l10n "~s: not a cron string")
                                          cron)))
  (let ((texts (split cron)))
    (unless (= 5 (length texts))
      (raise-calendar-error
       (format-message (l10n "~s: wrong number of cron date fields") cron)
       (format-message (l10n "~a, expected 5: minute hour day-of-month month \
day-of-week")
                       (length texts))))
    (match (map (lambda (field text)
                  (parse-field cron field text))
                fields texts)
      ((minutes hours days months weekdays)
       (let ((event (calendar-event
                     #:minutes minutes #:hours hours
                     #:days-of-month days #:months months
                     #:days-of-week
                     (map (lambda (day) (list-ref days-of-week day))
                          (sunday-once weekdays)))))
         (match texts
           ((_ _ day _ weekday)
            (if (or (string-prefix? "*" day) (string-prefix? "*" weekday))
                event
                (either-day event)))))))))
