;;; slope-test.scm --- What `make soak' calls growth
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (srfi srfi-64)
             (tests simulation chance)
             (tests slope))

(test-begin "slope")

(define times (iota 100 0 10))

(define (series slope noise)
  "Return 1000 + SLOPE * time, with random numbers up to NOISE added."
  (let ((chance (make-chance 'slope)))
    (map (lambda (time)
           (+ 1000 (* slope time) (between chance 0 noise)))
         times)))

(define (series-grows? values)
  (grows? (fit times values) 1))

(test-equal "the slope of a line is its slope"
  3.0
  (fit-slope (fit times (series 3 0))))

(test-equal "a quarter of the points may be anywhere"
  3.0
  (fit-slope (fit times (append (list-head (series 3 0) 75)
                                (make-list 25 0)))))

(let ((line (fit times (series 1 500))))
  (test-assert "with noise, the slope is in its interval"
    (< (fit-low line) 1 (fit-high line)))
  (test-assert "which is narrow where there are many points"
    (< (- (fit-high line) (fit-low line)) 0.5)))

(test-assert "noise is no growth"
  (not (series-grows? (series 0 500))))
(test-assert "a constant does not grow"
  (not (series-grows? (series 0 0))))
(test-assert "nor does what falls"
  (not (series-grows? (series -1 10))))
(test-assert "growth is seen in noise that is as large"
  (series-grows? (series 1 500)))
(test-assert "growth up to the resolution does not count"
  (not (grows? (fit times (series 1 0)) 1000)))
(test-assert "three points that rise are growth only when that is sure"
  (not (grows? (fit '(0 1 2) '(1 5 2)) 1)))

(test-end)
