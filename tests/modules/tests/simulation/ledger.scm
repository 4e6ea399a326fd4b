;;; (tests simulation ledger) -- how often timers did what they are for.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A timer is entered with the seconds of each minute at which its event
;;; occurs, and the number of times that it is to act.  Each start of its
;;; service opens a new account.  When an event occurs is computed here in the
;;; plainest way, not by the daemon's own calendar.

(define-module (tests simulation ledger)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (make-ledger
            ledger-enter!
            ledger-start!
            ledger-act!
            ledger-crash!
            ledger-leap!
            ledger-missing))

(define-record-type <account>
  (make-account seconds times exact? start count last crashes leaps)
  account?
  (seconds account-seconds)             ;list of 0-59
  (times   account-times)               ;integer
  (exact?  account-exact?)              ;does it act as soon as it is due?
  (start   account-start)               ;second when it was started, or #f
  (count   account-count set-account-count!) ;how often it acted since
  ;; The latest occurrence that it acted for, in calm; or #f.
  (last    account-last set-account-last!)
  (crashes account-crashes set-account-crashes!)
  (leaps   account-leaps set-account-leaps!))

(define (make-ledger)
  "Return a ledger without timers: a table from numbers of plans to accounts."
  (make-hash-table))

(define (ledger-enter! ledger id seconds times exact?)
  "Enter timer ID in LEDGER, unless it is there."
  (unless (hashv-ref ledger id)
    (hashv-set! ledger id (make-account seconds times exact? #f 0 #f 0 0))))

(define (ledger-start! ledger id ns)
  "Note that timer ID, if it is one, is started when the wall clock shows NS."
  (match (hashv-ref ledger id)
    (#f #f)
    (($ <account> seconds times exact?)
     (hashv-set! ledger id
                 (make-account seconds times exact? (quotient ns 1000000000)
                               0 #f 0 0)))))

(define (for-each-account proc ledger)
  (hash-for-each (lambda (id account)
                   (proc account))
                 ledger))

(define (ledger-crash! ledger)
  (for-each-account (lambda (account)
                      (set-account-crashes! account
                                            (+ 1 (account-crashes account)))
                      (set-account-last! account #f))
                    ledger))

(define (ledger-leap! ledger)
  "Note that somebody set the wall clock."
  (for-each-account (lambda (account)
                      (set-account-leaps! account
                                          (+ 1 (account-leaps account)))
                      (set-account-last! account #f))
                    ledger))

(define (occurrences account after until)
  "Return the seconds after AFTER and up to UNTIL at which the event of ACCOUNT
occurs, as far as it matters."
  (filter (lambda (second)
            (memv (modulo second 60) (account-seconds account)))
          (iota (max 0 (min 1000 (- until after))) (+ 1 after))))

(define (latest-occurrence account second)
  (if (memv (modulo second 60) (account-seconds account))
      second
      (latest-occurrence account (- second 1))))

(define (ledger-act! ledger id ns calm?)
  "Note that timer ID acts when the wall clock shows NS; return what is wrong with
that, a list, or #f."
  (match (hashv-ref ledger id)
    (#f #f)
    (account
     (let* ((second (quotient ns 1000000000))
            (count (+ 1 (account-count account)))
            (last (account-last account))
            (occurrence (latest-occurrence account second)))
       (set-account-count! account count)
       (set-account-last! account
                          (and calm? (account-exact? account) occurrence))
       (cond ((not (account-start account))
              '(acts but was never started))
             ((> count (account-times account))
              `(acts ,count times instead of ,(account-times account)))
             ((and (zero? (account-leaps account))
                   (> count (length (occurrences account
                                                 (account-start account)
                                                 second))))
              `(acts for the ,count th time at ,second before its event occurs))
             ((and last (= last occurrence))
              `(acts twice at ,occurrence))
             ((and last (pair? (occurrences account last (- occurrence 1))))
              `(misses ,@(occurrences account last (- occurrence 1))))
             (else #f))))))

(define (ledger-missing ledger id)
  "Return how often timer ID is still to act; each crash may cost it one time."
  (match (hashv-ref ledger id)
    (#f 0)
    (account
     (max 0 (- (account-times account) (account-count account)
               (account-crashes account))))))
