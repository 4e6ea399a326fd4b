;;; (shepherd direct-exec) -- becoming another program.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For code that has forked by itself; services use `fork+exec-command', where
;;; the core does all this.

(define-module (shepherd direct-exec)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd credentials)
  #:use-module (shepherd process)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd support)
  #:use-module (shepherd transitions)
  #:export (exec-command))

(define (redirect! log-file log-port input-port extra-ports)
  (let ((input (or input-port (open-file "/dev/null" "r")))
        (output (cond (log-file
                       (fdopen (open-fdes log-file
                                          (logior O_WRONLY O_CREAT O_APPEND)
                                          #o640)
                               "w"))
                      (else log-port)))
        ;; Out of the way of the numbers that are about to be taken.
        (extra (map (lambda (port)
                      (dup->fdes port (+ 3 (length extra-ports))))
                    extra-ports)))
    (dup2 (fileno input) 0)
    (when output
      (dup2 (fileno output) 1)
      (dup2 (fileno output) 2))
    (let loop ((extra extra)
               (number 3))
      (match extra
        (() #t)
        ((descriptor . rest)
         (dup2 descriptor number)
         (loop rest (+ 1 number)))))))

(define (fail format . arguments)
  ;; Standard error, whatever the current port is: this may be a child of the
  ;; daemon, whose ports are not for it.
  (let ((port (fdes->outport 2)))
    (apply simple-format port format arguments)
    (newline port)
    (force-output port)
    (primitive-_exit 1)))

(define (daemon-itself?)
  "Return true in the daemon, false in a process forked from it."
  (match (lookup-service 'root)
    (#f #f)
    (root
     (let ((value (state-value (service-state root))))
       (and (process? value)
            (= (getpid) (process-id value)))))))

(define* (exec-command command #:key user group (supplementary-groups '())
                       log-file log-port input-port (extra-ports '())
                       (directory (default-service-directory))
                       file-creation-mask (create-session? #t)
                       (environment-variables
                        (default-environment-variables))
                       (resource-limits '()))
  "Replace the current process by @var{command}, a list of strings.  Does not
return: what fails is said on standard error, with exit code 1."
  (check-argument-types (list-of-strings? command)
                        (list-of-strings? environment-variables))
  (when (daemon-itself?)
    (scm-error 'misc-error "exec-command"
               (l10n "this would replace shepherd itself; use \
fork+exec-command")
               '() #f))
  (catch #t
    (lambda ()
      (let-values (((uid gid groups)
                    (resolve-credentials user group supplementary-groups)))
        (when create-session?
          (false-if-exception (setsid)))
        (for-each (lambda (limit)
                    (apply setrlimit limit))
                  (resolve-limits resource-limits))
        (chdir directory)
        (environ environment-variables)
        (redirect! log-file log-port input-port extra-ports)
        (when groups
          (setgroups (list->vector groups)))
        (when gid
          (setgid gid))
        (when uid
          (setuid uid))
        (when file-creation-mask
          (umask file-creation-mask))
        (apply execlp (car command) command)))
    (lambda (key . arguments)
      (match arguments
        ((_ format (strings ...) . _)
         (fail (l10n "exec of ~s failed: ~a") (car command)
               (apply simple-format #f format strings)))
        (_
         (fail (l10n "exec of ~s failed: ~s") (car command)
               (cons key arguments)))))))
