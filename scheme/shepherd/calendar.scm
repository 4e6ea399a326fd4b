;;; (shepherd calendar) -- calendar events, and when they occur.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A calendar event occurs at the seconds of local time that it lists.  Three
;;; steps find the next one, all of them over integers:
;;;
;;; - a wall second is what the clock on the wall shows, as seconds since 1970
;;;   began there; which one matches next is a matter of civil dates alone;
;;; - an instant is a number of seconds since the Epoch; while the offset of the
;;;   zone stays the same, wall second = instant + offset;
;;; - where the offset changes, a wall second may come twice, or never.  What
;;;   comes twice counts the first time only, unless the event occurs in every
;;;   hour; what never comes takes place when it would have come without the
;;;   change.
;;;
;;; The offsets are given by a procedure, by default that of the C library.

(define-module (shepherd calendar)
  #:use-module ((ice-9 exceptions) #:select (make-exception-with-message
                                             make-exception-with-irritants))
  #:use-module (ice-9 match)
  #:use-module ((srfi srfi-1) #:select (list-index))
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (shepherd comm)
  #:use-module ((shepherd support syntax) #:select (format-message l10n))
  #:export (calendar-event
            calendar-event?
            calendar-event-seconds
            calendar-event-minutes
            calendar-event-hours
            calendar-event-days-of-month
            calendar-event-months
            calendar-event-days-of-week
            calendar-event-either-day?
            either-day
            sexp->calendar-event
            calendar-event->sexp
            days-of-week
            raise-calendar-error
            next-occurrence
            local-offset))

(define-immutable-record-type <calendar-event>
  (make-calendar-event seconds minutes hours days-of-month months days-of-week
                       either-day?)
  calendar-event?
  (seconds       calendar-event-seconds)       ;list of 0-59
  (minutes       calendar-event-minutes)       ;list of 0-59
  (hours         calendar-event-hours)         ;list of 0-23
  (days-of-month calendar-event-days-of-month) ;list of 1-31
  (months        calendar-event-months)        ;list of 1-12
  (days-of-week  calendar-event-days-of-week)  ;list of 0-6, 0 is Sunday
  ;; True if one of the two kinds of day is enough, as in cron.
  (either-day?   calendar-event-either-day?))

