;;; system-test.scm -- calls of the kernel

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (tests system)
  #:use-module (srfi srfi-64)
  #:use-module (shepherd system))

(define directory
  (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp") "/system-XXXXXX")))

(define (file name)
  (string-append directory "/" name))

(test-begin "system")

;; Not even tried where it would have an effect.
(for-each
 (lambda (name proc argument)
   (test-equal (string-append "only the init may: " name)
     (list "reboot" "~A: ~A" (list "Operation not permitted" argument)
           (list EPERM))
     (if (= 1 (getpid))
         #f
         (catch 'system-error proc
           (lambda (key . args) args)))))
 '("reboot" "halt" "power-off" "reboot-kexec"
   "disable-reboot-on-ctrl-alt-del")
 (list reboot halt power-off reboot-kexec disable-reboot-on-ctrl-alt-del)
 '("RB_AUTOBOOT" "RB_HALT_SYSTEM" "RB_POWER_OFF" "RB_KEXEC"
   "RB_DISABLE_CAD"))

(test-equal "process groups"
  (getpgrp)
  (getpgid (getpid)))

(test-equal "errors name the call"
  (list "getpgid" ESRCH)
  (catch 'system-error
    (lambda () (getpgid #x3fffffff))
    (lambda args (list (list-ref args 1) (system-error-errno args)))))

(test-assert "the limit of descriptors"
  (< 2 (max-file-descriptors)))

(test-equal "signals blocked and unblocked"
  (list '() (list SIGUSR1) (list SIGHUP SIGUSR1) (list SIGHUP) '())
  (begin
    (set-blocked-signals '())
    (let* ((a (block-signals (list SIGUSR1)))
           (b (block-signals (list SIGHUP)))
           (c (unblock-signals (list SIGUSR1)))
           (d (set-blocked-signals '()))
           (e (set-blocked-signals '())))
      (list a b c d e))))

(test-equal "signals blocked for an expression"
  (list (list SIGUSR1) '())
  (let ((inside (with-blocked-signals (list SIGUSR1)
                  (block-signals '()))))
    (list inside (block-signals '()))))

(test-equal "descriptors of signals have flags as others have"
  (list FD_CLOEXEC O_NONBLOCK 0)
  (let* ((both (signalfd -1 (list SIGUSR2)
                         (logior SFD_CLOEXEC SFD_NONBLOCK)))
         (none (signalfd -1 (list SIGUSR2) 0))
         (flags (list (fcntl both F_GETFD)
                      (logand O_NONBLOCK (fcntl both F_GETFL))
                      (fcntl none F_GETFD))))
    (for-each close-fdes (list both none))
    flags))

(test-equal "a signal from a descriptor"
  SIGUSR2
  (with-blocked-signals (list SIGUSR2)
    (let ((port (fdopen (signalfd -1 (list SIGUSR2)) "r0b")))
      ;; To this thread, where it is blocked.
      (raise SIGUSR2)
      (let ((signal (consume-signalfd-siginfo port)))
        (close-port port)
        signal))))

(test-assert "descriptors marked as close-on-exec"
  (let* ((port (open-input-file "/dev/null"))
         (before (fcntl port F_GETFD)))
    (mark-as-close-on-exec)
    (let ((after (fcntl port F_GETFD)))
      (close-port port)
      (and (zero? (logand before FD_CLOEXEC))
           (= FD_CLOEXEC (logand after FD_CLOEXEC))))))

(define (bound-to-ipv4-beside socket)
  "Bind SOCKET, of IPv6, to a port and another of IPv4 to the same."
  (let ((other (begin
                 (bind socket AF_INET6 0 0)
                 (socket-of AF_INET))))
    (catch-error
     (lambda ()
       (bind other AF_INET INADDR_ANY
             (sockaddr:port (getsockname socket)))
       (close-port other)
       'both))))

(define (socket-of family)
  (socket family SOCK_STREAM 0))

(define (catch-error thunk)
  (catch 'system-error thunk
    (lambda arguments
      (system-error-errno arguments))))

(test-equal "a socket of IPv6 leaves IPv4 to others"
  '(#t both)
  (let* ((socket (socket-of AF_INET6))
         (result (ipv6-only socket))
         (bound (bound-to-ipv4-beside socket)))
    (close-port socket)
    (list (eq? socket result) bound)))

(test-equal "whether a kernel is loaded can be told"
  '(#t #t)
  (list (kexec-supported?) (boolean? (kexec-loaded?))))

(test-equal "an adopted orphan"
  0
  ;; In a child: whose orphans it adopts cannot be undone.
  (let ((pid (primitive-fork)))
    (when (zero? pid)
      (prctl PR_SET_CHILD_SUBREAPER 1)
      (let ((child (primitive-fork)))
        (when (zero? child)
          (when (zero? (primitive-fork))
            (primitive-_exit 7))
          (primitive-_exit 0))
        (waitpid child)
        (let ((orphan (waitpid WAIT_ANY)))
          (primitive-_exit (if (eqv? 7 (status:exit-val (cdr orphan))) 0 1)))))
    (status:exit-val (cdr (waitpid pid)))))

(test-assert "the deletion of a file that is not there"
  (begin
    (wait-for-file-deletion (file "none"))
    #t))

(test-equal "the deletion of a file"
  '(#f 0)
  (begin
    (call-with-output-file (file "x") (const #t))
    (let ((pid (primitive-fork)))
      (when (zero? pid)
        (delete-file (file "x"))
        (primitive-_exit 0))
      (wait-for-file-deletion (file "x"))
      (list (file-exists? (file "x"))
            (status:exit-val (cdr (waitpid pid)))))))

(test-equal "without automatic finalization"
  'value
  (without-automatic-finalization 'value))

(test-assert "the compressors' names"
  (and (string-suffix? "gzip" %gzip-program)
       (string-suffix? "zstd" %zstd-program)))

(test-end "system")
