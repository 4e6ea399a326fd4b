;;; (shepherd sockets listeners) -- the sockets that a service listens on.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A service's sockets stay open while it is respawned or restarted, so that
;;; nobody who connects meanwhile is refused: they are closed once the service
;;; has come to rest (see (shepherd bequests)), and a start takes those that
;;; are there already.  A service that takes the place of another inherits its
;;; sockets, too, where it wants the same addresses.

(define-module (shepherd sockets listeners)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd bequests)
  #:use-module (shepherd controller)
  #:use-module (shepherd publication)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd sockets endpoint)
  #:use-module (shepherd sockets opening)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (open-listeners
            listener-endpoint
            listener-socket
            listener-descriptor
            listener-address
            service-listeners
            await-readable
            set-blocking!
            close-at-rest!
            with-maker
            service-maker))

(define-record-type <listener>
  (make-listener endpoint socket identity owner)
  listener?
  (endpoint listener-endpoint)
  (socket   listener-socket)            ;port
  (identity listener-identity)          ;of the socket file, or #f
  (owner    listener-owner))            ;service

(define (listener-descriptor listener)
  "Return the descriptor of @var{listener}."
  (fileno (listener-socket listener)))

(define (listener-address listener)
  "Return where @var{listener} listens, as messages show it."
  (socket-address->string (endpoint-address (listener-endpoint listener))))

