;;; (shepherd bequests) -- what a service leaves to its next run.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Some things that a start acquires, such as listening sockets, are better
;;; kept while the service is respawned or restarted.  Whoever acquires them
;;; says here how to give them up; that is done once the service has come to
;;; rest, unless it is about to be started again.

(define-module (shepherd bequests)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd scheduler)
  #:export (bequeath!
            release-bequest!
            call-expecting-restart))

(define bequests (make-hash-table))     ;service -> thunk
(define expected '())                   ;services, each as often as expected

(define (bequeath! service release)
  "Have the thunk @var{release} called when @var{service} has come to rest.  It
takes the place of what was given before, and must not suspend."
  (hashq-set! bequests service release))

(define (release-bequest! service)
  "Give up what @var{service}, which is stopped, keeps for its next run, unless
that is about to come.  Never suspends."
  (unless (memq service expected)
    (let ((release (hashq-ref bequests service)))
      (when release
        (hashq-remove! bequests service)
        (release)))))

;; Two restarts of a service may be under way.
(define (remove-once item items)
  (let-values (((before after)
                (break (lambda (other) (eq? item other)) items)))
    (append before (cdr after))))

(define (call-expecting-restart services stopped? thunk)
  "Return what @var{thunk} does, during which @var{services} keep what they have;
those for which @var{stopped?} is true afterwards give it up."
  (define (expect)
    (without-preemption
     (set! expected (append services expected))))

  (define (cease)
    (without-preemption
     (set! expected (fold remove-once expected services)))
    (for-each (lambda (service)
                (when (stopped? service)
                  (release-bequest! service)))
              services))

  (expect)
  (catch #t
    (lambda ()
      (call-with-values thunk
        (lambda results
          (cease)
          (apply values results))))
    (lambda exception
      (cease)
      (apply throw exception))))
