;;; calendar-test.scm -- when calendar events occur.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Beside examples, events are compared with a calendar made by brute force:
;;; every minute of a period is shown to the C library, and what it calls that
;;; minute is compared with the event.  CALENDAR_SEED=N in the environment
;;; repeats the events and cron strings of a run.

(use-modules (ice-9 match)
             (ice-9 popen)
             (srfi srfi-1)
             (srfi srfi-19)
             (srfi srfi-64)
             (srfi srfi-71)
             (shepherd calendar)
             (shepherd service timer)
             (shepherd time-zone))

(define seed
  (or (and=> (getenv "CALENDAR_SEED") string->number)
      (remainder (+ (* 1000 (getpid)) (cdr (gettimeofday))) 1000000007)))

(define chance (seed->random-state seed))

(define (one-of lst)
  (list-ref lst (random (length lst) chance)))

(define-syntax-rule (in-zone zone expression ...)
  (let ((before (getenv "TZ")))
    (dynamic-wind
      (lambda () (setenv "TZ" zone) (tzset))
      (lambda () expression ...)
      (lambda () (setenv "TZ" before) (tzset)))))

(define (zone-known? zone)
  (file-exists? (string-append "/usr/share/zoneinfo/" zone)))

(define (instant text)
  "The instant that TEXT, such as \"2026-11-22 13:15:00 +0100\", names."
  (time-second (date->time-utc (string->date text "~Y-~m-~d ~H:~M:~S ~z"))))

(define (instant->string instant)
  (and instant
       (strftime "%Y-%m-%d %H:%M:%S %z" (localtime instant))))

(define-syntax-rule (test-next zone event from expected)
  (test-equal (string-append zone ", from " from ": " expected)
    expected
    (in-zone zone
      (instant->string (next-occurrence event (instant from))))))