(define listeners '())                  ;all that are open, oldest first

(define (service-listeners service)
  "Return the listeners that @var{service} has, in the order of its endpoints."
  (filter (lambda (listener)
            (eq? service (listener-owner listener)))
          listeners))

(define (close-listener! listener)
  (without-preemption
   (set! listeners (delq listener listeners))
   (delete-socket-file (listener-endpoint listener)
                       (listener-identity listener))
   (release-descriptor! (listener-descriptor listener))
   (close-port (listener-socket listener))))

(define (close-listeners! service)
  (without-preemption
   (for-each close-listener! (service-listeners service))
   ;; A successor must not look for them.
   (publish-service! service)))

(define (keep! listener)
  "Note that @var{listener} is open, in this image of the process and the next."
  (without-preemption
   (set! listeners (append (delq listener listeners) (list listener)))
   (publish-service! (listener-owner listener))
   (keep-descriptor! (listener-descriptor listener))))

(define (close-at-rest! service release)
  "Have the listeners of @var{service} closed when it has come to rest, after a
call of the thunk @var{release}, which must not suspend."
  (bequeath! service
             (lambda ()
               (release)
               (close-listeners! service))))

(define (reachable? listener)
  "Return true unless the socket file of @var{listener} is gone."
  (equal? (listener-identity listener)
          (socket-file-identity (listener-endpoint listener))))

(define (find-left endpoint service taken)
  "Return the listener for the place of @var{endpoint}, not one of @var{taken},
that the last run of @var{service}, or a service that is not registered any more,
left; or @code{#f}."
  (find (lambda (listener)
          (and (same-place? endpoint (listener-endpoint listener))
               (not (memq listener taken))
               (let ((owner (listener-owner listener)))
                 (or (eq? owner service)
                     (not (registered? owner))))))
        listeners))

(define (take-over! left endpoint service)
  "Return listener @var{left} as that of @var{service} for @var{endpoint}; return
@code{#f}, and close it, if nobody can reach it any more."
  (let ((new (make-listener endpoint (listener-socket left)
                            (listener-identity left) service)))
    (without-preemption
     (set! listeners (append (delq left listeners) (list new))))
    (cond ((reachable? new)
           (set-blocking! new #f)
           (adjust-socket (listener-socket new) endpoint)
           new)
          (else
           (close-listener! new)
           #f))))

(define (open-listener endpoint service taken)
  (let ((left (find-left endpoint service taken)))
    (or (and left (take-over! left endpoint service))
        (let ((sock (open-socket endpoint)))
          (make-listener endpoint sock (socket-file-identity endpoint)
                         service)))))

(define (open-all endpoints service)
  (let loop ((endpoints endpoints) (opened '()))
    (if (null? endpoints)
        (reverse opened)
        (let ((listener (open-listener (car endpoints) service opened)))
          (keep! listener)
          (loop (cdr endpoints) (cons listener opened))))))

(define (open-listeners endpoints release)
  "Return listeners for @var{endpoints}, in that order, that belong to the current
service; @var{release}, a thunk that must not suspend, is called before they are
closed.  If one cannot be opened, throw; none is left open then.  Suspends."
  (let ((service (current-service)))
    (close-at-rest! service release)
    (catch #t
      (lambda ()
        (let ((opened (open-all endpoints service)))
          (for-each close-listener!
                    (lset-difference eq? (service-listeners service) opened))
          opened))
      (lambda exception
        (close-listeners! service)
        (apply throw exception)))))

(define (await-readable listeners condition)
  "Return true once somebody connects to one of @var{listeners}, @code{#f} when
@var{condition} is signalled.  Suspends."
  (perform-operation
   (apply choice-operation
          (wrap-operation (wait-operation condition) (const #f))
          (map (lambda (listener)
                 (wrap-operation (wait-until-readable-operation
                                  (listener-descriptor listener))
                                 (const #t)))
               listeners))))

(define (set-blocking! listener blocking?)
  "Have calls on @var{listener}, by whoever shares it, block or not."
  (let* ((sock (listener-socket listener))
         (flags (fcntl sock F_GETFL)))
    (fcntl sock F_SETFL
           (if blocking?
               (logand flags (lognot O_NONBLOCK))
               (logior flags O_NONBLOCK)))))


;;;
;;; For a successor.
;;;

(define (with-maker maker start)
  "Return the start method @var{start}, from which @code{service-maker} gets
@var{maker}, what a constructor made of its arguments."
  (set-procedure-property! start 'maker maker)
  start)

(define (service-maker service type?)
  "Return what the constructor of @var{service}'s start method made; throw if it
does not satisfy @var{type?}, as another constructor made it."
  (let ((maker (procedure-property (service-start service) 'maker)))
    (if (type? maker)
        maker
        (scm-error 'misc-error #f
                   (l10n "its start method listens in another way now; \
restart it")
                   '() #f))))

(define (listeners->datum service)
  "Return what tells of the listeners of @var{service}, or @code{#f}."
  (match (service-listeners service)
    (() #f)
    (listeners
     (map (lambda (listener)
            (list (listener-descriptor listener)
                  (endpoint->sexp (listener-endpoint listener))))
          listeners))))

(define (bound-to? sock address)
  "Return true if @var{sock} is bound to @var{address}, whose port may be 0."
  (let ((actual (catch-system-error (getsockname sock))))
    (and actual
         (= (sockaddr:fam address) (sockaddr:fam actual))
         (if (= AF_UNIX (sockaddr:fam address))
             (equal? (sockaddr:path address) (sockaddr:path actual))
             (memv (sockaddr:port address)
                   (list 0 (sockaddr:port actual)))))))

(define (restore-listener! fd endpoint service)
  "Take up the listener of @var{service} for @var{endpoint} that an earlier image
of the process had as @var{fd}; if it was just about to be closed, do nothing."
  (let ((sock (catch-system-error (fdopen fd "r+0"))))
    (cond ((and sock (bound-to? sock (endpoint-address endpoint)))
           (fcntl sock F_SETFD FD_CLOEXEC)
           (keep! (make-listener endpoint sock
                                 (socket-file-identity endpoint) service)))
          (sock
           ;; The descriptor is somebody else's now.
           (port->fdes sock)))))

(define (restore-listeners! datum service)
  (for-each (match-lambda
              ((fd endpoint)
               (restore-listener! fd (sexp->endpoint endpoint) service)))
            datum)
  (close-at-rest! service (const #t)))

(declare-saved-part! 'listeners listeners->datum restore-listeners!)
