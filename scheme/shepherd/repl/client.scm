;;; (shepherd repl client) -- a client of the REPL.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A client has two fibers: one that reads, evaluates and prints, and one that
;;; sends what is printed.  The latter also notices that the client has gone,
;;; whatever the former is doing, and is the one that closes the connection.

(define-module (shepherd repl client)
  #:use-module (ice-9 control)
  #:use-module (rnrs bytevectors)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd comm)
  #:use-module (shepherd controller)
  #:use-module (shepherd records)
  #:use-module (shepherd repl outlet)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd support)
  #:autoload   (shepherd repl session) (run-session)
  #:export (serve-client
            client-input
            dismiss-client))

(define-record-type <client>
  (make-client socket input outlet evaluator leave done closed dismissed?)
  client?
  (socket     client-socket)            ;port, known to nobody else
  (input      client-input)             ;port that reads from the same socket
  (outlet     client-outlet)
  (evaluator  client-evaluator set-client-evaluator!) ;fiber
  ;; Escapes from the REPL; #f before and afterwards.
  (leave      client-leave set-client-leave!)
  (done       client-done)              ;request, answered once it has ended
  (closed     client-closed)            ;request: the connection is closed
  (dismissed? client-dismissed? set-client-dismissed?!))


;;;
;;; Evaluating.
;;;

(define (run client)
  "Run the REPL of @var{client} until it ends by itself."
  (let ((port (outlet-port (client-outlet client))))
    (parameterize ((current-input-port (client-input client))
                   (current-output-port port)
                   (current-error-port port)
                   (current-warning-port port)
                   (%current-client-socket port))
      (catch #t
        (lambda ()
          (run-session))
        (lambda (key . arguments)
          (log-message (l10n "Uncaught REPL exception: ~a.")
                       (exception-text key arguments)))))))

(define (evaluate client)
  (fiber-dynamic-wind
   (const #t)
   (lambda ()
     (let/ec leave
       (set-client-leave! client leave)
       (run client)
       (set-client-leave! client #f)))
   (lambda ()
     (end-outlet! (client-outlet client))
     (answer-request! (client-done client) #t))))

(define (end-evaluation! client)
  "Have the REPL of @var{client} end, whatever it does."
  (interrupt-fiber! (client-evaluator client)
                    (lambda ()
                      (let ((leave (client-leave client)))
                        (when leave
                          (set-client-leave! client #f)
                          (leave)))))
  (await-request (client-done client)))


;;;
;;; Sending.
;;;

(define MSG_NOSIGNAL #x4000)            ;Guile lacks it

(define (send-now sock bytes)
  "Send some of @var{bytes}; return how many."
  (catch 'system-error
    (lambda ()
      (send sock bytes MSG_NOSIGNAL))
    (lambda error
      (if (memv (system-error-errno error) (list EAGAIN EINTR))
          0
          (apply throw error)))))

(define (bytes-from bytes start)
  (let* ((count (- (bytevector-length bytes) start))
         (rest (make-bytevector count)))
    (bytevector-copy! bytes start rest 0 count)
    rest))

(define (send-all client bytes)
  "Send @var{bytes} to @var{client}.  Suspends."
  (unless (zero? (bytevector-length bytes))
    (let* ((sock (client-socket client))
           (sent (send-now sock bytes)))
      (note-sent! (client-outlet client) sent)
      (when (zero? sent)
        (perform-operation (wait-until-writable-operation (fileno sock))))
      (send-all client (bytes-from bytes sent)))))

(define (send-output client)
  "Send what there is for @var{client}; return true.  Raises an exception if that is
impossible."
  (for-each (lambda (bytes)
              (send-all client bytes))
            (take-output! (client-outlet client)))
  #t)

(define (await-output client)
  "Return true once there is output, or no more to come; @code{#f} if
@var{client} has gone."
  (perform-operation
   (choice-operation
    (wrap-operation (outlet-news-operation (client-outlet client))
                    (const #t))
    (wrap-operation (wait-until-hung-up-operation
                     (fileno (client-socket client)))
                    (const #f)))))

(define (attend client at-end)
  "Send the output of @var{client} until there is no more, or the client has gone;
then close the connection."
  (catch #t
    (lambda ()
      (let loop ()
        (when (and (await-output client)
                   (send-output client)
                   (not (outlet-over? (client-outlet client))))
          (loop))))
    ;; It has gone, or memory has.
    (const #f))
  (close-outlet! (client-outlet client))
  (end-evaluation! client)
  (close-port (client-input client))
  (close-port (client-socket client))
  (answer-request! (client-closed client) #t)
  (unless (client-dismissed? client)
    (at-end)))


;;;
;;; Clients.
;;;

(define F_DUPFD_CLOEXEC 1030)           ;Guile lacks it

(define (open-input sock)
  "Return a port that reads from @var{sock}, for everybody: who closes it, or would
write to it, does no harm."
  (let ((port (fdopen (fcntl sock F_DUPFD_CLOEXEC 3) "r")))
    ;; Geiser knows it from the names of files by that.
    (set-port-filename! port "socket")
    (set-port-encoding! port "UTF-8")
    (set-port-conversion-strategy! port 'substitute)
    port))

(define (serve-client sock at-end)
  "Run a REPL on the connection @var{sock}, in fibers of the current service; return
its client.  When it has ended by itself, or the other side has hung up, and the
connection is closed, the thunk @var{at-end} is called, which may suspend."
  (let ((client (make-client (non-blocking-port sock) (open-input sock)
                             (make-outlet) #f #f (make-request)
                             (make-request) #f))
        (name (symbol->string (service-canonical-name (current-service)))))
    (set-client-evaluator! client
                           (spawn-fiber (lambda ()
                                          (evaluate client))
                                        #:name name))
    (spawn-fiber (lambda ()
                   (attend client at-end))
                 #:name name)
    client))

(define (dismiss-client client)
  "Close the connection of @var{client} and end its REPL, whatever that does.
Suspends until it has ended."
  (set-client-dismissed?! client #t)
  (without-preemption
   (unless (port-closed? (client-socket client))
     (catch-system-error (shutdown (client-socket client) 2))))
  (await-request (client-closed client)))
