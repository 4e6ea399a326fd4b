;;; (shepherd diagnostics names) -- which module has what.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For the hint that a module was not imported.  A table, because looking into
;;; the modules themselves would mean loading them all for a slip of the pen.

(define-module (shepherd diagnostics names)
  #:export (%known-names
            known-module))

(define %known-names
  ;; List of (MODULE NAME ...).
  '(((shepherd comm)
     log-output-port call-with-syslog-port define-record-type-serializer
     make-shepherd-output-port open-connection open-server-socket read-command
     read-reply register-record-serializer! report-command-error result->sexp
     shepherd-command system-log-file write-command write-reply)
    ((shepherd config)
     %bindir %localedir %localstatedir %pkglibdir %runstatedir %sbindir
     %sysconfdir)
    ((shepherd endpoints)
     IN6ADDR_ANY IN6ADDR_LOOPBACK bind/retry-if-in-use endpoint->sexp
     open-sockets)
    ((shepherd logger)
     default-log-history-size log-line logger-files logger-recent-messages
     open-log-file rotate-and-reopen-log-file rotate-log-file
     spawn-service-builtin-logger spawn-service-file-logger
     spawn-service-system-logger)
    ((shepherd service log-rotation)
     %default-log-compression %default-log-expiry
     %default-rotation-size-threshold log-rotation-service rotate-past-logs)
    ((shepherd service monitoring)
     default-monitoring-period monitoring-service)
    ((shepherd service repl)
     default-repl-socket-file repl-service)
    ((shepherd service system-log)
     default-max-silent-time default-message-destination-procedure
     kernel-log-file read-system-log-message system-log-facility
     system-log-message-content system-log-message-facility
     system-log-message-priority system-log-message-sender system-log-message?
     system-log-priority system-log-service)
    ((shepherd service timer)
     calendar-event calendar-event-days-of-month calendar-event-days-of-week
     calendar-event-hours calendar-event-minutes calendar-event-months
     calendar-event-seconds calendar-event? command command-arguments
     command-directory command-environment-variables command-group
     command-resource-limits command-user command? cron-string->calendar-event
     make-timer-constructor make-timer-destructor next-calendar-event
     seconds-to-wait sexp->calendar-event sexp->command
     timer-arguments->calendar-event+command timer-service
     timer-trigger-action trigger-timer)
    ((shepherd service transient)
     transient-service)
    ((shepherd support)
     %gettext-domain %system-socket-file %user-config-dir %user-log-dir
     %user-runtime-dir at-most blocking-port buffering catch-system-error
     check-argument-types current-socket-file default-config-file
     default-logfile-date-format default-socket-dir default-socket-file
     display-line display-version eval-in-user-module
     exception-with-kind-and-args? format-message initialize-cli l10n let-loop
     list-of-strings? list-of-symbols? list-predicate load-in-user-module
     local-output mkdir-p non-blocking-port program-name report-error
     report-hint ring-buffer ring-buffer->list ring-buffer-insert
     ring-buffer-limit ring-buffer? socket-address->string
     system-default-log-file user-default-log-file user-homedir verify-dir
     with-atomic-file-output with-directory-excursion
     with-system-error-handling)
    ((shepherd system)
     block-signals getpgid halt ipv6-only kexec-loaded? mark-as-close-on-exec
     max-file-descriptors power-off prctl reboot reboot-kexec
     set-blocked-signals signalfd unblock-signals wait-for-file-deletion
     with-blocked-signals)
    ((fibers)
     run-fibers spawn-fiber yield-current-fiber)
    ((fibers channels)
     channel? get-message get-operation make-channel put-message put-operation)
    ((fibers conditions)
     make-condition signal-condition! wait-operation)
    ((fibers operations)
     choice-operation perform-operation wrap-operation)
    ((fibers timers)
     sleep-operation timer-operation)
    ((ice-9 match)
     match match-lambda match-lambda* match-let match-let*)
    ((srfi srfi-1)
     first second third fourth fifth last take drop take-while drop-while
     take-right drop-right fold fold-right reduce unfold append-map filter-map
     partition remove find find-tail any every count delete-duplicates
     concatenate span break lset-adjoin lset-union lset-intersection
     lset-difference append-reverse alist-delete zip)
    ((srfi srfi-9)
     define-record-type)
    ((srfi srfi-9 gnu)
     define-immutable-record-type set-record-type-printer! set-field
     set-fields)
    ((srfi srfi-11)
     let-values let*-values)
    ((srfi srfi-19)
     current-date date->string string->date make-date time-utc->date
     date->time-utc time-second)
    ((srfi srfi-26)
     cut cute)
    ((srfi srfi-34)
     guard)
    ((srfi srfi-35)
     condition message-condition? condition-message define-condition-type)
    ((ice-9 rdelim)
     read-line read-delimited read-string write-line)
    ((ice-9 textual-ports)
     get-string-all get-line get-char put-string put-char)
    ((ice-9 binary-ports)
     get-bytevector-all get-bytevector-n get-u8 put-bytevector put-u8)
    ((rnrs bytevectors)
     bytevector-u8-ref bytevector-length make-bytevector string->utf8
     utf8->string)
    ((ice-9 popen)
     open-pipe open-pipe* open-input-pipe open-output-pipe close-pipe)
    ((ice-9 ftw)
     scandir ftw nftw file-system-fold file-system-tree)
    ((ice-9 regex)
     match:substring match:start match:end list-matches fold-matches
     regexp-substitute regexp-substitute/global regexp-quote)
    ((ice-9 receive)
     receive)
    ((ice-9 control)
     let/ec call/ec shift reset)
    ((ice-9 exceptions)
     raise-continuable make-exception-with-message exception-message
     exception-irritants)
    ((ice-9 pretty-print)
     pretty-print truncated-print)
    ((ice-9 getopt-long)
     getopt-long option-ref)
    ((ice-9 vlist)
     vhash-assoc alist->vhash vhash-cons vlist-null)
    ((ice-9 string-fun)
     string-replace-substring)
    ((system foreign)
     pointer->procedure %null-pointer pointer->string string->pointer)))

(define (known-module name)
  "Return the name of a module that exports the symbol @var{name}, or
@code{#f}."
  (let loop ((modules %known-names))
    (cond ((null? modules) #f)
          ((memq name (cdar modules)) (caar modules))
          (else (loop (cdr modules))))))
