;;; (shepherd constructors) -- ready-made start and stop methods.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Keyword defaults are taken when a method is made, so that a parameter set
;;; at the top of a configuration concerns what follows it only.

(define-module (shepherd constructors)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (shepherd controller)
  #:use-module (shepherd host)
  #:use-module (shepherd lasting)
  #:use-module (shepherd process)
  #:use-module (shepherd records)
  #:use-module (shepherd publication)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (make-forkexec-constructor
            make-kill-destructor
            make-system-constructor
            make-system-destructor

            await-pid-file))

(define (delete-if-exists file)
  (catch 'system-error
    (lambda ()
      (delete-file file))
    (lambda arguments
      (unless (= ENOENT (system-error-errno arguments))
        (apply throw arguments)))))

(define (await-pid-file file timeout pid command)
  "Return the process named by @var{file} once it exists; end process @var{pid},
which was to write it, and return @code{#f} if it does not in time."
  (match (read-pid-file file #:max-delay timeout #:validate-pid? #t)
    (#f
     (local-output (l10n "PID file '~a' did not show up; terminating process ~a.")
                   file pid)
     (terminate-process (- pid) SIGTERM)
     #f)
    (main
     (unless (= main pid)
       (tie-process! main (current-service)))
     (process main command))))

(define* (make-forkexec-constructor command
                                    #:key user group
                                    (supplementary-groups '())
                                    log-file input-port
                                    (directory (default-service-directory))
                                    file-creation-mask
                                    (create-session? #t)
                                    (environment-variables
                                     (default-environment-variables))
                                    (resource-limits '())
                                    pid-file
                                    (pid-file-timeout
                                     (default-pid-file-timeout)))
  "Return a start method that runs @var{command}, a list of strings, and gives the
process as running value; with @var{pid-file}, the process that is named there
within @var{pid-file-timeout} seconds.  The other keywords are those of
@code{fork+exec-command}."
  (check-argument-types (list-of-strings? command)
                        (file-name-or-false? log-file)
                        (file-name-or-false? pid-file)
                        (real? pid-file-timeout))
  (check-process-arguments user group supplementary-groups directory
                           file-creation-mask environment-variables
                           resource-limits)
  (when (null? command)
    (scm-error 'misc-error "make-forkexec-constructor"
               (l10n "empty command: expected a program and its arguments")
               '() #f))
  (define (run)
    (fork+exec-command command
                       #:user user #:group group
                       #:supplementary-groups supplementary-groups
                       #:log-file log-file
                       #:input-port input-port
                       #:directory directory
                       #:file-creation-mask file-creation-mask
                       #:create-session? create-session?
                       #:environment-variables environment-variables
                       #:resource-limits resource-limits))

  (define (run-until-pid-file)
    (define (note-progress pid)
      (note-start-progress! (current-service)
                            `(pid-file ,pid-file ,pid-file-timeout ,command
                                       ,pid)))

    (delete-if-exists pid-file)
    (note-progress #f)
    (let ((pid (run)))
      (note-progress pid)
      (await-pid-file pid-file pid-file-timeout pid command)))

  (lasting
   (lambda _
     (if pid-file
         (run-until-pid-file)
         (process (run) command)))))

(define (note-start-progress! service progress)
  "Publish how far the start of @var{service}, if not @code{#f}, has come: a list
that (shepherd resume) knows."
  (when service
    (set-start-progress! service progress)
    (publish-service! service)))

(define (process-group pid)
  "Return the process group of @var{pid}, or @code{#f} if it is gone."
  (catch 'system-error
    (lambda ()
      (host-process-group pid))
    (const #f)))

(define* (make-kill-destructor #:optional (signal SIGTERM)
                               #:key (grace-period
                                      (default-process-termination-grace-period)))
  "Return a stop method that sends @var{signal} to the process group of the
running value, a process or a PID, and SIGKILL to what is left of it after
@var{grace-period} seconds."
  (check-argument-types (exact-integer? signal) (real? grace-period))
  (lasting
   (lambda (running . _)
     (let* ((pid (if (process? running) (process-id running) running))
            (group (process-group pid))
            (status (if (or (not group) (= group (host-process-group 0)))
                        (terminate-process pid signal
                                           #:grace-period grace-period)
                        (terminate-group pid group signal
                                         #:grace-period grace-period))))
       (and=> (current-service)
              (lambda (service)
                (post-event! service `(exit-status ,status))))
       #f))))

(define (run-by-shell strings)
  "Run the concatenation of @var{strings} by the shell; return true if it exits
with code 0, and tell why not otherwise."
  (let* ((command (string-concatenate strings))
         (status (spawn-shell-command command))
         (code (status:exit-val status)))
    (cond ((eqv? 0 code))
          (code
           (local-output (l10n "Command ~s exited with ~a.") command code)
           #f)
          (else
           (local-output (l10n "Command ~s terminated with signal ~a.")
                         command (status:term-sig status))
           #f))))

(define (make-system-constructor . command)
  "Return a start method that has the shell run the concatenation of the strings
@var{command}, and succeeds if its exit code is 0."
  (lambda _
    (run-by-shell command)))

(define (make-system-destructor . command)
  "Return a stop method that has the shell run the concatenation of the strings
@var{command}, and succeeds if its exit code is 0."
  (lambda _
    (not (run-by-shell command))))
