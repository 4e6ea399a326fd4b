;;; slope.scm --- Does a series of measurements grow?
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The slope of a series is the median of the slopes between any two of its
;;; points (Theil, 1950; Sen, 1968), which a quarter of the points may be wrong
;;; without moving much; its interval is the one of 99 % that goes with it.

(define-module (tests slope)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (mean
            median
            fit
            fit-slope
            fit-low
            fit-high
            fit-scatter
            grows?))

(define-record-type <fit>
  (make-fit slope low high scatter span)
  fit?
  (slope fit-slope)                     ;change of values per unit of times
  (low fit-low)                         ;bounds of the slope
  (high fit-high)
  (scatter fit-scatter)                 ;of values about the line
  (span fit-span))                      ;from the first time to the last

(define (mean numbers)
  (/ (apply + numbers) (length numbers)))

(define (median numbers)
  (quantile (list->vector (sort numbers <)) 1/2))

(define (quantile sorted fraction)
  (let ((last (- (vector-length sorted) 1)))
    (vector-ref sorted
                (max 0 (min last (round (* fraction last)))))))

(define (pairwise-slopes times values)
  (let loop ((times times) (values values) (slopes '()))
    (match (cons times values)
      ((() . _) slopes)
      (((time . times) . (value . values))
       (loop times values
             (fold (lambda (later other slopes)
                     (cons (/ (- other value) (- later time) 1.0) slopes))
                   slopes times values))))))

(define %two-sided-99 2.576)            ;of the normal distribution

(define (fit times values)
  "Return the line through VALUES, three at least, at TIMES, which increase."
  (let* ((slopes (list->vector (sort (pairwise-slopes times values) <)))
         (pairs (vector-length slopes))
         (n (length values))
         ;; Of Kendall's number of concordant pairs.
         (deviation (sqrt (/ (* n (- n 1) (+ n n 5)) 18)))
         (half (/ (* %two-sided-99 deviation) 2 pairs))
         (bound (lambda (fraction)
                  (quantile slopes (inexact->exact fraction))))
         (slope (quantile slopes 1/2))
         (rests (map (lambda (time value) (- value (* slope time)))
                     times values))
         (middle (median rests)))
    (make-fit slope
              (bound (- 1/2 half))
              (bound (+ 1/2 half))
              (median (map (lambda (rest) (abs (- rest middle))) rests))
              (- (last times) (first times)))))

(define (grows? fit resolution)
  "Does the line of FIT rise, by the least that is likely, and by more than its
points scatter on both sides of it, and than RESOLUTION?"
  (> (* (fit-low fit) (fit-span fit))
     (max resolution (* 2 (fit-scatter fit)))))
