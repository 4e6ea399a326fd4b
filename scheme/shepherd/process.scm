;;; (shepherd process) -- starting, awaiting and ending processes.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The core spawns and reaps; this module remembers which service a process
;;; belongs to and who waits for its end.  It learns of both from events, in
;;; the order in which the core saw them, so that no end is missed.

(define-module (shepherd process)
  #:use-module (ice-9 match)
  #:use-module ((srfi srfi-1) #:select (remove))
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd controller)
  #:use-module (shepherd credentials)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd file-contents)
  #:use-module (shepherd host)
  #:use-module (shepherd lasting)
  #:use-module (shepherd log-source)
  #:use-module (shepherd records)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd support)
  #:export (default-environment-variables
            default-pid-file-timeout
            default-process-termination-grace-period
            default-service-directory
            directory-or-root
            user-environment-variables
            without-variables

            file-name-or-false?
            check-process-arguments
            spawn-process
            await-landings
            fork+exec-command
            start-command
            spawn-command
            spawn-shell-command
            read-pid-file
            tie-process!
            await-process
            await-child
            terminate-process
            terminate-group

            process-spawned!
            process-exited!))

(define default-environment-variables
  ;; List of "NAME=VALUE"; the daemon sets it to its own environment.
  (make-parameter '()))

(define default-pid-file-timeout
  ;; Seconds.
  (make-parameter 5))

(define default-process-termination-grace-period
  ;; Seconds.
  (make-parameter 5))

(define (directory-or-root file)
  "Return @var{file} if that is the name of a directory, else @file{/}."
  (let ((stat (stat file #f)))
    (if (and stat (eq? 'directory (stat:type stat)))
        file
        "/")))

(define (default-service-directory)
  "Return the directory that processes start in: @file{/} for root, else the
user's home directory."
  (if (zero? (getuid))
      "/"
      (directory-or-root
       (or (getenv "HOME")
           (false-if-exception (passwd:dir (getpwuid (getuid))))
           (getcwd)))))

(define* (user-environment-variables
          #:optional (user (getuid))
          (environment-variables (default-environment-variables)))
  "Return @var{environment-variables} with @env{HOME} and @env{USER} of
@var{user}, a name or a number.  Throw @code{misc-error} if there is no such
user."
  (let ((entry (existing-user-entry user)))
    (cons* (string-append "HOME=" (passwd:dir entry))
           (string-append "USER=" (passwd:name entry))
           (without-variables '("HOME" "USER") environment-variables))))

(define (without-variables names environment)
  "Return @var{environment} without the variables @var{names}, a list of
strings."
  (remove (lambda (variable)
            (member (substring variable 0 (or (string-index variable #\=)
                                              (string-length variable)))
                    names))
          environment))


;;;
;;; Who waits for which process.
;;;

(define-record-type <child>
  (%make-child service end)
  child?
  (service child-service set-child-service!) ;service or #f
  ;; What it ended with, a wait status, or the request that this will answer, if
  ;; anyone has asked; or #f.
  (end     child-end set-child-end!))

(define (make-child service)
  (lasting (%make-child service #f)))

(define (child-end-request child)
  "Return the request that is answered by the wait status of @var{child}."
  (without-preemption
   (let ((end (child-end child)))
     (if (request? end)
         end
         (let ((request (make-request)))
           (set-child-end! child request)
           (when end
             (answer-request! request end))
           request)))))

(define (end-child! child status)
  (without-preemption
   (let ((end (child-end child)))
     (if (request? end)
         (answer-request! end status)
         (set-child-end! child status)))))

(define children (make-table))          ;PID -> child
(define spawning (make-hash-table))     ;number of the spawn -> child

(define %many-flights 64)
(define flights 0)                      ;how many are in `spawning'
(define landings #f)                    ;request answered when fewer are, or #f

(define (take-off! id child)
  "Note that spawn number @var{id} is under way."
  (hashv-set! spawning id child)
  (set! flights (+ flights 1)))

(define (land! id)
  "Note that spawn number @var{id}, of which @code{take-off!} was told, is over."
  (hashv-remove! spawning id)
  (set! flights (- flights 1))
  (when (and landings (< flights %many-flights))
    (answer-request! landings #t)
    (set! landings #f)))

(define (await-landings)
  "Wait while so many processes are being started that further ones would only
take memory until it is their turn; but for a second at most, as some may never
execute their programs.  Suspends."
  (when (>= flights %many-flights)
    (unless landings
      (set! landings (make-request)))
    (await-end landings 1)))

(define (process-spawned! id pid)
  "Note that spawn number @var{id} became process @var{pid}."
  (let ((child (hashv-ref spawning id)))
    (when child
      (land! id)
      (table-set! children pid child))
    (answer-from-host! id `(spawned ,pid))))

(define (process-exited! pid status)
  "Tell those concerned that @var{pid} ended with wait status @var{status}."
  (let ((child (table-ref children pid)))
    (when child
      (table-remove! children pid)
      (end-child! child status)
      (when (child-service child)
        (post-event! (child-service child) `(exited ,pid ,status))))))

(define (child-of-pid pid)
  "Return the child for process @var{pid}, asking the core to watch it if it is
not known yet."
  (without-preemption
   (or (table-ref children pid)
       (let ((child (make-child #f)))
         (table-set! children pid child)
         (host-watch-process! pid)
         child))))

(define (tie-process! pid service)
  "Make the end of process @var{pid}, unless it is the daemon's own, concern
@var{service}."
  (unless (= pid (getpid))
    ;; Its end may be told as soon as it is asked for.
    (without-preemption
     (set-child-service! (child-of-pid pid) service))))

(define (await-end end timeout)
  "Return the wait status that answers @var{end}, or @code{#f} after @var{timeout}
seconds, if not @code{#f}."
  (cond ((request-answered? end)
         (request-answer end))
        (timeout
         (perform-operation
          (choice-operation
           (await-request-operation end)
           (wrap-operation (sleep-operation timeout) (const #f)))))
        (else
         (await-request end))))

(define (signal-and-await-end target signal end timeout)
  "Send @var{signal} to @var{target}, a process of ours that lives; return what
@code{await-end} does, or @code{(failed ERROR)} if it could not be sent."
  ;; The fiber is suspended only once, which is half of what a stop costs.
  (let ((failure (make-request)))
    (tell-host (lambda (id)
                 (host-kill! id target signal #t))
               (lambda (errno)
                 (unless (zero? errno)
                   (answer-request! failure `(failed ,errno)))))
    (perform-operation
     (choice-operation
      (await-request-operation end)
      (await-request-operation failure)
      (wrap-operation (sleep-operation timeout) (const #f))))))

(define* (await-child child #:optional timeout)
  "Return the wait status of @var{child}, as @code{spawn-process} returned it, or
@code{#f} after @var{timeout} seconds, if not @code{#f}.  Suspends."
  (await-end (child-end-request child) timeout))

(define* (await-process pid #:optional timeout)
  "Return the wait status of process @var{pid} when it has ended, 0 if there is no
such process, or @code{#f} after @var{timeout} seconds.  Suspends."
  (await-child (child-of-pid pid) timeout))


;;;
;;; Starting processes.
;;;

(define (step->string step directory user group)
  "Return what @var{step} of a spawn does, for messages."
  (match step
    ('exec "exec")
    ('directory (format-message (l10n "changing to directory ~s") directory))
    ('user (format-message (l10n "changing to user ~s") user))
    ('group (format-message (l10n "changing to group ~s") group))
    ('groups (l10n "setting the supplementary groups"))
    ('limits (l10n "setting resource limits"))
    ('clone (l10n "creating a process"))
    ('pipe (l10n "creating the output pipe"))
    (other (symbol->string other))))

(define (port->descriptor port)
  (if (integer? port) port (fileno port)))

(define (log-request command logger with-pid?)
  "Return the vector that tells the core to log the output of @var{command}
through @var{logger}."
  (let ((file (match (logger-files logger)
                (() #f)
                ((file . _) file))))
    (vector (logger-ring logger)
            (and file (open-log-descriptor file)) (or file "")
            (basename (car command)) with-pid?
            (default-log-history-size))))

(define (log-target command log-file service)
  "Return the logger for the output of @var{command}, and the vector that tells
the core about it."
  (let ((logger (file-logger log-file)))
    (values logger
            (log-request command logger (->bool service)))))

(define (name-or-number? object)
  (or (not object) (string? object) (exact-integer? object)))

(define (file-name-or-false? object)
  (or (not object) (string? object)))

(define (file-creation-mask? object)
  (or (not object)
      (and (exact-integer? object) (<= 0 object #o777))))

(define-syntax-rule (check-process-arguments user group supplementary-groups
                                             directory file-creation-mask
                                             environment-variables
                                             resource-limits)
  "Throw @code{wrong-type-arg} if one of these, as keywords of the procedure that
is being defined, cannot be what @code{fork+exec-command} takes."
  (check-argument-types (name-or-number? user)
                        (name-or-number? group)
                        (list? supplementary-groups)
                        (string? directory)
                        (file-creation-mask? file-creation-mask)
                        (list-of-strings? environment-variables)
                        (list? resource-limits)))

(define* (spawn-process command #:key service
                        user group (supplementary-groups '())
                        log-file logger input-port (extra-ports '())
                        output-port
                        (directory (default-service-directory))
                        file-creation-mask (create-session? #t)
                        (environment-variables
                         (default-environment-variables))
                        listen-pid-variable? (resource-limits '()))
  "Start @var{command} and return, once it executes, its PID and what
@code{await-child} awaits it by.  Its end concerns @var{service}, if given, unless
it is one of several that write through a common @var{logger}.  Throw
@code{system-error} naming the program, the step and the reason if that fails.
Suspends."
  (check-argument-types (list-of-strings? command)
                        (file-name-or-false? log-file))
  (check-process-arguments user group supplementary-groups directory
                           file-creation-mask environment-variables
                           resource-limits)
  (when (null? command)
    (scm-error 'misc-error "fork+exec-command" (l10n "empty command") '() #f))
  (let*-values (((child) (make-child (and (not logger) service)))
                ((uid gid groups)
                 (resolve-credentials user group supplementary-groups))
                ((limits) (resolve-limits resource-limits))
                ((input) (and=> input-port port->descriptor))
                ((output) (and=> output-port port->descriptor))
                ((extra) (map port->descriptor extra-ports))
                ;; Nothing may throw between this and host-spawn!, which takes
                ;; the log's descriptor.
                ((new-logger target)
                 (cond (output-port
                        (values #f #f))
                       (logger
                        (values #f (log-request command logger #f)))
                       (else
                        (log-target command log-file service)))))
    (match (ask-host
            (lambda (id)
              (host-spawn! id command environment-variables
                           (vector (if service
                                       (symbol->string
                                        (service-canonical-name service))
                                       "")
                                   directory create-session?
                                   uid gid groups file-creation-mask limits
                                   input output extra
                                   listen-pid-variable? target))
              (take-off! id child)))
      (('spawned pid)
       (cond ((and service new-logger)
              (post-event! service `(logger ,new-logger)))
             (new-logger
              (detach-logger! new-logger)))
       (values pid child))
      (('failed id step errno)
       (land! id)
       (scm-error 'system-error "fork+exec-command"
                  (l10n "cannot run ~s: ~a failed: ~a")
                  (list (car command)
                        (step->string step directory user group)
                        (strerror errno))
                  (list errno))))))

(define* (fork+exec-command command #:key user group
                            (supplementary-groups '())
                            log-file input-port (log-encoding "UTF-8")
                            (extra-ports '())
                            (directory (default-service-directory))
                            file-creation-mask (create-session? #t)
                            (environment-variables
                             (default-environment-variables))
                            listen-pid-variable? (resource-limits '()))
  "Start @var{command}, a list of strings, and return its PID.  Its output goes to
@var{log-file} or to the daemon's log.  When it ends, the current service, if
any, is told.  Throw @code{system-error} if it cannot be run.  Suspends."
  (let-values (((pid child)
                (spawn-process command
                               #:service (current-service)
                               #:user user #:group group
                               #:supplementary-groups supplementary-groups
                               #:log-file log-file #:input-port input-port
                               #:extra-ports extra-ports #:directory directory
                               #:file-creation-mask file-creation-mask
                               #:create-session? create-session?
                               #:environment-variables environment-variables
                               #:listen-pid-variable? listen-pid-variable?
                               #:resource-limits resource-limits)))
    pid))

(define (start-command command . arguments)
  "Start @var{command} as @code{fork+exec-command} does with the keywords
@var{arguments}, without telling the current service when it ends.  Return two
values: its PID and a channel that delivers its wait status.  Suspends."
  (let-values (((pid child) (apply spawn-process command arguments)))
    (let ((channel (make-channel)))
      (spawn-fiber (lambda ()
                     (put-message channel (await-child child))))
      (values pid channel))))

(define %failed-to-run (ash 1 8))       ;exit code 1, as a wait status

(define (run-and-wait command . arguments)
  (let ((child (catch 'system-error
                 (lambda ()
                   (let-values (((pid child)
                                 (apply spawn-process command arguments)))
                     child))
                 (lambda (key . arguments)
                   (log-message "~a" (exception->string key arguments))
                   #f))))
    (if child
        (await-child child)
        %failed-to-run)))

(define (spawn-command command . arguments)
  "Run @var{command}, a list of strings, and return its wait status.  The keywords
@code{#:user}, @code{#:group}, @code{#:environment-variables},
@code{#:directory}, @code{#:resource-limits} and @code{#:log-file} are those of
@code{fork+exec-command}.  Suspends."
  (if (string? command)
      (run-and-wait (cons command arguments)) ;deprecated form
      (apply run-and-wait command arguments)))

(define (spawn-shell-command command)
  "Run the string @var{command} by the shell in the current directory and return
its wait status.  Suspends."
  (run-and-wait (list (or (getenv "SHELL") "/bin/sh") "-c" command)
                #:directory (getcwd)))


;;;
;;; PID files.
;;;

(define %pid-file-limit 100)            ;characters; others write the file

(define (string->pid text)
  "Return the PID that @var{text} is but for white space around, or @code{#f}."
  (let ((digits (string-trim-both text)))
    ;; Not all that is a number for Scheme.
    (and (<= 1 (string-length digits) 10)
         (string-every (lambda (char)
                         (char<=? #\0 char #\9))
                       digits)
         (let ((number (string->number digits)))
           (and (<= 1 number #x7fffffff)
                number)))))

(define (pid-in-file file)
  "Return the PID that @var{file} holds, or @code{#f}."
  (and=> (file-contents file %pid-file-limit) string->pid))

(define* (read-pid-file file #:key (max-delay (default-pid-file-timeout))
                        (validate-pid? #f))
  "Wait for @var{file} to hold a PID, of an existing process if
@var{validate-pid?}, and return it; return @code{#f} after @var{max-delay}
seconds.  Suspends."
  (let ((deadline (+ (host-now) (* max-delay 1000000000))))
    (let loop ((pause 0.01))
      (let ((pid (pid-in-file file)))
        (cond ((and pid (or (not validate-pid?) (host-process-exists? pid)))
               pid)
              ((>= (host-now) deadline)
               #f)
              (else
               (fiber-sleep (min pause
                                 (max 0 (/ (- deadline (host-now)) 1e9))))
               (loop (min 1 (* 2 pause)))))))))


;;;
;;; Ending processes.
;;;

(define (send-signal pid signal)
  "Send @var{signal} to @var{pid}, or to the group -@var{pid}; return 0 or the
error number.  Suspends."
  (ask-host (lambda (id)
              (host-kill! id pid signal #f))))

(define* (terminate-process pid signal
                            #:key (grace-period
                                   (default-process-termination-grace-period)))
  "Send @var{signal} to @var{pid}, a process or, if negative, a group; wait for the
process |@var{pid}| to end, at most @var{grace-period} seconds, then send
SIGKILL.  Return its wait status, 0 if there was no such process.  Suspends."
  (signal-and-wait pid (abs pid) signal grace-period))

(define (signal-and-wait target pid signal grace-period)
  "Signal @var{target} and wait for process @var{pid}, as
@code{terminate-process} does."
  (define known?
    (table-ref children pid))

  (define end
    ;; Asked for before signalling, so that the status is not missed.
    (child-end-request (child-of-pid pid)))

  (match (if known?
             (signal-and-await-end target signal end grace-period)
             (match (send-signal target signal)
               (0 (await-end end grace-period))
               (errno `(failed ,errno))))
    (#f
     (log-message
      (l10n "Grace period of ~a seconds is over; sending ~a SIGKILL.")
      grace-period target)
     (send-signal target SIGKILL)
     (await-end end #f))
    ((? integer? status)
     status)
    (('failed (? (lambda (errno)
                   (and (= errno ESRCH) (negative? target)
                        (zero? (send-signal pid 0))))))
     ;; It leads no group of its own.
     (signal-and-wait pid pid signal grace-period))
    (('failed (? (lambda (errno) (= errno ESRCH))))
     (log-message (l10n "Awaiting PID ~a, which is already gone.") pid)
     (await-end end #f))
    (('failed errno)
     (scm-error 'system-error "terminate-process" "~A: ~A"
                (list target (strerror errno)) (list errno)))))

(define* (terminate-group pid group signal
                          #:key (grace-period
                                 (default-process-termination-grace-period)))
  "Send @var{signal} to process group @var{group} and wait, at most
@var{grace-period} seconds, for its process @var{pid} and then for what else is
in it; then send SIGKILL.  Return the wait status of @var{pid}.  Suspends."
  (let* ((deadline (+ (host-now) (* grace-period 1000000000)))
         (status (signal-and-wait (- group) pid signal grace-period)))
    (let loop ((rounds 10))
      ;; Rounds, as members may fork while they end.
      (when (and (> rounds 0)
                 (host-process-exists? (- group))
                 ;; And it is not another one of that number.
                 (zero? (send-signal (- group) 0)))
        (for-each (lambda (member)
                    (await-process member
                                   (max 0 (/ (- deadline (host-now)) 1e9))))
                  (host-group-members group))
        (when (and (>= (host-now) deadline)
                   (zero? (send-signal (- group) SIGKILL)))
          (log-message (l10n "Sent SIGKILL to what was left of process group \
~a.")
                       group)
          (for-each await-process (host-group-members group)))
        (loop (- rounds 1))))
    status))