(define (error-text thunk)
  "The message and the details of the message condition that THUNK raises."
  (catch '%exception
    (lambda () (thunk) 'no-error)
    (lambda (key condition)
      (cons ((@ (ice-9 exceptions) exception-message) condition)
            (if ((@ (ice-9 exceptions) exception-with-irritants?) condition)
                ((@ (ice-9 exceptions) exception-irritants) condition)
                '())))))

(test-begin "calendar")

(simple-format #t "CALENDAR_SEED=~a~%" seed)


;;; What calendar events are made of.

(test-equal "defaults: second 0 of every minute"
  (list '(0) (iota 60) (iota 24) (iota 31 1) (iota 12 1) (iota 7))
  (let ((event (calendar-event)))
    (map (lambda (field) (field event))
         (list calendar-event-seconds calendar-event-minutes
               calendar-event-hours calendar-event-days-of-month
               calendar-event-months calendar-event-days-of-week))))

(test-equal "days of the week are numbers from Sunday"
  '(0 6 3)
  (calendar-event-days-of-week
   (calendar-event #:days-of-week '(sunday saturday wednesday))))

(for-each
 (match-lambda
   ((keyword value field range)
    (test-equal (string-append "out of range: " field)
      (simple-format #f "calendar-event: ~a: ~a: value out of range (~a)"
                     field value range)
      (car (error-text (lambda ()
                         (calendar-event keyword (list 1 value))))))))
 '((#:seconds 60 "seconds" "0-59")
   (#:minutes -1 "minutes" "0-59")
   (#:hours 24 "hours" "0-23")
   (#:days-of-month 0 "days-of-month" "1-31")
   (#:days-of-month 32 "days-of-month" "1-31")
   (#:months 13 "months" "1-12")
   (#:hours 1.5 "hours" "0-23")
   (#:hours noon "hours" "0-23")))

(test-equal "an invalid day of the week"
  "calendar-event: 8: invalid day of week"
  (car (error-text (lambda () (calendar-event #:days-of-week '(8))))))

(test-equal "fields are lists"
  "calendar-event: hours: 12: not a list"
  (car (error-text (lambda () (calendar-event #:hours 12)))))

(test-equal "an event is read back from what clients receive"
  (list #t #t)
  (map (lambda (event)
         (equal? event (sexp->calendar-event (calendar-event->sexp event))))
       (list (calendar-event #:hours '(0 12) #:days-of-week '(monday))
             (cron-string->calendar-event "0 0 13 * 5"))))

(test-equal "what is no event is not taken for one"
  '(#f #f #f)
  (map sexp->calendar-event
       '(42 (calendar-event (version 1))
            (calendar-event (version 0) (seconds (60)) (minutes ())
                            (hours ()) (days-of-month ()) (days-of-week ())
                            (months ())))))


;;; Examples.

(define (daily hour minute)
  (calendar-event #:hours (list hour) #:minutes (list minute)))

;; Weak spot: lower fields start again when a higher one moves on.
(let ((noon (calendar-event #:hours '(12) #:minutes '(0 30))))
  (test-next "UTC" noon "2026-11-22 12:00:00 +0000" "2026-11-22 12:30:00 +0000")
  (test-next "UTC" noon "2026-11-22 12:30:00 +0000" "2026-11-23 12:00:00 +0000")
  (test-next "UTC" noon "2026-11-22 13:15:00 +0000"
             "2026-11-23 12:00:00 +0000"))
(test-next "UTC" (calendar-event #:hours '(5))
           "2026-11-25 07:03:00 +0000" "2026-11-26 05:00:00 +0000")
(test-next "UTC" (calendar-event #:seconds '(10 20))
           "2026-11-25 00:05:20 +0000" "2026-11-25 00:06:10 +0000")
(test-next "UTC" (calendar-event #:days-of-week '(sunday) #:hours '(22)
                                 #:minutes '(0))
           "2026-11-22 22:00:00 +0000" "2026-11-29 22:00:00 +0000")
(test-next "UTC" (calendar-event #:days-of-month '(31) #:hours '(9)
                                 #:minutes '(10))
           "2026-11-22 00:00:00 +0000" "2026-12-31 09:10:00 +0000")
(test-next "UTC" (calendar-event #:days-of-week '(friday)
                                 #:days-of-month '(13) #:hours '(0)
                                 #:minutes '(0))
           "2026-11-01 00:00:00 +0000" "2026-11-13 00:00:00 +0000")
(test-next "UTC" (calendar-event #:days-of-month '(29) #:months '(2)
                                 #:hours '(0) #:minutes '(0))
           "2096-02-29 00:00:00 +0000" "2104-02-29 00:00:00 +0000")
(test-next "UTC" (calendar-event #:days-of-month '(29) #:months '(2)
                                 #:days-of-week '(monday) #:hours '(0)
                                 #:minutes '(0))
           "2072-03-01 00:00:00 +0000" "2112-02-29 00:00:00 +0000")

;; Weak spot: dates that do not exist never come.
(test-equal "February 30, no month, no second: never"
  '(#f #f #f)
  (map (lambda (event)
         (next-occurrence event 1800000000))
       (list (calendar-event #:days-of-month '(30) #:months '(2))
             (calendar-event #:months '())
             (calendar-event #:seconds '()))))

(test-equal "lists need not be sorted, and may repeat"
  (next-occurrence (calendar-event #:hours '(3 7 22)) 1800000000)
  (next-occurrence (calendar-event #:hours '(22 7 3 7)) 1800000000))


;;; Where the clock is changed.

(test-next "Europe/Berlin" (daily 12 0)
           "2026-03-28 12:00:00 +0100" "2026-03-29 12:00:00 +0200") ;23 h
(test-next "Europe/Berlin" (daily 12 0)
           "2026-10-24 12:00:00 +0200" "2026-10-25 12:00:00 +0100") ;25 h
(test-next "Europe/Berlin" (daily 2 30)
           "2026-03-28 12:00:00 +0100" "2026-03-29 03:30:00 +0200")
(test-next "Europe/Berlin" (daily 2 30)
           "2026-03-29 03:30:00 +0200" "2026-03-30 02:30:00 +0200")
(test-next "Europe/Berlin" (daily 2 30)
           "2026-10-24 12:00:00 +0200" "2026-10-25 02:30:00 +0200")
(test-next "Europe/Berlin" (daily 2 30)
           "2026-10-25 02:30:00 +0200" "2026-10-26 02:30:00 +0100")

;; Weak spot: hourly events occur in the hour that is repeated, too.
(test-next "Europe/Berlin" (calendar-event #:minutes '(0))
           "2026-10-25 02:30:00 +0200" "2026-10-25 02:00:00 +0100")
(test-next "Europe/Berlin" (calendar-event #:minutes '(0))
           "2026-10-25 02:00:00 +0100" "2026-10-25 03:00:00 +0100")

;; Half an hour of summer time.
(test-next "Australia/Lord_Howe" (daily 2 15)
           "2026-10-03 12:00:00 +1030" "2026-10-04 02:45:00 +1100")
(test-next "Australia/Lord_Howe" (daily 1 45)
           "2026-04-04 12:00:00 +1100" "2026-04-05 01:45:00 +1100")
(test-next "Australia/Lord_Howe" (daily 1 45)
           "2026-04-05 01:45:00 +1100" "2026-04-06 01:45:00 +1030")

;; Samoa had no December 30, 2011.
(test-next "Pacific/Apia" (daily 12 0)
           "2011-12-29 12:00:00 -1000" "2011-12-31 12:00:00 +1400")
(test-next "Pacific/Apia" (daily 12 0)
           "2011-12-31 12:00:00 +1400" "2012-01-01 12:00:00 +1400")
(test-next "Pacific/Apia" (calendar-event #:days-of-month '(30) #:hours '(12)
                                          #:minutes '(0))
           "2011-12-01 12:00:00 -1000" "2011-12-31 12:00:00 +1400")

;; Midnight is skipped, or comes twice.
(test-next "America/Havana" (daily 0 0)
           "2026-03-07 12:00:00 -0500" "2026-03-08 01:00:00 -0400")
(test-next "America/Havana" (daily 0 30)
           "2026-10-31 12:00:00 -0400" "2026-11-01 00:30:00 -0400")
(test-next "America/Havana" (daily 0 30)
           "2026-11-01 00:30:00 -0400" "2026-11-02 00:30:00 -0500")


;;; By brute force.

(define %minute 60)

(define (matches? event tm)
  (and (memv (tm:min tm) (calendar-event-minutes event))
       (memv (tm:hour tm) (calendar-event-hours event))
       (memv (+ 1 (tm:mon tm)) (calendar-event-months event))
       (let ((month-day? (memv (tm:mday tm)
                               (calendar-event-days-of-month event)))
             (week-day? (memv (tm:wday tm)
                              (calendar-event-days-of-week event))))
         (if (calendar-event-either-day? event)
             (or month-day? week-day?)
             (and month-day? week-day?)))))

(define (label tm)
  (list (tm:year tm) (tm:mon tm) (tm:mday tm) (tm:hour tm) (tm:min tm)))

(define* (minutes-of-period start end #:optional (%minute %minute))
  "A list of (INSTANT TM KIND) for all minutes of local time, or for all that are
%MINUTE seconds apart, KIND being first, again or skipped.  Instants of skipped minutes are those without the change."
  (define seen (make-hash-table))
  (let loop ((t start) (offset #f) (result '()))
    (if (> t end)
        result
        (let* ((tm (localtime t))
               (new-offset (- (tm:gmtoff tm)))
               (again? (hash-ref seen (label tm))))
          (hash-set! seen (label tm) #t)
          (loop (+ t %minute) new-offset
                (append (if (and offset (> new-offset offset))
                            (map (lambda (n)
                                   (let ((t (+ t (* n %minute))))
                                     (list t (gmtime (+ t offset))
                                           'skipped)))
                                 (iota (quotient (- new-offset offset)
                                                 %minute)))
                            '())
                        (cons (list t tm (if again? 'again 'first))
                              result)))))))

(define (by-brute-force event minutes start end)
  "All occurrences of EVENT after START and before END."
  (define hourly? (= 24 (length (calendar-event-hours event))))
  (let ((instants
         (append-map
          (match-lambda
            ((t tm kind)
             (if (and (matches? event tm)
                      (or hourly? (not (eq? kind 'again))))
                 (filter (lambda (t) (< start t end))
                         (map (lambda (second) (+ t second))
                              (calendar-event-seconds event)))
                 '())))
          minutes)))
    (once-each (sort instants <))))

(define (once-each sorted)
  (fold-right (lambda (t result)
                (if (and (pair? result) (= t (car result)))
                    result
                    (cons t result)))
              '() sorted))

(define (by-next event start end)
  (let loop ((t start) (result '()))
    (match (next-occurrence event t)
      ((and (? integer? next) (? (lambda (next) (< next end))))
       (if (<= next t)
           (list 'not-later t next)
           (loop next (cons next result))))
      (_ (reverse result)))))

(define (some-of first last)
  "A few numbers from FIRST to LAST."
  (sort (delete-duplicates
         (list-tabulate (+ 1 (random 3 chance))
                        (lambda _
                          (+ first (random (- last first -1) chance)))))
        <))

(define* (random-event #:optional (minutes (some-of 0 59)))
  (define (maybe keyword values)
    (if (zero? (random 2 chance)) (list keyword (values)) '()))
  (let ((event (apply calendar-event
                      #:seconds (some-of 0 59)
                      #:minutes minutes
                      (append
                       (maybe #:hours
                              (lambda ()
                                (if (zero? (random 2 chance))
                                    (some-of 0 4)
                                    (some-of 0 23))))
                       (maybe #:days-of-month (lambda () (some-of 1 31)))
                       (maybe #:months (lambda () (some-of 1 12)))
                       (maybe #:days-of-week
                              (lambda ()
                                (map (lambda (n)
                                       (list-ref days-of-week n))
                                     (some-of 0 6))))))))
    (if (zero? (random 4 chance))
        (either-day event)
        event)))

(define %day 86400)

(define* (test-period zone from days #:key (events 5) hours-only?)
  (in-zone zone
    (let* ((start (instant from))
           (end (+ start (* days %day)))
           (minutes (minutes-of-period (- start (* 2 %day))
                                       (+ end (* 2 %day))
                                       (if hours-only? 3600 %minute))))
      (test-equal (simple-format #f "~a, ~a days from ~a" zone days from)
        '()
        (filter-map
         (lambda _
           (let* ((event (if hours-only?
                             (random-event '(0))
                             (random-event)))
                  (expected (by-brute-force event minutes start end))
                  (actual (by-next event start end)))
             (and (not (equal? expected actual))
                  (list (calendar-event->sexp event)
                        (map instant->string
                             (lset-difference = expected
                                              (filter integer? actual)))
                        (map instant->string
                             (lset-difference = (filter integer? actual)
                                              expected))))))
         (iota events))))))

(for-each
 (match-lambda
   ((zone from days)
    (if (zone-known? zone)
        (test-period zone from days)
        (simple-format #t "no zone ~a here~%" zone))))
 '(("UTC" "2028-02-25 00:00:00 +0000" 8)
   ("Europe/Berlin" "2026-03-26 00:00:00 +0000" 6)
   ("Europe/Berlin" "2026-10-22 00:00:00 +0000" 6)
   ("Europe/Dublin" "2026-10-22 00:00:00 +0000" 6)
   ("America/New_York" "2026-03-05 00:00:00 +0000" 6)
   ("America/New_York" "2026-10-29 00:00:00 +0000" 6)
   ("America/Havana" "2026-03-05 00:00:00 +0000" 6)
   ("America/Havana" "2026-10-29 00:00:00 +0000" 6)
   ("America/Sao_Paulo" "2017-10-12 00:00:00 +0000" 6)
   ("America/Sao_Paulo" "2018-02-15 00:00:00 +0000" 6)
   ("America/St_Johns" "2006-10-26 00:00:00 +0000" 6) ;at 00:01
   ("America/St_Johns" "2006-03-30 00:00:00 +0000" 6)
   ("Australia/Sydney" "2026-04-02 00:00:00 +0000" 6)
   ("Australia/Sydney" "2026-10-01 00:00:00 +0000" 6)
   ("Australia/Lord_Howe" "2026-04-02 00:00:00 +0000" 6)
   ("Australia/Lord_Howe" "2026-10-01 00:00:00 +0000" 6)
   ("Antarctica/Troll" "2026-03-26 00:00:00 +0000" 6) ;two hours
   ("Antarctica/Troll" "2026-10-22 00:00:00 +0000" 6)
   ("Africa/Casablanca" "2026-02-13 00:00:00 +0000" 5)
   ("Africa/Casablanca" "2026-03-20 00:00:00 +0000" 5)
   ("Asia/Kathmandu" "2026-01-29 00:00:00 +0000" 4)
   ("Pacific/Apia" "2011-12-27 00:00:00 +0000" 7)
   ("Pacific/Kwajalein" "1993-08-18 00:00:00 +0000" 7)
   ("America/Juneau" "1983-10-27 00:00:00 +0000" 6))) ;moved by two hours

;; Years, for months of every length and leap years.
(for-each
 (match-lambda
   ((zone from days)
    (when (zone-known? zone)
      (test-period zone from days #:events 8 #:hours-only? #t))))
 '(("UTC" "2096-01-01 00:00:00 +0000" 400)
   ("Europe/Berlin" "2027-10-01 00:00:00 +0000" 550)
   ("Australia/Sydney" "2023-12-01 00:00:00 +0000" 400)
   ("America/New_York" "2099-11-01 00:00:00 +0000" 400)))

;; Made-up zones, whose offset changes at any time by any number of minutes.
(define (random-zone start)
  "A list of (INSTANT . OFFSET), latest first."
  (let loop ((t start) (n 0) (changes (list (cons 0 0))))
    (if (= n 5)
        changes
        (loop (+ t (* %minute (+ (* 3 1440) (random (* 4 1440) chance))))
              (+ n 1)
              (acons t (* %minute (- (random (* 26 60) chance) (* 12 60)))
                     changes)))))

(define (zone-offset changes)
  (lambda (instant)
    (cdr (find (lambda (change) (>= instant (car change))) changes))))

(define (simulated-minutes offset-at start end)
  (define seen (make-hash-table))
  (let loop ((t start) (offset #f) (result '()))
    (if (> t end)
        result
        (let* ((new-offset (offset-at t))
               (wall (+ t new-offset))
               (again? (hashv-ref seen wall)))
          (hashv-set! seen wall #t)
          (loop (+ t %minute) new-offset
                (append (if (and offset (> new-offset offset))
                            (map (lambda (n)
                                   (let ((t (+ t (* n %minute))))
                                     (list t (gmtime (+ t offset))
                                           'skipped)))
                                 (iota (quotient (- new-offset offset)
                                                 %minute)))
                            '())
                        (cons (list t (gmtime wall) (if again? 'again 'first))
                              result)))))))

(test-equal "zones that change wildly"
  '()
  (filter-map
   (lambda _
     (let* ((start 1800000000)
            (end (+ start (* 10 %day)))
            (changes (random-zone start))
            (offset-at (zone-offset changes))
            (minutes (simulated-minutes offset-at (- start (* 2 %day))
                                        (+ end (* 2 %day)))))
       (let loop ((n 0))
         (and (< n 4)
              (let* ((event (random-event))
                     (expected (by-brute-force event minutes start end))
                     (actual (let loop ((t start) (result '()))
                               (match (next-occurrence event t offset-at)
                                 ((and (? integer? next)
                                       (? (lambda (next) (< next end))))
                                  (loop next (cons next result)))
                                 (_ (reverse result))))))
                (if (equal? expected actual)
                    (loop (+ n 1))
                    (list changes (calendar-event->sexp event)
                          (lset-difference = expected actual)
                          (lset-difference = actual expected))))))))
   (iota 4)))


;;; What herd shows, which computes the alarms to come by itself.

(define next-alarms
  (string-append (or (getenv "abs_top_builddir") ".") "/tests/next-alarms"))

(define (herd-next questions)
  "When events occur next, as herd thinks, for QUESTIONS, a list of (EVENT
FROM ...)."
  (let ((file "questions"))
    (call-with-output-file file
      (lambda (port)
        (write (map (match-lambda
                      ((event . from)
                       (cons (calendar-event->sexp event) from)))
                    questions)
               port)))
    (let* ((port (open-pipe* OPEN_READ "sh" "-c" "exec \"$0\" < \"$1\""
                             next-alarms file))
           (answers (read port)))
      (close-pipe port)
      (delete-file file)
      answers)))

(define (own-next questions)
  (map (match-lambda
         ((event . from)
          (map (lambda (from) (or (next-occurrence event from) -1)) from)))
       questions))

(define (random-questions near)
  (list-tabulate
   40 (lambda _
        (cons (random-event)
              (list-tabulate
               5 (lambda _ (+ near (- (random (* 8 %day) chance)
                                      (* 4 %day)))))))))

(for-each
 (match-lambda
   ((zone near)
    (when (and (zone-known? zone) (file-exists? next-alarms))
      (test-equal (simple-format #f "~a, ~a: herd thinks the same" zone near)
        '()
        (in-zone zone
          (let ((questions (random-questions (instant near))))
            (append-map
             (lambda (question own herd)
               (filter-map (lambda (from own herd)
                             (and (not (= own herd))
                                  (list (calendar-event->sexp (car question))
                                        from own herd)))
                           (cdr question) own herd))
             questions (own-next questions) (herd-next questions))))))))
 '(("UTC" "2028-02-28 00:00:00 +0000")
   ("Europe/Berlin" "2026-03-29 01:00:00 +0000")
   ("Europe/Berlin" "2026-10-25 01:00:00 +0000")
   ("Europe/Dublin" "2026-10-25 01:00:00 +0000")
   ("America/Havana" "2026-03-08 05:00:00 +0000")
   ("America/Havana" "2026-11-01 05:00:00 +0000")
   ("Australia/Lord_Howe" "2026-04-04 15:00:00 +0000")
   ("Australia/Lord_Howe" "2026-10-03 15:30:00 +0000")
   ("Australia/Sydney" "2026-10-03 16:00:00 +0000")
   ("Antarctica/Troll" "2026-03-29 01:00:00 +0000")
   ("Africa/Casablanca" "2026-03-22 02:00:00 +0000")
   ("Pacific/Apia" "2011-12-30 10:00:00 +0000")
   ("America/Juneau" "1983-10-30 10:00:00 +0000")))


;;; Dates of SRFI 19.

(test-equal "the next date has the offset in force then"
  '("2026-03-29T12:00:00+0200" "2026-10-25T02:30:00+0200" #f)
  (in-zone "Europe/Berlin"
    (map (lambda (event date)
           (and=> (next-calendar-event
                   event (string->date date "~Y-~m-~d ~H:~M:~S ~z"))
                  (lambda (date) (date->string date "~4"))))
         (list (daily 12 0) (daily 2 30)
               (calendar-event #:days-of-month '(30) #:months '(2)))
         '("2026-03-28 12:00:00 +0100" "2026-10-24 12:00:00 +0200"
           "2026-10-24 12:00:00 +0200"))))

(test-equal "seconds to wait are inexact, above 0 and count fractions"
  '(59.5 60.0 +inf.0)
  (list (seconds-to-wait (calendar-event)
                         (make-time time-utc 500000000 1800000000))
        (seconds-to-wait (calendar-event)
                         (make-time time-utc 0 1800000000))
        (seconds-to-wait (calendar-event #:months '())
                         (make-time time-utc 0 1800000000))))

(test-assert "the current time is the default"
  (let ((seconds (seconds-to-wait (calendar-event))))
    (and (inexact? seconds) (< 0 seconds 60.1))))


;;; Cron strings.

(define (fields event)
  (list (calendar-event-minutes event)
        (calendar-event-hours event)
        (calendar-event-days-of-month event)
        (calendar-event-months event)
        (calendar-event-days-of-week event)))

(define-syntax-rule (test-cron string minutes hours days months weekdays)
  (test-equal string
    (list '(0) (list minutes hours days months weekdays))
    (let ((event (cron-string->calendar-event string)))
      (list (calendar-event-seconds event) (fields event)))))

(define all-minutes (iota 60))
(define all-hours (iota 24))
(define all-days (iota 31 1))
(define all-months (iota 12 1))
(define all-weekdays (iota 7))

(test-cron "30 4 1,15 * *" '(30) '(4) '(1 15) all-months all-weekdays)
(test-cron "23 0-23/2 * * 1-5"
           '(23) (iota 12 0 2) all-days all-months '(1 2 3 4 5))
(test-cron "*/15 0 1 1 *" '(0 15 30 45) '(0) '(1) '(1) all-weekdays)
(test-cron "0 0 */10 * *" '(0) '(0) '(1 11 21 31) all-months all-weekdays)
(test-cron " 5/10\t1 * * * " '(5) '(1) all-days all-months all-weekdays)

;; Weak spot: the last element of a range with a step counts.
(test-cron "0-10/5 0-9/3 * * *"
           '(0 5 10) '(0 3 6 9) all-days all-months all-weekdays)

;; Weak spot: 7 is Sunday; names; nicknames.
(test-cron "0 0 * * 7" '(0) '(0) all-days all-months '(0))
(test-cron "0 0 * * 5-7" '(0) '(0) all-days all-months '(0 5 6))
(test-cron "0 0 * jan-Mar,DEC sun,Fri"
           '(0) '(0) all-days '(1 2 3 12) '(0 5))
(test-cron "@hourly" '(0) all-hours all-days all-months all-weekdays)
(test-cron "@daily" '(0) '(0) all-days all-months all-weekdays)
(test-cron "@weekly" '(0) '(0) all-days all-months '(0))
(test-cron "@monthly" '(0) '(0) '(1) all-months all-weekdays)
(test-cron "@yearly" '(0) '(0) '(1) '(1) all-weekdays)

;; Weak spot: as in cron, either kind of day is enough if both are given.
(test-next "UTC" (cron-string->calendar-event "30 4 1,15 * 5")
           "2026-11-02 00:00:00 +0000" "2026-11-06 04:30:00 +0000")
(test-next "UTC" (cron-string->calendar-event "30 4 1,15 * 5")
           "2026-11-13 04:30:00 +0000" "2026-11-15 04:30:00 +0000")
(test-next "UTC" (cron-string->calendar-event "0 0 */2 * 5")
           "2026-11-01 00:00:00 +0000" "2026-11-13 00:00:00 +0000")

(define-syntax-rule (test-bad-cron string message detail)
  (test-equal (string-append "bad cron string: " string)
    (list (simple-format #f "~s: ~a" string message) detail)
    (error-text (lambda () (cron-string->calendar-event string)))))

(test-bad-cron "* * * *" "wrong number of cron date fields"
               "4, expected 5: minute hour day-of-month month day-of-week")
(test-bad-cron "" "wrong number of cron date fields"
               "0, expected 5: minute hour day-of-month month day-of-week")
(test-bad-cron "60 * * * *" "invalid minutes cron field"
               "\"60\": expected 0-59")
(test-bad-cron "* 24 * * *" "invalid hours cron field"
               "\"24\": expected 0-23")
(test-bad-cron "* * 0 * *" "invalid days-of-month cron field"
               "\"0\": expected 1-31")
(test-bad-cron "* * * foo *" "invalid months cron field"
               "\"foo\": expected 1-12 or a name such as jan")
(test-bad-cron "* * * * 8" "invalid days-of-week cron field"
               "\"8\": expected 0-7 or a name such as sun")
(test-bad-cron "5-1 * * * *" "invalid minutes cron field"
               "\"5-1\": the range is empty")
;; Weak spot: a step of 0.
(test-bad-cron "*/0 * * * *" "invalid minutes cron field"
               "\"0\": expected a step of 1 or more")
(test-bad-cron "*/2/3 * * * *" "invalid minutes cron field"
               "\"*/2/3\": expected one slash at most")
(test-bad-cron "1,, * * * *" "invalid minutes cron field"
               "\"\": expected 0-59")
(test-bad-cron "1-2-3 * * * *" "invalid minutes cron field"
               "\"1-2-3\": expected 0-59, N-M or *")
(test-bad-cron "+1 * * * *" "invalid minutes cron field"
               "\"+1\": expected 0-59")

(test-equal "what is no string"
  "42: not a cron string"
  (car (error-text (lambda () (cron-string->calendar-event 42)))))

;; Any string gives an event whose fields are in range, or a message condition
;; that begins with it.
(define (random-cron)
  (define (element)
    (one-of '("*" "0" "1" "5" "12" "31" "59" "60" "7" "jan" "sun" "-" "1-5"
              "5-1" "*/2" "*/0" "1-9/4" "/" "," "99999999999999999999" "1e3"
              "\x00;" "é" "#t" "-1" "1-")))
  (define (field)
    (string-join (list-tabulate (+ 1 (random 3 chance)) (lambda _ (element)))
                 (one-of '("," "" "-" "/"))))
  (string-join (list-tabulate (one-of '(5 5 5 5 5 4 6 0)) (lambda _ (field)))
               (one-of '(" " "  " "\t"))))

(test-equal "3,000 strings that may be cron strings"
  '()
  (filter-map
   (lambda _
     (let ((cron (random-cron)))
       (catch #t
         (lambda ()
           (let ((event (cron-string->calendar-event cron)))
             (and (not (and (calendar-event? event)
                            (every pair? (fields event))
                            (sexp->calendar-event
                             (calendar-event->sexp event))))
                  cron)))
         (lambda (key . arguments)
           (and (not (and (eq? key '%exception)
                          (string-prefix?
                           (object->string cron)
                           ((@ (ice-9 exceptions) exception-message)
                            (car arguments)))))
                (cons* cron key arguments))))))
   (iota 3000)))


;;; Zones.

(test-equal "zones that do not exist are told from those that do"
  '(#f #f "Europe/Berlyn" "foo" #f #f #f #f)
  (map (lambda (zone)
         (in-zone zone (unknown-time-zone)))
       '("UTC" "" "Europe/Berlyn" ":foo" "CET-1CEST,M3.5.0,M10.5.0/3"
         "<+0330>-3:30" "EST5EDT" ":/etc/passwd")))

(test-end "calendar")
