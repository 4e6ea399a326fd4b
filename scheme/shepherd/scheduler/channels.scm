;;; channels.scm --- Channels, mailboxes and conditions
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A *channel* is a rendezvous: a message passes when one fiber puts and
;;; another gets.  A *mailbox* keeps any number of messages; putting never
;;; waits, so it can be done outside of fibers too.  A *condition* happens
;;; once; whoever waits for it, then or later, goes on.
;;;
;;; Depends on operations.scm, fiber.scm, queue.scm and struct.scm.

(define-module (shepherd scheduler channels)
  #:use-module (shepherd scheduler fiber)
  #:use-module (shepherd scheduler operations)
  #:use-module (shepherd scheduler queue)
  #:use-module (shepherd scheduler struct)
  #:export (make-channel
            channel?
            put-message
            get-message
            put-operation
            get-operation

            make-mailbox
            mailbox?
            mailbox-empty?
            mailbox-put!
            mailbox-get
            mailbox-get-operation

            make-condition
            condition?
            signal-condition!
            condition-signalled?
            wait
            wait-operation))

(define (cancel-in-queue scheduler waiter)
  (wait-queue-remove! (waiter-ref waiter place) waiter))

(define (print-as name)
  (lambda (object port)
    (display "#<" port)
    (display name port)
    (display " " port)
    (display (number->string (object-address object) 16) port)
    (display ">" port)))

(define-syntax-rule (check predicate object)
  (unless (predicate object)
    (wrong-type 'predicate object)))

(define (wrong-type predicate object)
  (scm-error 'wrong-type-arg #f (gettext "~s is not a ~a")
             (list object
                   (string-trim-right (symbol->string predicate) #\?))
             (list object)))


;;; Channels.

(define-struct (<channel> %make-channel channel? channel-ref channel-set!
  getters                               ;<wait-queue>
  putters)                              ;<wait-queue>, datum is the message
  (print-as "channel"))

(define (make-channel)
  "Return a new channel."
  (%make-channel (make-wait-queue 'channel) (make-wait-queue 'channel)))

(define %put
  (make-kind 'put-message #f
             (lambda (scheduler channel message)
               (let ((getter (wait-queue-pop! (channel-ref channel getters))))
                 (cond (getter
                        (wake! getter message)
                        #t)
                       (else %blocked))))
             (lambda (scheduler waiter channel message)
               (wait-queue-push! (channel-ref channel putters) waiter))
             cancel-in-queue))

(define %get
  (make-kind 'get-message #t
             (lambda (scheduler channel _)
               (let ((putter (wait-queue-pop! (channel-ref channel putters))))
                 (cond (putter
                        (let ((message (waiter-ref putter datum)))
                          (wake! putter #t)
                          message))
                       (else %blocked))))
             (lambda (scheduler waiter channel _)
               (wait-queue-push! (channel-ref channel getters) waiter))
             cancel-in-queue))

(define (put-message channel message)
  "Wait until a fiber gets @var{message} from @var{channel}."
  (check channel? channel)
  (perform %put channel message))

(define (get-message channel)
  "Wait until a fiber puts a message on @var{channel}, and return it."
  (check channel? channel)
  (perform %get channel #f))

(define (put-operation channel message)
  "Return the operation that does @code{put-message}.  It has no values."
  (check channel? channel)
  (make-operation %put channel message))

(define (get-operation channel)
  "Return the operation that does @code{get-message}."
  (check channel? channel)
  (make-operation %get channel #f))


;;; Mailboxes.

;; The messages are a list from FIRST on; LAST is its last pair.
(define-struct (<mailbox> %make-mailbox mailbox? mailbox-ref mailbox-set!
  first
  last
  getters)                              ;<wait-queue>
  (print-as "mailbox"))

(define (make-mailbox)
  "Return a new mailbox without messages."
  (%make-mailbox '() #f (make-wait-queue 'mailbox)))

(define (mailbox-empty? mailbox)
  "Return true if there is no message in @var{mailbox}."
  (null? (mailbox-ref mailbox first)))

(define (mailbox-enqueue! mailbox message)
  (let ((pair (list message)))
    (if (mailbox-empty? mailbox)
        (mailbox-set! mailbox first pair)
        (set-cdr! (mailbox-ref mailbox last) pair))
    (mailbox-set! mailbox last pair)))

(define (mailbox-dequeue! mailbox)
  (let ((pair (mailbox-ref mailbox first)))
    (mailbox-set! mailbox first (cdr pair))
    (when (null? (cdr pair))
      (mailbox-set! mailbox last #f))
    (car pair)))

(define (mailbox-put! mailbox message)
  "Put @var{message} into @var{mailbox}.  Never waits; can be called outside
of fibers."
  (check mailbox? mailbox)
  (critical (this-scheduler)
    (let ((getter (wait-queue-pop! (mailbox-ref mailbox getters))))
      (if getter
          (wake! getter message)
          (mailbox-enqueue! mailbox message))
      #t))
  *unspecified*)

(define %mailbox-get
  (make-kind 'mailbox-get #t
             (lambda (scheduler mailbox _)
               (if (mailbox-empty? mailbox)
                   %blocked
                   (mailbox-dequeue! mailbox)))
             (lambda (scheduler waiter mailbox _)
               (wait-queue-push! (mailbox-ref mailbox getters) waiter))
             cancel-in-queue))

(define (mailbox-get mailbox)
  "Return the oldest message in @var{mailbox}, and take it out.  Wait for one
if there is none."
  (check mailbox? mailbox)
  (perform %mailbox-get mailbox #f))

(define (mailbox-get-operation mailbox)
  "Return the operation that does @code{mailbox-get}."
  (check mailbox? mailbox)
  (make-operation %mailbox-get mailbox #f))


;;; Conditions.

(define-struct (<condition> %make-condition condition?
                condition-ref condition-set!
  signalled?
  waiters)                              ;<wait-queue>
  (print-as "condition"))

(define (condition-signalled? condition)
  "Return true if @var{condition} has been signalled."
  (check condition? condition)
  (condition-ref condition signalled?))

(define (make-condition)
  "Return a condition that has not been signalled."
  (%make-condition #f (make-wait-queue 'condition)))

(define (signal-condition! condition)
  "Let everyone who waits for @var{condition} go on, now and from now on.
Return @code{#t}, or @code{#f} if it was signalled before.  Never waits; can
be called outside of fibers."
  (check condition? condition)
  (critical (this-scheduler)
    (cond ((condition-ref condition signalled?)
           #f)
          (else
           (condition-set! condition signalled? #t)
           (let loop ()
             (let ((waiter (wait-queue-pop! (condition-ref condition waiters))))
               (when waiter
                 (wake! waiter #t)
                 (loop))))
           #t))))

(define %wait
  (make-kind 'wait #f
             (lambda (scheduler condition _)
               (if (condition-ref condition signalled?) #t %blocked))
             (lambda (scheduler waiter condition _)
               (wait-queue-push! (condition-ref condition waiters) waiter))
             cancel-in-queue))

(define (wait condition)
  "Wait until @var{condition} is signalled."
  (check condition? condition)
  (perform %wait condition #f))

(define (wait-operation condition)
  "Return the operation that does @code{wait}.  It has no values."
  (check condition? condition)
  (make-operation %wait condition #f))
