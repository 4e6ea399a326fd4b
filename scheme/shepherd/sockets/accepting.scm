;;; (shepherd sockets accepting) -- accepting connections.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Each listening socket has a fiber that accepts connections, which others
;;; then see to.  Where the system lacks something, clients wait in the kernel
;;; until it has it again.

(define-module (shepherd sockets accepting)
  #:use-module (ice-9 control)
  #:use-module ((ice-9 suspendable-ports) #:select (current-read-waiter))
  #:use-module (shepherd comm)
  #:use-module (shepherd controller)
  #:use-module (shepherd host)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd sockets listeners)
  #:use-module (shepherd support)
  #:export (accept-connections
            fresh-service-name))

(define (fresh-service-name stem number)
  "Return the symbol STEM-N that names no service, where N is the first such
integer from @var{number} on, and N."
  (let ((name (string->symbol
               (string-append stem "-" (number->string number)))))
    (if (lookup-service name)
        (fresh-service-name stem (+ 1 number))
        (values name number))))

(define (accept-now sock)
  "Return the pair of the next connection at @var{sock} and its address, or
@code{#f} if there is none, or an error number.  Never suspends."
  (catch 'system-error
    (lambda ()
      ;; `accept' may be the one that waits.
      (let/ec return
        (parameterize ((current-read-waiter (lambda (port)
                                              (return #f))))
          (accept sock SOCK_CLOEXEC))))
    (lambda arguments
      (system-error-errno arguments))))

;; The connection is gone, or was none.
(define %harmless
  (list EAGAIN EINTR ECONNABORTED EPROTO ENOPROTOOPT EHOSTDOWN EHOSTUNREACH
        ENETDOWN ENETUNREACH EOPNOTSUPP))

(define %pause 0.2)                     ;seconds

(define (pause end)
  "Wait for a while, or until @var{end} is signalled."
  (perform-operation
   (choice-operation (wait-operation end) (sleep-operation %pause))))

(define (report-trouble listener errno reported)
  "Log, once a minute, that @var{listener} cannot accept connections because of
@var{errno}; @var{reported} is when that was done, or @code{#f}.  Return when it
was done now."
  (let ((now (host-now)))
    (cond ((and reported (< (- now reported) (* 60 1000000000)))
           reported)
          (else
           (log-message (l10n "Cannot accept connections on ~a for now: ~a.")
                        (listener-address listener) (strerror errno))
           now))))

(define (accept-until end listener accepted await-room)
  (let loop ((reported #f))
    (await-room)
    (when (await-readable (list listener) end)
      (let ((result (accept-now (listener-socket listener))))
        (cond ((pair? result)
               (accepted (car result) (cdr result))
               (loop reported))
              ((or (not result) (memv result %harmless))
               (loop reported))
              (else
               ;; Such as too many descriptors; it may pass.
               (let ((reported (report-trouble listener result reported)))
                 (pause end)
                 (loop reported))))))))

(define* (accept-connections service listener end accepted
                             #:key (await-room (const #t)))
  "In a fiber of @var{service}, accept connections at @var{listener} until the
condition @var{end} is signalled.  Call @var{accepted} with each, a socket that is
close-on-exec, and the address of its other side; and before that @var{await-room},
a thunk that suspends as long as there is no room for another."
  (parameterize ((%current-client-socket #f))
    (spawn-fiber (lambda ()
                   (accept-until end listener accepted await-room))
                 #:name (symbol->string (service-canonical-name service)))))