(define days-of-week
  '(sunday monday tuesday wednesday thursday friday saturday))

(define (raise-calendar-error message . details)
  "Raise a message condition that says @var{message}, and the strings
@var{details} beside it."
  (let ((message (make-exception-with-message message)))
    (raise-exception
     (if (null? details)
         message
         (make-exception message (make-exception-with-irritants details))))))

(define (range first last)
  (iota (+ 1 (- last first)) first))

(define (check-range field values first last)
  (unless (list? values)
    (raise-calendar-error
     (format-message (l10n "calendar-event: ~a: ~s: not a list")
                     field values)))
  (for-each (lambda (value)
              (unless (and (integer? value) (exact? value)
                           (<= first value last))
                (raise-calendar-error
                 (format-message (l10n "calendar-event: ~a: ~s: value out of \
range (~a-~a)")
                                 field value first last))))
            values))

(define (day-of-week day)
  "Return the number of @var{day}, a symbol."
  (or (list-index (lambda (name) (eq? name day)) days-of-week)
      (raise-calendar-error
       (format-message (l10n "calendar-event: ~s: invalid day of week") day)
       (format-message (l10n "expected one of ~a") days-of-week))))

(define* (calendar-event #:key (seconds '(0)) (minutes (range 0 59))
                         (hours (range 0 23)) (days-of-week days-of-week)
                         (days-of-month (range 1 31)) (months (range 1 12)))
  "Return the calendar event of the local times whose second, minute, hour, day of
the week, day of the month and month are all in these lists.  Raise a message
condition for a value out of range."
  (check-range 'seconds seconds 0 59)
  (check-range 'minutes minutes 0 59)
  (check-range 'hours hours 0 23)
  (check-range 'days-of-month days-of-month 1 31)
  (check-range 'months months 1 12)
  (unless (list? days-of-week)
    (raise-calendar-error
     (format-message (l10n "calendar-event: ~a: ~s: not a list")
                     'days-of-week days-of-week)))
  (make-calendar-event seconds minutes hours days-of-month months
                       (map day-of-week days-of-week) #f))

(define (either-day event)
  "Return @var{event} with one of its two kinds of day being enough."
  (set-field event (calendar-event-either-day?) #t))


;;;
;;; As data.
;;;

(define-record-type-serializer (calendar-event->sexp (event <calendar-event>))
  `(calendar-event (version 0)
                   (seconds ,(calendar-event-seconds event))
                   (minutes ,(calendar-event-minutes event))
                   (hours ,(calendar-event-hours event))
                   (days-of-month ,(calendar-event-days-of-month event))
                   (days-of-week ,(calendar-event-days-of-week event))
                   (months ,(calendar-event-months event))
                   ,@(if (calendar-event-either-day? event)
                         '((either-day? #t))
                         '())))

(define (all-in? values first last)
  (and (list? values)
       (and-map (lambda (value)
                  (and (integer? value) (exact? value)
                       (<= first value last)))
                values)))

(define (sexp->calendar-event sexp)
  "Return the calendar event that @var{sexp}, as clients receive it, stands for,
or @code{#f} if it stands for none."
  (match sexp
    (('calendar-event ('version 0 _ ...)
                      ('seconds (? (lambda (x) (all-in? x 0 59)) seconds))
                      ('minutes (? (lambda (x) (all-in? x 0 59)) minutes))
                      ('hours (? (lambda (x) (all-in? x 0 23)) hours))
                      ('days-of-month (? (lambda (x) (all-in? x 1 31)) days))
                      ('days-of-week (? (lambda (x) (all-in? x 0 6)) weekdays))
                      ('months (? (lambda (x) (all-in? x 1 12)) months))
                      rest ...)
     (make-calendar-event seconds minutes hours days months weekdays
                          (match (and (and-map pair? rest)
                                      (assq-ref rest 'either-day?))
                            ((flag . _) (->bool flag))
                            (_ #f))))
    (_ #f)))


;;;
;;; Civil dates.  Days are counted from 1970-01-01.
;;;

(define %minute 60)
(define %hour 3600)
(define %day 86400)

(define (days->date days)
  "Return the year, month and day of the month of day number @var{days}."
  ;; Years begin in March here, so that leap days come last; eras have 400
  ;; years each.
  (let* ((days (+ days 719468))
         (era (floor-quotient days 146097))
         (day-of-era (floor-remainder days 146097))
         (year-of-era (quotient (- day-of-era
                                   (quotient day-of-era 1460)
                                   (- (quotient day-of-era 36524))
                                   (quotient day-of-era 146096))
                                365))
         (day-of-year (- day-of-era
                         (- (+ (* 365 year-of-era) (quotient year-of-era 4))
                            (quotient year-of-era 100))))
         (shifted (quotient (+ (* 5 day-of-year) 2) 153))
         (month (if (< shifted 10) (+ shifted 3) (- shifted 9))))
    (values (+ year-of-era (* 400 era) (if (<= month 2) 1 0))
            month
            (+ 1 (- day-of-year (quotient (+ (* 153 shifted) 2) 5))))))

(define (date->days year month)
  "Return the number of the first day of @var{month} of @var{year}."
  (let* ((year (if (<= month 2) (- year 1) year))
         (era (floor-quotient year 400))
         (year-of-era (floor-remainder year 400))
         (shifted (if (> month 2) (- month 3) (+ month 9)))
         (day-of-year (quotient (+ (* 153 shifted) 2) 5)))
    (+ (* era 146097)
       (* year-of-era 365) (quotient year-of-era 4)
       (- (quotient year-of-era 100))
       day-of-year
       -719468)))

(define (month-after year month)
  (if (= month 12)
      (values (+ year 1) 1)
      (values year (+ month 1))))


;;;
;;; The next wall second.
;;;

;; February 29 on a given day of the week comes within 40 years.
(define %years-ahead 41)

(define (least values floor)
  "Return the least of @var{values} that is not below @var{floor}, or @code{#f}."
  (let loop ((values values) (best #f))
    (match values
      (() best)
      ((value . rest)
       (loop rest (if (and (>= value floor) (or (not best) (< value best)))
                      value
                      best))))))

(define (next-time event second)
  "Return the first time of day of @var{event}, in seconds, from @var{second} on,
or @code{#f} if there is none on that day any more."
  (define (at hour minute second)
    (+ (* hour %hour) (* minute %minute) second))

  (define (from hour minute second)
    ;; The first from that time of day on; the fields below one that moves
    ;; start again.
    (let* ((seconds (calendar-event-seconds event))
           (minutes (calendar-event-minutes event))
           (this-hour (least (calendar-event-hours event) hour))
           (minute (if (eqv? this-hour hour) minute 0))
           (second (if (eqv? this-hour hour) second 0))
           (this-minute (least minutes minute))
           (this-second (least seconds
                               (if (eqv? this-minute minute) second 0))))
      (cond ((not this-hour) #f)
            ((not this-minute) (from (+ this-hour 1) 0 0))
            ((not this-second) (from this-hour (+ this-minute 1) 0))
            (else (at this-hour this-minute this-second)))))

  (from (quotient second %hour)
        (quotient (remainder second %hour) %minute)
        (remainder second %minute)))

(define (day-matches? event days day)
  "Return true if day number @var{days}, the @var{day}th of a month in which
@var{event} occurs, is one of its days."
  (let ((by-week (memv (floor-remainder (+ days 4) 7)
                       (calendar-event-days-of-week event)))
        (by-month (memv day (calendar-event-days-of-month event))))
    (if (calendar-event-either-day? event)
        (or by-week by-month)
        (and by-week by-month))))

(define (next-day event days)
  "Return the number of the first day of @var{event} from @var{days} on, or
@code{#f} if there is none."
  (call-with-values (lambda () (days->date days))
    (lambda (year month _)
      (let next-month ((year year) (month month)
                       (left (* 12 %years-ahead)))
        (and (positive? left)
             (call-with-values (lambda () (month-after year month))
               (lambda (after-year after-month)
                 (let ((first (date->days year month))
                       (end (date->days after-year after-month)))
                   (let next-day ((current (max days first)))
                     (cond ((or (= current end)
                                (not (memv month
                                           (calendar-event-months event))))
                            (next-month after-year after-month (- left 1)))
                           ((day-matches? event current
                                          (+ 1 (- current first)))
                            current)
                           (else
                            (next-day (+ current 1)))))))))))))

(define (never? event)
  ;; Else all the years would be searched in vain.
  (or (null? (calendar-event-seconds event))
      (null? (calendar-event-minutes event))
      (null? (calendar-event-hours event))))

(define (next-wall-second event second)
  "Return the first wall second of @var{event} from @var{second} on, or
@code{#f}."
  (let* ((days (floor-quotient second %day))
         (today (next-day event days)))
    (cond ((not today) #f)
          ((and (= today days)
                (next-time event (floor-remainder second %day)))
           => (lambda (time)
                (+ (* days %day) time)))
          (else
           (let ((day (if (= today days)
                          (next-day event (+ days 1))
                          today)))
             (and day
                  (+ (* day %day) (next-time event 0))))))))


;;;
;;; The next instant.
;;;

(define (local-offset instant)
  "Return how many seconds local time is ahead of UTC at @var{instant}."
  (- (tm:gmtoff (localtime instant))))

;; More than any zone is ahead of UTC or behind it, and than any change of
;; offset.
(define %largest-offset (* 27 %hour))

;; Within this time the offset changes once at most.
(define %step (* 6 %hour))

(define (change-between offset-at start offset end)
  "Return the first instant after @var{start}, where @var{offset} is in force, and
not after @var{end}, where another one is; or @code{#f}."
  (define (bisect low high)
    ;; The change is after LOW, and not after HIGH.
    (if (= 1 (- high low))
        high
        (let ((middle (quotient (+ low high) 2)))
          (if (= offset (offset-at middle))
              (bisect middle high)
              (bisect low middle)))))

  (let loop ((low start))
    (and (< low end)
         (let ((high (min end (+ low %step))))
           (if (= offset (offset-at high))
               (loop high)
               (bisect low high))))))

(define (earliest . instants)
  (let loop ((instants instants) (best #f))
    (match instants
      (() best)
      ((#f . rest) (loop rest best))
      ((instant . rest)
       (loop rest (if best (min best instant) instant))))))

(define (first-in-span event from offset)
  "Return the first instant of @var{event} from @var{from} on if @var{offset} is
always in force."
  (and=> (next-wall-second event (+ from offset))
         (lambda (second) (- second offset))))

(define (first-near event start end offset-at)
  "Return the first instant of @var{event} from @var{start} on and not after
@var{end}, or @code{#f}."
  (define hourly?
    (= 24 (length (calendar-event-hours event))))

  (define (regular begin offset previous)
    ;; In the span from BEGIN on; what was there already with the offset
    ;; PREVIOUS does not count.
    (first-in-span event
                   (max start
                        (if (and previous (not hourly?))
                            (+ begin (max 0 (- previous offset)))
                            begin))
                   offset))

  (define (skipped begin offset previous)
    ;; What the change at BEGIN skips.
    (and previous (> offset previous)
         (let ((end (+ begin (- offset previous))))
           (and (< start end)
                (let ((instant (first-in-span event (max start begin)
                                              previous)))
                  (and instant (< instant end) instant))))))

  ;; What happened shortly before START may still have an effect.
  (let ((begin (- start %largest-offset)))
    (let loop ((begin begin) (offset (offset-at begin)) (previous #f)
               (best #f))
      (let* ((best (earliest best (skipped begin offset previous)))
             (candidate (regular begin offset previous))
             (change (change-between offset-at begin offset
                                     (earliest best candidate end))))
        (if change
            (loop change (offset-at change) offset best)
            (match (earliest best candidate)
              ((? integer? instant) (and (<= instant end) instant))
              (#f #f)))))))

(define* (next-occurrence event after #:optional (offset-at local-offset))
  "Return the first instant after @var{after} at which @var{event} occurs, in
seconds since the Epoch, or @code{#f} if it never occurs.  @var{offset-at} returns
the offset of the zone, in seconds east, at an instant."
  (and (not (never? event))
       (let search ((from (+ after 1)))
         (let ((second (next-wall-second event (- from %largest-offset))))
           (and second
                ;; There is nothing before, wherever one is.
                (let* ((start (max from (- second %largest-offset)))
                       (end (+ start (* 4 %largest-offset))))
                  (or (first-near event start end offset-at)
                      (search (+ end 1)))))))))
