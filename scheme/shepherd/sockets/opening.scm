;;; (shepherd sockets opening) -- opening the sockets that services listen on.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Every failure is reported as one error that names the address, the
;;; service and the step, and leaves nothing behind: no descriptor, no file.

(define-module (shepherd sockets opening)
  #:use-module ((srfi srfi-1) #:select (last))
  #:use-module (srfi srfi-11)
  #:use-module ((shepherd comm) #:select (socket-answered?))
  #:use-module (shepherd controller)
  #:use-module (shepherd credentials)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd records)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd sockets endpoint)
  #:use-module (shepherd support)
  #:use-module ((shepherd system) #:select (ipv6-only))
  #:export (bind/retry-if-in-use
            open-sockets
            open-socket
            adjust-socket
            socket-file-identity
            delete-socket-file))

(define (unix-path endpoint)
  "Return the file name of @var{endpoint}, or @code{#f} if it has none."
  (let ((address (endpoint-address endpoint)))
    (and (= AF_UNIX (sockaddr:fam address))
         (sockaddr:path address))))


;;;
;;; Errors.
;;;

(define (failure endpoint key arguments)
  "Throw the error @var{key} with @var{arguments} as what happened when
@var{endpoint} was to be opened."
  (let* ((service (current-service))
         (address (socket-address->string (endpoint-address endpoint)))
         (reason (exception->string key arguments))
         (data (and (eq? key 'system-error) (last arguments))))
    (if service
        (scm-error key "open-sockets"
                   (l10n "cannot listen on ~a for service ~a: ~a")
                   (list address (service-canonical-name service) reason)
                   data)
        (scm-error key "open-sockets" (l10n "cannot listen on ~a: ~a")
                   (list address reason) data))))

(define (step-failure step errno)
  (scm-error 'system-error #f "~a: ~a" (list step (strerror errno))
             (list errno)))

(define-syntax-rule (with-endpoint endpoint exp ...)
  ;; Evaluate EXP...; an error in it is said to be one of ENDPOINT.
  (catch #t
    (lambda () exp ...)
    (lambda (key . arguments)
      (if (memq key '(system-error misc-error))
          (failure endpoint key arguments)
          (apply throw key arguments)))))

(define-syntax-rule (with-step step exp ...)
  ;; Evaluate EXP...; a system error in it is said to be one of STEP, a string.
  (catch 'system-error
    (lambda () exp ...)
    (lambda arguments
      (step-failure step (system-error-errno arguments)))))


;;;
;;; Files of Unix-domain sockets.
;;;

(define (lstat* file)
  (catch-system-error (lstat file)))

(define (socket-file-identity endpoint)
  "Return what tells the socket file of @var{endpoint} from others of that name,
or @code{#f} if there is none."
  (let* ((path (unix-path endpoint))
         (stat (and path (lstat* path))))
    (and stat
         (eq? 'socket (stat:type stat))
         (list (stat:dev stat) (stat:ino stat)))))

(define (delete-socket-file endpoint identity)
  "Delete the socket file of @var{endpoint} if it is still the one with
@var{identity}."
  (when (and identity (equal? identity (socket-file-identity endpoint)))
    (catch-system-error (delete-file (unix-path endpoint)))))

(define (make-room endpoint path)
  "Delete an old socket file @var{path}; throw if there is another file, or a
server where @var{endpoint} is private."
  (let ((stat (lstat* path)))
    (cond ((not stat))
          ((not (eq? 'socket (stat:type stat)))
           (step-failure (l10n "there is a file that is not a socket") EEXIST))
          ((and (endpoint-private? endpoint) (socket-answered? path))
           (step-failure (l10n "another server listens there") EADDRINUSE))
          (else
           (with-step (l10n "deleting the old socket file")
             (delete-file path))))))

(define (make-socket-directory directory permissions uid gid)
  "Make @var{directory} for a socket; leave it alone if it exists."
  (unless (file-exists? directory)
    (with-step (format-message (l10n "making directory ~a") directory)
      (mkdir-p directory permissions)
      (change-owner directory uid gid))))

(define (change-owner file uid gid)
  (let ((stat (stat file)))
    (unless (and (= uid (stat:uid stat)) (= gid (stat:gid stat)))
      (chown file uid gid))))


;;;
;;; Sockets.
;;;

(define (pause)
  (if (current-fiber)
      (fiber-sleep 1)
      (select '() '() '() 1)))

(define* (bind/retry-if-in-use sock address
                               #:key (max-attempts (default-bind-attempts)))
  "Bind @var{sock} to @var{address}; if that is in use, try again every second,
@var{max-attempts} times in all.  Suspends."
  (let loop ((attempts max-attempts))
    (let ((errno (catch 'system-error
                   (lambda ()
                     (bind sock address)
                     0)
                   (lambda arguments
                     (system-error-errno arguments)))))
      (cond ((zero? errno)
             *unspecified*)
            ((and (= errno EADDRINUSE) (> attempts 1))
             (local-output (l10n "Address ~a is in use; retrying to bind it \
in one second.")
                           (socket-address->string address))
             (pause)
             (loop (- attempts 1)))
            (else
             (step-failure "bind" errno))))))

(define (socket-mode endpoint)
  (if (endpoint-private? endpoint) #o600 #o666))

(define (set-up sock endpoint)
  (let ((path (unix-path endpoint)))
    (when path
      (let-values (((uid gid) (endpoint-ids endpoint)))
        (with-step (l10n "setting owner and group")
          (change-owner path uid gid)))
      (with-step (l10n "setting permissions")
        (chmod path (socket-mode endpoint)))))
  (when (memv (endpoint-style endpoint) (list SOCK_STREAM SOCK_SEQPACKET))
    (with-step "listen" (listen sock (endpoint-backlog endpoint)))))

(define (endpoint-ids endpoint)
  (values (user->uid (endpoint-socket-owner endpoint))
          (group->gid (endpoint-socket-group endpoint))))

;; Bytes of a `struct sockaddr_un', but for the final NUL.
(define %longest-path 107)

(define (prepare-file endpoint path)
  (when (> (string-utf8-length path) %longest-path)
    (step-failure "bind" ENAMETOOLONG))
  (let-values (((uid gid) (endpoint-ids endpoint)))
    (make-socket-directory (dirname path)
                           (endpoint-socket-directory-permissions endpoint)
                           uid gid)
    (make-room endpoint path)))

(define (bind-socket sock endpoint)
  (let ((address (endpoint-address endpoint))
        (path (unix-path endpoint)))
    (if path
        (prepare-file endpoint path)
        (setsockopt sock SOL_SOCKET SO_REUSEADDR 1))
    (when (= AF_INET6 (sockaddr:fam address))
      (ipv6-only sock))
    (when (endpoint-private? endpoint)
      ;; The file gets no other permissions than its socket has.
      (chmod sock (socket-mode endpoint)))
    (bind/retry-if-in-use sock address
                          #:max-attempts (endpoint-bind-attempts endpoint))
    (let ((identity (socket-file-identity endpoint)))
      (catch #t
        (lambda ()
          (set-up sock endpoint))
        (lambda exception
          (delete-socket-file endpoint identity)
          (apply throw exception))))))

(define (adjust-socket sock endpoint)
  "Make @var{sock}, bound, listen as @var{endpoint} says, and give its file the
owner that it names."
  (with-endpoint endpoint (set-up sock endpoint)))

(define (open-socket endpoint)
  "Return a socket, non-blocking and close-on-exec, that listens on
@var{endpoint}.  Suspends."
  (with-endpoint endpoint
    (let ((sock (with-step "socket"
                  (socket (sockaddr:fam (endpoint-address endpoint))
                          (logior (endpoint-style endpoint)
                                  SOCK_NONBLOCK SOCK_CLOEXEC)
                          0))))
      (catch #t
        (lambda ()
          (bind-socket sock endpoint)
          sock)
        (lambda exception
          (close-port sock)
          (apply throw exception))))))

(define (open-sockets endpoints)
  "Return sockets that listen on @var{endpoints}, in that order, non-blocking and
close-on-exec.  If one cannot be opened, close the others and throw.  Suspends."
  (let loop ((endpoints endpoints) (opened '()))
    (if (null? endpoints)
        (map cdr (reverse opened))
        (loop (cdr endpoints)
              (acons (car endpoints)
                     (catch #t
                       (lambda ()
                         (open-socket (car endpoints)))
                       (lambda exception
                         (for-each close-opened opened)
                         (apply throw exception)))
                     opened)))))

(define (close-opened opened)
  (let ((endpoint (car opened)))
    (delete-socket-file endpoint (socket-file-identity endpoint))
    (close-port (cdr opened))))
