;;; sockets-test.scm -- endpoints as data, what is kept for the next run.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (srfi srfi-64)
             (shepherd bequests)
             (shepherd endpoints)
             ((shepherd service)
              #:select ((endpoint . service:endpoint)
                        (default-bind-attempts . service:attempts)
                        default-inetd-max-connections))
             ((shepherd sockets endpoint) #:select (private-endpoint
                                                    sexp->endpoint)))

(define loopback (make-socket-address AF_INET INADDR_LOOPBACK 5551))

(define (open-descriptors)
  (let ((directory (opendir "/proc/self/fd")))
    (let loop ((count 0))
      (if (eof-object? (readdir directory))
          (begin
            (closedir directory)
            count)
          (loop (+ 1 count))))))

(define (error-message thunk)
  "Return the text of the error that THUNK throws, or #f."
  (catch #t
    (lambda ()
      (thunk)
      #f)
    (lambda (key subr message arguments . _)
      (apply simple-format #f message arguments))))

(test-begin "sockets")

(test-equal "an endpoint has the defaults that are documented"
  (list "unknown" loopback SOCK_STREAM 128 (getuid) (getgid) #o755 5)
  (let ((endpoint (endpoint loopback)))
    (list (endpoint-name endpoint)
          (endpoint-address endpoint)
          (endpoint-style endpoint)
          (endpoint-backlog endpoint)
          (endpoint-socket-owner endpoint)
          (endpoint-socket-group endpoint)
          (endpoint-socket-directory-permissions endpoint)
          (endpoint-bind-attempts endpoint))))

(test-equal "endpoints are objects; addresses are none"
  '(#t #f)
  (map endpoint? (list (endpoint loopback) loopback)))

(test-equal "default-bind-attempts concerns later endpoints"
  7
  (parameterize ((default-bind-attempts 7))
    (endpoint-bind-attempts (endpoint loopback))))

(test-assert "(shepherd service) has the same bindings"
  (and (eq? endpoint service:endpoint)
       (eq? default-bind-attempts service:attempts)))

(test-equal "the maximum of connections has its default"
  100 (default-inetd-max-connections))

(test-equal "clients receive endpoints in this form"
  '(endpoint (version 0) (name "x") (address #(1 "/run/x.sock")) (style 2)
             (backlog 9) (owner "root") (group 0) (permissions #o700)
             (bind-attempts 3))
  (endpoint->sexp
   (endpoint (make-socket-address AF_UNIX "/run/x.sock")
             #:name "x" #:style SOCK_DGRAM #:backlog 9
             #:socket-owner "root" #:socket-group 0
             #:socket-directory-permissions #o700 #:bind-attempts 3)))

(test-equal "it can be read back"
  (endpoint (make-socket-address AF_INET6 IN6ADDR_LOOPBACK 80)
            #:socket-group "mail")
  (sexp->endpoint
   (call-with-input-string
       (object->string
        (endpoint->sexp
         (endpoint (make-socket-address AF_INET6 IN6ADDR_LOOPBACK 80)
                   #:socket-group "mail")))
     read)))

(test-equal "sockets are close-on-exec and do not block"
  (list FD_CLOEXEC O_NONBLOCK)
  (let* ((sock (car (open-sockets
                     (list (endpoint (make-socket-address
                                      AF_INET INADDR_LOOPBACK 0))))))
         (flags (list (fcntl sock F_GETFD)
                      (logand O_NONBLOCK (fcntl sock F_GETFL)))))
    (close-port sock)
    flags))

(test-equal "an IPv6 socket leaves the port to IPv4"
  '(1 #t)
  (let* ((six (car (open-sockets
                    (list (endpoint (make-socket-address
                                     AF_INET6 IN6ADDR_ANY 0))))))
         (port (sockaddr:port (getsockname six)))
         (only (getsockopt six 41 26))
         (four (car (open-sockets
                     (list (endpoint (make-socket-address
                                      AF_INET INADDR_ANY port)
                                     #:bind-attempts 1))))))
    (close-port six)
    (close-port four)
    (list only #t)))

(test-equal "a datagram socket does not listen, and is bound"
  "d.sock"
  (let* ((sock (car (open-sockets
                     (list (endpoint (make-socket-address AF_UNIX "d.sock")
                                     #:style SOCK_DGRAM)))))
         (name (sockaddr:path (getsockname sock))))
    (close-port sock)
    name))

;; Weak spot: the REPL's socket had whatever permissions the umask leaves.
(define (call-noting-births thunk)
  "Call THUNK with the umask 0; return the permissions that socket files had
before it could change them."
  (define modes '())
  (define variable (module-variable (resolve-module '(guile)) 'bind))
  (define bind (variable-ref variable))
  (define mask (umask 0))

  (variable-set! variable
                 (lambda (sock address)
                   (bind sock address)
                   (set! modes
                         (cons (stat:perms (stat (sockaddr:path address)))
                               modes))))
  (thunk)
  (variable-set! variable bind)
  (umask mask)
  modes)

(test-equal "a private socket is the owner's alone from its birth"
  '((#o600) #o600)
  (list (call-noting-births
         (lambda ()
           (close-port (car (open-sockets
                             (list (private-endpoint "private.sock")))))))
        (stat:perms (stat "private.sock"))))

(test-equal "a private socket that is left over is replaced"
  #f
  (error-message
   (lambda ()
     (close-port (car (open-sockets
                       (list (private-endpoint "private.sock"))))))))

(test-equal "one that another server listens on is not"
  "cannot listen on private.sock: another server listens there: Address \
already in use"
  (let* ((server (car (open-sockets
                       (list (private-endpoint "private.sock")))))
         (message (error-message
                   (lambda ()
                     (open-sockets
                      (list (private-endpoint "private.sock")))))))
    (close-port server)
    message))

(test-equal "its directory is made, for the owner alone"
  #o700
  (begin
    (close-port (car (open-sockets
                      (list (private-endpoint "made/private.sock")))))
    (stat:perms (stat "made"))))

;; Weak spot: sockets that were opened before the one that failed stayed open.
(test-equal "when one socket cannot be opened, the others are closed"
  '(0 #f)
  (begin
    (call-with-output-file "file" (const #t))
    (let* ((before (open-descriptors))
           (message (error-message
                     (lambda ()
                       (open-sockets
                        (map (lambda (name)
                               (endpoint (make-socket-address AF_UNIX name)))
                             '("a.sock" "b.sock" "file")))))))
      (list (- (open-descriptors) before)
            (or (not message)
                (file-exists? "a.sock")
                (file-exists? "b.sock"))))))

(test-equal "without a service, an error names the address"
  "cannot listen on file: there is a file that is not a socket: File exists"
  (error-message
   (lambda ()
     (open-sockets (list (endpoint (make-socket-address AF_UNIX "file")))))))

(test-equal "an error has its number"
  EADDRINUSE
  (let* ((taken (car (open-sockets
                      (list (endpoint (make-socket-address
                                       AF_INET INADDR_LOOPBACK 0))))))
         (errno (catch 'system-error
                  (lambda ()
                    (open-sockets
                     (list (endpoint (getsockname taken)
                                     #:bind-attempts 1)))
                    #f)
                  (lambda arguments
                    (system-error-errno arguments)))))
    (close-port taken)
    errno))

(test-equal "in a plain guile, too, an address in use is tried again"
  '(2 "bind: Address already in use")
  (let* ((taken (car (open-sockets
                      (list (endpoint (make-socket-address
                                       AF_INET INADDR_LOOPBACK 0))))))
         (sock (socket AF_INET SOCK_STREAM 0))
         (text #f)
         (output (with-output-to-string
                   (lambda ()
                     (set! text
                           (error-message
                            (lambda ()
                              (bind/retry-if-in-use sock
                                                    (getsockname taken)
                                                    #:max-attempts 3))))))))
    (close-port taken)
    (close-port sock)
    (list (string-count output #\newline) text)))

;; What a service leaves to its next run; services are but names here.
(test-equal "what is bequeathed is given up once"
  '(released)
  (let ((log '()))
    (bequeath! 'a (lambda () (set! log (cons 'released log))))
    (release-bequest! 'a)
    (release-bequest! 'a)
    log))

(test-equal "not while a restart is expected, then if it failed"
  '(after before)
  (let ((log '()))
    (bequeath! 'a (lambda () (set! log (cons 'after log))))
    (call-expecting-restart '(a) (const #t)
      (lambda ()
        (release-bequest! 'a)
        (set! log (cons 'before log))))
    log))

(test-equal "nor afterwards, if the service runs"
  '()
  (let ((log '()))
    (bequeath! 'a (lambda () (set! log (cons 'after log))))
    (call-expecting-restart '(a) (const #f) (const #t))
    log))

(test-equal "a restart that throws is one that failed"
  '(oops released)
  (let ((log '()))
    (bequeath! 'a (lambda () (set! log (cons 'released log))))
    (cons (catch #t
            (lambda ()
              (call-expecting-restart '(a) (const #t)
                (lambda () (throw 'oops))))
            (lambda (key) key))
          log)))

(test-equal "of two restarts, the last one counts"
  '(released inner)
  (let ((log '()))
    (bequeath! 'a (lambda () (set! log (cons 'released log))))
    (call-expecting-restart '(a b) (const #t)
      (lambda ()
        (call-expecting-restart '(a) (const #t) (const #t))
        (set! log (cons 'inner log))))
    log))

(test-end "sockets")
