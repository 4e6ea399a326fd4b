;;; (shepherd time-zone) -- whether local time is what it seems.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The C library goes by UTC without a word where it cannot read a zone.

(define-module (shepherd time-zone)
  #:export (unknown-time-zone))

(define (zone-file name)
  (if (absolute-file-name? name)
      name
      (string-append (or (getenv "TZDIR") "/usr/share/zoneinfo") "/" name)))

(define (rule? zone)
  "Return true if @var{zone} gives name and offset itself, as in @code{CET-1CEST}
or @code{<+03>-3}."
  (let* ((quoted? (string-prefix? "<" zone))
         (end (if quoted?
                  (and=> (string-index zone #\>) 1+)
                  (string-skip zone char-set:letter))))
    (and end
         (>= end 3)
         (< end (string-length zone))
         (->bool (string-match-offset? zone end)))))

(define (string-match-offset? zone start)
  (let ((start (if (memv (string-ref zone start) '(#\+ #\-))
                   (+ start 1)
                   start)))
    (and (< start (string-length zone))
         (char-numeric? (string-ref zone start)))))

(define (unknown-time-zone)
  "Return the time zone that environment variable @env{TZ} asks for if there is no
such zone, else @code{#f}."
  (let* ((value (getenv "TZ"))
         (zone (and value
                    (if (string-prefix? ":" value)
                        (string-drop value 1)
                        value))))
    (and zone
         (not (string-null? zone))
         (not (rule? zone))
         (not (file-exists? (zone-file zone)))
         ;; So called even where there are no files.
         (not (member zone '("UTC" "UTC0" "GMT")))
         zone)))
