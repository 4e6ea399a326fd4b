;;; (tests simulation command) -- the command line of tests/simulate.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (tests simulation command)
  #:use-module (ice-9 format)
  #:use-module (ice-9 getopt-long)
  #:use-module (ice-9 match)
  #:use-module (ice-9 pretty-print)
  #:use-module (ice-9 regex)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:use-module ((shepherd diagnostics) #:select (object->text))
  #:use-module (tests simulation)
  #:use-module (tests simulation judge)
  #:use-module (tests simulation preemption)
  #:use-module (tests simulation script)
  #:export (main))

(define %help "\
Usage: simulate [OPTION]...
Lead simulated lives of a daemon, each drawn from a seed, and say which
invariants they violate.

  --seeds N       as many as N lives (default: no limit)
  --seconds S     as many as there is time for in S seconds (default: 10)
  --first N       the first seed (default: from the clock)
  --keep-going    do not end at the first violation
  --twice         lead each life twice, which must make no difference,
                  nor must asyncs that come at any time
  --seed N        the life of seed N only
  --skip N,N...   without these steps
  --trace         print all that happens in it
  --shrink        leave out the steps that do not matter
  --invariants    print what must hold, and why
")

(define %options
  '((seeds (value #t)) (seconds (value #t)) (first (value #t))
    (keep-going) (twice) (seed (value #t)) (skip (value #t)) (trace) (shrink)
    (invariants) (help)))

(define (print-violations seed violations)
  (format #t "seed ~a:~%" seed)
  (for-each (match-lambda
              ((name . wrong)
               (format #t "  ~a: ~s~%" name wrong)))
            violations)
  (force-output))

(define (in-short what)
  "Return the observation WHAT without what a reader can do without."
  (match what
    (('publish names ('service . properties) tail ring)
     `(publish ,names
               ,@(map (lambda (name)
                        (car (assq-ref properties name)))
                      '(status running))
               ,@(if (car (assq-ref properties 'enabled?)) '() '(disabled))
               ,@(if (car (assq-ref tail 'pending-replacement?))
                     '(replacement)
                     '())
               ,ring))
    (('reply client ('reply _ ('result ('service . _)) . rest))
     `(reply ,client service ,@rest))
    (('reply client value)
     `(reply ,client ,(object->text value)))
    (_ what)))

(define (print-observation port)
  (lambda (time what)
    (format port "~9,4f ~{~s~^ ~}~%" (- time 1000000) (in-short what))))

(define (story seed)
  "Return what happens in the life of SEED, as text, and its violations."
  (let* ((port (open-output-string))
         (violations (simulate seed #:trace (print-observation port))))
    (values ;; Objects are printed with their addresses.
            (regexp-substitute/global #f "[0-9a-f]{12}" (get-output-string port)
                                      'pre 'post)
            violations)))

(define (simulate-twice seed)
  "Return the violations of SEED, and whether its life cannot be replayed."
  (let*-values (((first violations) (story seed))
                ((second _) (call-with-stray-asyncs
                             (lambda ()
                               (story seed)))))
    (if (string=? first second)
        violations
        `((replays another life) ,@violations))))

(define (seconds-since start)
  (/ (- (get-internal-real-time) start)
     internal-time-units-per-second 1.0))

(define (run-many simulate first seeds seconds keep-going?)
  "Lead lives by SIMULATE from seed FIRST on; return the number of seeds that
failed."
  (define start (get-internal-real-time))

  (let loop ((seed first) (failures 0))
    (if (or (>= (- seed first) seeds)
            (>= (seconds-since start) seconds)
            (and (> failures 0) (not keep-going?)))
        (let ((count (- seed first)))
          (format #t "~a lives from seed ~a, ~a a minute; ~a failed~%"
                  count first
                  (inexact->exact
                   (round (/ (* 60 count) (max 0.001 (seconds-since start)))))
                  failures)
          failures)
        (match (simulate seed)
          (()
           (loop (+ seed 1) failures))
          (violations
           (print-violations seed violations)
           (format #t "  replay: simulate --seed ~a --trace~%" seed)
           (loop (+ seed 1) (+ failures 1)))))))

(define (run-one seed skip trace? shrink?)
  (let* ((skip (if shrink?
                   (match (simulate seed)
                     (() '())
                     (violations (shrink seed violations)))
                   skip))
         (port (current-output-port))
         (violations (simulate seed #:skip skip
                               #:trace (and trace?
                                            (print-observation port)))))
    (when shrink?
      (format #t "replay: simulate --seed ~a --skip ~{~a~^,~} --trace~%"
              seed (sort skip <))
      (for-each (match-lambda
                  ((number . step)
                   (unless (memv number skip)
                     (pretty-print (cons number step)))))
                (make-script seed)))
    (print-violations seed violations)
    (length violations)))

(define (main arguments)
  "Do what the command line ARGUMENTS ask for, and exit."
  (let* ((options (getopt-long arguments %options))
         (number (lambda (name default)
                   (match (option-ref options name #f)
                     (#f default)
                     (text (string->number text))))))
    (cond ((option-ref options 'help #f)
           (display %help))
          ((option-ref options 'invariants #f)
           (for-each (match-lambda
                       ((name occasion why check)
                        (format #t "~a (~a): ~a~%" name occasion why)))
                     %invariants))
          ((number 'seed #f)
           => (lambda (seed)
                (exit (zero? (run-one seed
                                      (map string->number
                                           (string-tokenize
                                            (option-ref options 'skip "")
                                            char-set:digit))
                                      (option-ref options 'trace #f)
                                      (option-ref options 'shrink #f))))))
          (else
           (exit (zero? (run-many (if (option-ref options 'twice #f)
                                      simulate-twice
                                      simulate)
                                  (number 'first (current-time))
                                  (number 'seeds (inf))
                                  (number 'seconds (if (number 'seeds #f)
                                                       (inf)
                                                       10))
                                  (option-ref options 'keep-going #f))))))))
