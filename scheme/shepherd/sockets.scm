;;; (shepherd sockets) -- start and stop methods of services with sockets.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; What configurations see; what it stands for is loaded when one of these is
;;; called, as many configurations have no such services.

(define-module (shepherd sockets)
  #:use-module (shepherd constructors)
  #:use-module (shepherd process)
  #:use-module (shepherd sockets endpoint)
  #:use-module (shepherd support)
  #:export (default-inetd-max-connections
            make-inetd-constructor
            make-inetd-destructor
            make-systemd-constructor
            make-systemd-destructor))

(define default-inetd-max-connections
  ;; Number of connections of an inetd-style service at a time.
  (make-parameter 100))

(define (command? object)
  (and (pair? object) (list-of-strings? object)))

(define (maximum? object)
  (or (and (exact-integer? object) (positive? object))
      (eqv? object +inf.0)))

(define* (make-inetd-constructor
          command endpoints
          #:key
          (service-name-stem (if (command? command)
                                 (basename (car command))
                                 ""))
          (requirements '())
          (max-connections (default-inetd-max-connections))
          user group (supplementary-groups '())
          (directory (default-service-directory))
          file-creation-mask (create-session? #t)
          (environment-variables (default-environment-variables))
          (resource-limits '())
          ;; Deprecated: for an address in place of ENDPOINTS.
          (socket-style SOCK_STREAM)
          (socket-owner (getuid)) (socket-group (getgid))
          (socket-directory-permissions #o755) (listen-backlog 10))
  "Return a start method that listens on @var{endpoints} and, for each
connection, starts a transient service that runs @var{command}, a list of strings,
with the connection as standard input, output and error.
@var{service-name-stem}, a hyphen and a number make its name;
@var{requirements} are those of each of these services.  With
@var{max-connections} of them there, connections are rejected.  The other keywords
are those of @code{fork+exec-command}."
  (let ((endpoints (if (vector? endpoints)
                       (list (endpoint endpoints
                                       #:style socket-style
                                       #:backlog listen-backlog
                                       #:socket-owner socket-owner
                                       #:socket-group socket-group
                                       #:socket-directory-permissions
                                       socket-directory-permissions))
                       endpoints)))
    (check-argument-types (command? command)
                          (list-of-endpoints? endpoints)
                          (string? service-name-stem)
                          (list-of-symbols? requirements)
                          (maximum? max-connections))
    (check-process-arguments user group supplementary-groups directory
                             file-creation-mask environment-variables
                             resource-limits)
    ((@ (shepherd sockets inetd) inetd-starter)
     command endpoints service-name-stem requirements max-connections
     environment-variables
     (list #:user user #:group group
           #:supplementary-groups supplementary-groups
           #:directory directory
           #:file-creation-mask file-creation-mask
           #:create-session? create-session?
           #:resource-limits resource-limits))))

(define (make-inetd-destructor)
  "Return a stop method for what @code{make-inetd-constructor} starts: it closes
the listening sockets; connections go on."
  (lambda (running)
    ((@ (shepherd sockets inetd) stop-inetd) running)))

(define* (make-systemd-constructor
          command endpoints
          #:key (lazy-start? #t) user group (supplementary-groups '())
          log-file (directory (default-service-directory))
          file-creation-mask (create-session? #t)
          (environment-variables (default-environment-variables))
          (resource-limits '()))
  "Return a start method that listens on @var{endpoints} and, once somebody
connects to one of them, or at once unless @var{lazy-start?}, runs @var{command},
a list of strings, with the listening sockets as descriptors 3, 4@dots{} and
@env{LISTEN_PID}, @env{LISTEN_FDS} and @env{LISTEN_FDNAMES} in its environment.
The other keywords are those of @code{fork+exec-command}."
  (check-argument-types (command? command)
                        (list-of-endpoints? endpoints)
                        (file-name-or-false? log-file))
  (check-process-arguments user group supplementary-groups directory
                           file-creation-mask environment-variables
                           resource-limits)
  ((@ (shepherd sockets systemd) systemd-starter)
   command endpoints lazy-start? environment-variables
   (list #:user user #:group group
         #:supplementary-groups supplementary-groups
         #:log-file log-file
         #:directory directory
         #:file-creation-mask file-creation-mask
         #:create-session? create-session?
         #:resource-limits resource-limits)))

(define (make-systemd-destructor)
  "Return a stop method for what @code{make-systemd-constructor} starts: it ends
the process, if there is one; the sockets are closed."
  (let ((end-process (make-kill-destructor)))
    (lambda (running)
      ((@ (shepherd sockets systemd) stop-systemd) running end-process))))
