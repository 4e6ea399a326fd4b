;;; (shepherd sockets endpoint) -- where a service can be reached, as data.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; What configurations mention, hence loaded at start-up; what opens sockets
;;; is in (shepherd sockets opening), loaded by the first service that has some.

(define-module (shepherd sockets endpoint)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd support)
  #:export (default-bind-attempts
            endpoint
            private-endpoint
            endpoint?
            endpoint-name
            endpoint-address
            endpoint-style
            endpoint-backlog
            endpoint-socket-owner
            endpoint-socket-group
            endpoint-socket-directory-permissions
            endpoint-bind-attempts
            endpoint-private?
            list-of-endpoints?
            same-place?
            endpoint->sexp
            sexp->endpoint))

(define default-bind-attempts
  ;; How often to try to bind an address that is in use, once a second.
  (make-parameter 5))

(define-record-type <endpoint>
  (make-endpoint name address style backlog owner group permissions
                 bind-attempts private?)
  endpoint?
  (name          endpoint-name)         ;string
  (address       endpoint-address)      ;socket address
  (style         endpoint-style)        ;SOCK_...
  (backlog       endpoint-backlog)      ;integer
  (owner         endpoint-socket-owner) ;UID or string
  (group         endpoint-socket-group) ;GID or string
  (permissions   endpoint-socket-directory-permissions)
  (bind-attempts endpoint-bind-attempts)
  ;; The socket file is for its owner alone, and no other server's is deleted.
  (private?      endpoint-private?))

(define (socket-address? object)
  (match object
    (#((? (lambda (family) (eqv? family AF_UNIX))) (? string? path))
     (not (string-null? path)))
    (#((? (lambda (family) (eqv? family AF_INET))) (? integer?) (? integer?))
     #t)
    (#((? (lambda (family) (eqv? family AF_INET6))) (? integer?) ...)
     (= 5 (vector-length object)))
    (_ #f)))

(define (name-or-id? object)
  (or (string? object)
      (and (exact-integer? object) (>= object 0))))

(define (permissions? object)
  (and (exact-integer? object) (<= 0 object #o7777)))

(define (positive-integer? object)
  (and (exact-integer? object) (positive? object)))

(define* (endpoint address #:key (name "unknown")
                   (style SOCK_STREAM) (backlog 128)
                   (socket-owner (getuid)) (socket-group (getgid))
                   (socket-directory-permissions #o755)
                   (bind-attempts (default-bind-attempts)))
  "Return an endpoint: the socket address @var{address}, as
@code{make-socket-address} makes it, with what is needed to listen there."
  (check-argument-types (socket-address? address)
                        (string? name)
                        (positive-integer? style)
                        (positive-integer? backlog)
                        (name-or-id? socket-owner)
                        (name-or-id? socket-group)
                        (permissions? socket-directory-permissions)
                        (positive-integer? bind-attempts))
  (make-endpoint name address style backlog socket-owner socket-group
                 socket-directory-permissions bind-attempts #f))

(define (private-endpoint file)
  "Return an endpoint for stream sockets in the file system, @var{file}, to which
only the daemon's user can connect, and which is not taken from another server that
listens there."
  (make-endpoint "unknown" (make-socket-address AF_UNIX file) SOCK_STREAM 128
                 (getuid) (getgid) #o700 1 #t))

(define list-of-endpoints?
  (let ((list? (list-predicate endpoint?)))
    (lambda (object)
      "Return true if @var{object} is a list of endpoints that is not empty."
      (and (pair? object) (list? object)))))

(define (same-place? a b)
  "Return true if endpoints @var{a} and @var{b} have address and style in
common."
  (and (equal? (endpoint-address a) (endpoint-address b))
       (= (endpoint-style a) (endpoint-style b))))

(define (endpoint->sexp endpoint)
  "Return @var{endpoint} as clients receive it."
  `(endpoint (version 0)
             (name ,(endpoint-name endpoint))
             (address ,(endpoint-address endpoint))
             (style ,(endpoint-style endpoint))
             (backlog ,(endpoint-backlog endpoint))
             (owner ,(endpoint-socket-owner endpoint))
             (group ,(endpoint-socket-group endpoint))
             (permissions ,(endpoint-socket-directory-permissions endpoint))
             (bind-attempts ,(endpoint-bind-attempts endpoint))))

(define (sexp->endpoint sexp)
  "Return the endpoint that @code{endpoint->sexp} turned into @var{sexp}, not
private: it is that of a socket that is there already."
  (match sexp
    (('endpoint ('version 0 . _)
                ('name name) ('address address) ('style style)
                ('backlog backlog) ('owner owner) ('group group)
                ('permissions permissions) ('bind-attempts attempts) . _)
     (make-endpoint name address style backlog owner group permissions
                    attempts #f))))
