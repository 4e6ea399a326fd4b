;; machines.scm -- classes and methods of the user's own
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: x wm tray
;; stopped: battery
;; Stands for: GOOPS used without importing it, for classes that have nothing to
;; do with services; constructors of one's own; environments, pipes, and programs
;; that are waited for while the file is loaded.

(use-modules (srfi srfi-2)
             (ice-9 popen)
             (ice-9 rdelim))

(define (tilde . rest)
  (apply string-append (getenv "HOME") rest))

(define* (make-exec-constructor cmd #:key (environment-variables #f))
  (lambda args
    (zero? (status:exit-val (apply system* cmd)))))

(define (make-exec-destructor cmd)
  (lambda (ignored . args)
    (not (zero? (status:exit-val (apply system* cmd))))))

(define (agent-initialize)
  (define (value s)
    (cadr (string-split (car (string-split s #\;)) #\=)))
  (and-let* ((p (open-pipe* OPEN_READ "sh" "-c"
                            "echo 'SOCK=/tmp/agent; export SOCK;'"))
             (line (read-line p))
             (eof? (eof-object? (read-line p)))
             (sock (value line)))
    (setenv "AGENT_SOCK" sock)
    (zero? (status:exit-val (system* "true")))))

(define (shell-runner a)
  (zero? (status:exit-val (apply system* (list "sh" "-c" a)))))

(define *the-environment* (environ))

(define (svc-x)
  (make <service>
    #:provides '(x)
    #:requires '()
    #:start (make-forkexec-constructor
             `("sleep" ,(string-append "1000" "016"))
             #:environment-variables *the-environment*)
    #:stop (make-kill-destructor)))

(define (svc-wm)
  (make <service>
    #:provides '(wm)
    #:requires '(x)
    #:start (make-forkexec-constructor '("sleep" "1000017")
             #:environment-variables *the-environment*)
    #:stop (make-kill-destructor)))

(define (svc-tray)
  (make <service>
    #:provides '(tray tray-of-wm)
    #:requires '(wm)
    #:start (make-exec-constructor '("true" "--start")
             #:environment-variables *the-environment*)
    #:stop (make-exec-destructor '("true" "--stop"))))

(define (svc-battery number)
  (make <service>
    #:provides (list 'battery
                     (string->symbol (string-append "battery_" number)))
    #:requires '(x)
    #:start (make-forkexec-constructor `("sleep" ,(string-append "100001" number)))
    #:stop (make-kill-destructor)))

(define-class <machine> ()
  (host-detector #:init-keyword #:host-detector
                 #:init-value "")
  (register-svcs #:init-keyword #:register-svcs
                 #:init-value '())
  (user-prehook #:init-keyword #:user-prehook
                #:init-value noop)
  (user-svcs #:init-keyword #:user-svcs
             #:init-value '())
  (graphical-prehook #:init-keyword #:graphical-prehook
                     #:init-value noop)
  (graphical-svcs #:init-keyword #:graphical-svcs
                  #:init-value '()))

(define other-machine
  (make <machine>
    #:host-detector "no.such.host"))

(define this-machine
  (make <machine>
    #:host-detector gethostname
    #:register-svcs (list (svc-x) (svc-wm) (svc-tray) (svc-battery "8"))
    #:user-prehook
    (lambda ()
      (setenv "DISPLAY" ":0.0")
      (setenv "LANGUAGE" "en_US.UTF-8")
      (agent-initialize))
    #:graphical-prehook
    (lambda ()
      (for-each shell-runner
                `("sleep 0.1"
                  ,(string-append "touch " (tilde "/set-up")))))
    #:graphical-svcs
    '(wm tray)))

(define machines (list other-machine this-machine))

(define (current-machine)
  (define (check-machine hn)
    (cond
     ((procedure? hn)
      (hn))
     ((string? hn)
      (equal? hn (gethostname)))
     (else
      (error "the host-detector must be a string or a procedure"))))

  (let loop ((mlist machines))
    (when (null? mlist)
      (error "Current machine not found!"))
    (let ((hn (slot-ref (car mlist) 'host-detector)))
      (if (check-machine hn)
          (car mlist)
          (loop (cdr mlist))))))

(define-method (run (m <machine>))
  ((slot-ref m 'user-prehook))
  (set! *the-environment* (environ))
  (apply register-services (slot-ref m 'register-svcs))
  (for-each start (slot-ref m 'user-svcs))
  (unless (null? (slot-ref m 'graphical-svcs))
    (start 'x)
    (environ *the-environment*)
    (format #t "*the-environment*: ~s~%" (length *the-environment*))
    ((slot-ref m 'graphical-prehook))
    (for-each start (slot-ref m 'graphical-svcs))))

(run (current-machine))
