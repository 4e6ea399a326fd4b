;;; (shepherd requests) -- questions that are answered later.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A request is a cell that is filled once.  Whoever answers never waits for
;;; whoever asked.  Requests to the core travel with a number; the event that
;;; answers carries the same number.

(define-module (shepherd requests)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd scheduler)
  #:export (make-request
            request?
            request-answered?
            request-answer
            answer-request!
            await-request
            await-request-operation

            fresh-id
            ask-host
            tell-host
            answer-from-host!))

(define-record-type <request>
  (%make-request condition answer)
  request?
  (condition request-condition)
  (answer    request-answer set-request-answer!))

(define %unanswered (list 'unanswered))

(define (make-request)
  "Return a request without an answer."
  (%make-request (make-condition) %unanswered))

(define (request-answered? request)
  "Return true once @var{request} has its answer."
  (not (eq? %unanswered (request-answer request))))

(define (answer-request! request answer)
  "Give @var{answer} to those who await @var{request}; later answers are
dropped.  Never suspends."
  (without-preemption
   (unless (request-answered? request)
     (set-request-answer! request answer)
     (signal-condition! (request-condition request)))))

(define (await-request-operation request)
  "Return the operation that waits for @var{request} and returns its answer."
  (wrap-operation (wait-operation (request-condition request))
                  (lambda _
                    (request-answer request))))

(define (await-request request)
  "Return the answer to @var{request}, suspending until it is there."
  (unless (request-answered? request)
    (wait (request-condition request)))
  (request-answer request))


;;;
;;; Requests to the core.
;;;

(define %last-id 0)

(define (fresh-id)
  "Return a number that was not returned before, an integer above 0."
  (without-preemption
   (set! %last-id (+ 1 %last-id))
   %last-id))

(define pending (make-hash-table))      ;number -> procedure

(define (tell-host tell answered)
  "Call @var{tell} with a fresh number, and later @var{answered} with the answer
that comes with that number."
  ;; What throws is not answered; what is told is not answered before we know.
  (without-preemption
   (let ((id (fresh-id)))
     (tell id)
     (hashv-set! pending id answered))))

(define (ask-host ask)
  "Call @var{ask} with a fresh number and return the answer that comes with that
number.  Suspends."
  (let ((request (make-request)))
    (tell-host ask
               (lambda (answer)
                 (answer-request! request answer)))
    (await-request request)))

(define (answer-from-host! id answer)
  "Hand @var{answer} to whoever asked with number @var{id}, if anyone did."
  (let ((answered (hashv-ref pending id)))
    (when answered
      (hashv-remove! pending id)
      (answered answer))))
