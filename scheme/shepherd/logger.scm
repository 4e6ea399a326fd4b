;;; (shepherd logger) -- log files, and output of processes to be logged.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For services that start processes by themselves; what `fork+exec-command'
;;; starts is logged without being asked.  As all logging, this is done by the
;;; logger's threads, which are handed the descriptor; a crash of the daemon
;;; loses nothing.  Files that one writes oneself work in a plain guile, too.

(define-module (shepherd logger)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 textual-ports)
  #:use-module (shepherd comm)
  #:use-module (shepherd controller)
  #:use-module (shepherd core)
  #:use-module (shepherd host)
  #:use-module (shepherd log-source)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd support)
  #:re-export (default-log-history-size
               logger-recent-messages
               logger-files
               rotate-log-file)
  #:export (spawn-service-file-logger
            spawn-service-builtin-logger
            spawn-service-system-logger
            log-line
            open-log-file
            rotate-and-reopen-log-file))


;;;
;;; Loggers.
;;;

(define (relay input)
  "Return a descriptor on which a fiber passes on what it reads from
@var{input}."
  (call-with-values open-log-pipe
    (lambda (read-end output)
      (spawn-fiber (lambda ()
                     (let loop ()
                       (let ((bytes (get-bytevector-some input)))
                         (unless (eof-object? bytes)
                           (put-bytevector output bytes)
                           (loop))))
                     (close-port input)
                     (close-port output))
                   #:name "relay")
      read-end)))

(define (input-descriptor input)
  "Return the descriptor of @var{input}, which belongs to the logger from then on,
or another that brings the same if it cannot be waited for."
  (if (and (file-port? input)
           (memq (stat:type (stat input)) '(fifo socket char-special)))
      (port->fdes input)
      (relay input)))

(define (spawn-logger logger input service history attach)
  "Have @var{logger} read @var{input}, and register it with @var{service}, if not
@code{#f}.  @var{attach} is called with the ring, the descriptor and
@var{history}, the number of lines to be kept.  Return @var{logger}."
  (attach (logger-ring logger) (input-descriptor input) history)
  (when service
    (register-service-logger service logger))
  logger)

(define (open-service-log-file file service)
  "Return a descriptor of @var{file}, an absolute name.  If that fails, say so, and
for which service."
  (catch 'system-error
    (lambda ()
      (%open-log-file file))
    (lambda arguments
      (local-output (l10n "Failed to open log file '~a' for ~a: ~a.")
                    file
                    (if service
                        (service-canonical-name service)
                        "<unknown service>")
                    (strerror (system-error-errno arguments)))
      (apply throw arguments))))

(define* (spawn-service-file-logger file input
                                    #:key (service (current-service))
                                    (history-size (default-log-history-size)))
  "Return a logger that writes the lines it reads from port @var{input}, with the
time before each, to @var{file}, and keeps the latest @var{history-size} in memory.
It becomes the logger of @var{service}, unless that is @code{#f}.  @var{input}
belongs to the logger from then on.  Throw @code{system-error} if the file cannot be
opened."
  (let* ((file (absolute-log-file file))
         (descriptor (open-service-log-file file service)))
    (spawn-logger (file-logger file) input service history-size
                  (lambda (ring input history)
                    (host-attach-log! ring descriptor file input ""
                                      history)))))

(define (builtin-prefix command service)
  "Return what is before the lines of @var{command}: its PID is that of the main
process of @var{service}, if it is known now."
  (let ((value (and service (service-running-value service))))
    (if (process? value)
        (simple-format #f "~a[~a] " command (process-id value))
        (simple-format #f "[~a] " command))))

(define* (spawn-service-builtin-logger command input
                                       #:key (service (current-service))
                                       (history-size
                                        (default-log-history-size)))
  "Do the same as @code{spawn-service-file-logger}, but write to the daemon's log:
@samp{@var{command}[PID]} is before each line, where PID is that of the process
which is the running value of @var{service}, or, if there is none yet,
@samp{[@var{command}]}."
  (let ((prefix (builtin-prefix command service)))
    (spawn-logger (file-logger #f) input service history-size
                  (lambda (ring input history)
                    (host-attach-log! ring #f "" input prefix history)))))

(define* (spawn-service-system-logger input
                                      #:key (service (current-service))
                                      (history-size
                                       (default-log-history-size)))
  "Do the same as @code{spawn-service-file-logger}, but write to the system's log,
whose socket is @code{(system-log-file)}, as the daemon itself does when it logs
there."
  (spawn-logger (file-logger #f) input service history-size
                (lambda (ring input history)
                  (host-attach-log! ring #f (system-log-file) input ""
                                    history))))


;;;
;;; Files.
;;;

(define (date-text date-format now)
  (strftime date-format (localtime now)))

(define* (log-line line port #:optional (now (current-time))
                   #:key (date-format default-logfile-date-format))
  "Write @var{line} to @var{port}, after the date @var{now}, in seconds since the
Epoch, as @code{strftime} has it by @var{date-format}.  System errors, such as of a
full disk, are ignored.  Return @var{now}.  May suspend."
  (catch-system-error
   (put-string port (string-append (date-text date-format now) line "\n"))
   (force-output port))
  now)

(define* (open-log-file file #:optional (mode #o640))
  "Return a port that appends, in UTF-8, to @var{file}.  If it is new, it gets
@var{mode}, save what the umask takes, and directories that it lacks are made.
Processes do not inherit it."
  (mkdir-p (dirname file))
  (let ((port (fdopen (open-fdes file (logior O_WRONLY O_APPEND O_CREAT
                                              O_NONBLOCK O_NOCTTY O_CLOEXEC)
                                 mode)
                      "a")))
    (set-port-encoding! port "UTF-8")
    (set-port-conversion-strategy! port 'substitute)
    port))

(define (rename-and-open file rotated mode)
  "Give @var{file} the name @var{rotated}, and return a port to a new @var{file}.
If that fails, all is as it was."
  (rename-file file rotated)
  (catch 'system-error
    (lambda ()
      (open-log-file file mode))
    (lambda arguments
      (catch-system-error (rename-file rotated file))
      (apply throw arguments))))

(define* (rotate-and-reopen-log-file port file rotated
                                     #:optional (mode #o640))
  "Rename @var{file}, which @var{port} writes to, @var{rotated}; there it ends saying
so.  Return a port to a new file of the old name, whose mode is @var{mode}; or
@code{#f}, having said why, if that fails, when @var{port} can still be used.  May
suspend."
  (local-output (l10n "Rotating '~a' to '~a'.") file rotated)
  (catch 'system-error
    (lambda ()
      (let ((new (rename-and-open file rotated mode)))
        (catch-system-error (newline port))
        (log-line "Rotating log." port)
        (catch-system-error (close-port port))
        new))
    (lambda arguments
      (local-output (l10n "Failed to rotate '~a' to '~a': ~a.")
                    file rotated (strerror (system-error-errno arguments)))
      #f)))
