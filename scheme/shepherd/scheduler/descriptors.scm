;;; descriptors.scm --- Waiting for descriptors, and for ports
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A descriptor is watched for being readable, for being writable and for
;;; having been hung up, until there is an event of that kind, or the last fiber
;;; that waits has gone.  An event wakes every fiber that waits for its kind;
;;; each tries again.
;;;
;;; Depends on operations.scm, fiber.scm, queue.scm and struct.scm.

(define-module (shepherd scheduler descriptors)
  #:use-module (shepherd scheduler fiber)
  #:use-module (shepherd scheduler operations)
  #:use-module (shepherd scheduler queue)
  #:use-module (shepherd scheduler struct)
  #:use-module ((ice-9 ports internal)
                #:select (port-read-wait-fd port-write-wait-fd))
  #:export (descriptor-event!
            forget-descriptors!
            wait-until-readable-operation
            wait-until-writable-operation
            wait-until-hung-up-operation
            install-suspendable-port-waiters!))

(define-struct (<watch> %make-watch watch? watch-ref watch-set!
  fd                                    ;integer
  readable                              ;<wait-queue>
  writable                              ;<wait-queue>
  hung-up))                             ;<wait-queue>

(define (make-watch fd)
  (%make-watch fd
               (make-wait-queue (list 'readable fd))
               (make-wait-queue (list 'writable fd))
               (make-wait-queue (list 'hung-up fd))))

(define (find-watch scheduler fd)
  (hashv-ref (scheduler-ref scheduler descriptors) fd))

(define (ensure-watch scheduler fd)
  (or (find-watch scheduler fd)
      (let ((watch (make-watch fd)))
        (hashv-set! (scheduler-ref scheduler descriptors) fd watch)
        watch)))

(define (watch-queue watch event)
  (case event
    ((readable) (watch-ref watch readable))
    ((writable) (watch-ref watch writable))
    ((hung-up) (watch-ref watch hung-up))))

(define (forget-if-unused! scheduler watch)
  "Drop @var{watch} if nobody waits; return true if so."
  (and (wait-queue-empty? (watch-ref watch readable))
       (wait-queue-empty? (watch-ref watch writable))
       (wait-queue-empty? (watch-ref watch hung-up))
       (begin
         (hashv-remove! (scheduler-ref scheduler descriptors)
                        (watch-ref watch fd))
         #t)))

(define (arm! scheduler watch event)
  "Watch the descriptor of @var{watch} for @var{event}.  If that fails, those that
wait for it get the error; for a descriptor that cannot be watched since it is
always ready (a regular file), they go on."
  (with-exception-handler
      (lambda (exception)
        (wake-all! (watch-queue watch event)
                   (and (not (always-ready? exception)) exception))
        (forget-if-unused! scheduler watch))
    (lambda ()
      ((scheduler-ref scheduler watch-fd) (watch-ref watch fd) event))
    #:unwind? #t))

(define (always-ready? exception)
  (and (eq? (exception-kind exception) 'system-error)
       (= (system-error-errno (cons 'system-error
                                    (exception-args exception)))
          EPERM)))

(define (wake-all! queue exception)
  (let loop ()
    (let ((waiter (wait-queue-pop! queue)))
      (when waiter
        (if exception
            (wake-with-exception! waiter exception)
            (wake! waiter #t))
        (loop)))))

(define (descriptor-event! scheduler fd event)
  "Wake the fibers that wait until @var{fd} is @code{readable}, @code{writable} or
@code{hung-up}, whichever @var{event} is."
  (let ((watch (find-watch scheduler fd)))
    (when watch
      (wake-all! (watch-queue watch event) #f)
      (forget-if-unused! scheduler watch))))

(define (forget-descriptors! scheduler)
  "End all watches of @var{scheduler}."
  (for-each (scheduler-ref scheduler forget-fd)
            (hash-map->list (lambda (fd watch) fd)
                            (scheduler-ref scheduler descriptors)))
  (hash-clear! (scheduler-ref scheduler descriptors)))

(define (stand-in-line! scheduler waiter fd event)
  (let ((watch (ensure-watch scheduler fd)))
    (wait-queue-push! (watch-queue watch event) waiter)
    ;; Even if others wait already: they may have done so since before FD was
    ;; closed and its number used again.
    (arm! scheduler watch event)))

(define (leave-line! scheduler waiter)
  (let ((queue (waiter-ref waiter place)))
    (wait-queue-remove! queue waiter)
    (let* ((fd (cadr (wait-queue-owner queue)))
           (watch (find-watch scheduler fd)))
      (when (and watch (forget-if-unused! scheduler watch))
        ((scheduler-ref scheduler forget-fd) fd)))))

(define (make-event-kind event)
  (make-kind event #f
             (lambda (scheduler fd _) %blocked)
             (lambda (scheduler waiter fd _)
               (stand-in-line! scheduler waiter fd event))
             leave-line!))

(define %readable (make-event-kind 'readable))
(define %writable (make-event-kind 'writable))
(define %hung-up (make-event-kind 'hung-up))

(define (check-fd fd)
  (unless (and (exact-integer? fd) (>= fd 0))
    (scm-error 'wrong-type-arg #f
               (gettext "not a file descriptor: ~s")
               (list fd) (list fd))))

(define (wait-until-readable-operation fd)
  "Return the operation that waits until a read from @var{fd} would not
block.  It has no values; it raises @code{system-error} if @var{fd} cannot be
watched."
  (check-fd fd)
  (make-operation %readable fd #f))

(define (wait-until-writable-operation fd)
  "Return the operation that waits until a write to @var{fd} would not
block.  It has no values; it raises @code{system-error} if @var{fd} cannot be
watched."
  (check-fd fd)
  (make-operation %writable fd #f))

(define (wait-until-hung-up-operation fd)
  "Return the operation that waits until nothing can be read from @var{fd}, a
socket or a pipe, nor written to it, as the other side has closed it, or there is
an error.  It has no values; it raises @code{system-error} if @var{fd} cannot be
watched."
  (check-fd fd)
  (make-operation %hung-up fd #f))

(define (install-suspendable-port-waiters!)
  "Make Guile's ports suspend the fiber where they would block.  That holds
for ports whose descriptors are non-blocking.  Outside of fibers they block
as before."
  (let* ((module (resolve-interface '(ice-9 suspendable-ports)))
         (read-waiter (module-ref module 'current-read-waiter))
         (write-waiter (module-ref module 'current-write-waiter))
         (block-reading (read-waiter))
         (block-writing (write-waiter)))
    ((module-ref module 'install-suspendable-ports!))
    (read-waiter
     (lambda (port)
       (if (current-fiber)
           (perform %readable (port-read-wait-fd port) #f)
           (block-reading port))))
    (write-waiter
     (lambda (port)
       (if (current-fiber)
           (perform %writable (port-write-wait-fd port) #f)
           (block-writing port))))
    *unspecified*))
