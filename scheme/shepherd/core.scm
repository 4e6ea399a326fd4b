;;; (shepherd core) -- the door from Scheme to the core.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; These procedures are written in C, in src/guile/, and exist inside the
;;; program shepherd only.  In a plain guile the module loads, so that other
;;; modules can be compiled and tested, and each of them raises an error.
;;; None of them waits, but %wait, %open-log-file and %daemonize.
;;;
;;; IDs are positive exact integers that the caller chooses; an event that
;;; answers a request bears its ID.

(define-module (shepherd core)
  ;; The compiler must not believe that the definitions below are final.
  #:declarative? #f
  #:export (;; Events.
            %wait                       ;NS -> list of events:
                                        ; (command CLIENT UID DATUM-or-TEXT)
                                        ; (client-gone CLIENT)
                                        ; (spawned ID PID)
                                        ; (spawn-failed ID STEP ERRNO)
                                        ; (exited PID STATUS)
                                        ; (killed ID ERRNO)
                                        ; (signal SIGNUM)
                                        ; (socket-deleted)
                                        ; (log-history ID LIST)
                                        ; (log-answer ID ERRNO)
                                        ; (readable FD), (writable FD),
                                        ; (hung-up FD)
            %watch-fd                   ;FD EVENT
            %forget-fd                  ;FD
            %now                        ;-> monotonic nanoseconds

            ;; The wall clock.
            %open-alarm                 ;-> FD
            %set-alarm                  ;FD NS-or-#f -> boolean
            %read-alarm                 ;FD -> due, clock-set or #f

            ;; Processes.
            %spawn                      ;ID ARGV ENVIRONMENT REQUEST
            %kill                       ;ID PID SIGNAL PATIENT?
            %watch-process              ;PID
            %getpgid                    ;PID -> PGID
            %reset-signals              ;in a process that was forked
            %resource-number            ;NAME -> RLIMIT_... number or #f
            %user-groups                ;NAME GID -> list of GIDs; may wait

            ;; Clients, and what they see.
            %publish                    ;FLAGS RING NAMES HEAD TAIL SAVED
            %unpublish                  ;NAME
            %reply                      ;CLIENT DATUM
            %reply-service              ;CLIENT NAME MESSAGES
            %close-client               ;CLIENT
            %datum->text                ;DATUM -> string
            %peer-user                  ;FD -> UID

            ;; The log.
            %log                        ;TEXT STDOUT?
            %open-log-file              ;PATH -> FD
            %log-attach                 ;RING FILE-FD PATH READ-FD PREFIX
                                        ; HISTORY
            %log-detach                 ;RING
            %log-query                  ;ID RING
            %log-rotate                 ;ID PATH NEW-PATH
            %log-flush                  ;ID

            ;; Whose turn it is, and what it may use.
            %preempt-with               ;THUNK -> bytevector of #(RUN OVERDUE
                                        ; DURATION LIMIT CLIENT), of 64 bits
            %set-run-limit              ;NS
            %set-last-limit             ;NS
            %take-culprit               ;-> string or #f
            %run-place                  ;-> string or #f
            %stack-size                 ;-> bytes
            %heap-size                  ;-> bytes
            %set-heap-limit             ;BYTES
            %allocated                  ;-> bytes, ever
            %memory-size                ;-> bytes
            %collect                    ;UNMAP?
            %lasting                    ;OBJECT -> OBJECT
            %lasting-cons               ;CAR CDR -> pair

            ;; The daemon itself.
            %options                    ;-> alist
            %inheritance                ;-> (REASON TEXT) or #f
            %program                    ;-> string
            %legacy                     ;-> list of FDs
            %keep-descriptor            ;FD KEEP?
            %inherited-descriptors      ;-> list of FD
            %reexec                     ;CLIENT or 0
            %note-service               ;STRING or #f
            %daemonize                  ;-> PID
            %kexec-loaded?              ;-> boolean
            %shutdown-begins            ;HOW SECONDS
            %shutdown))                 ;exit, reboot, halt, power-off, kexec

(define (unavailable name)
  "Return a procedure that stands for @var{name} outside shepherd."
  (lambda arguments
    (error (gettext "only available inside shepherd:") name)))

;; Where memory does not matter.
(define (%lasting object) object)
(define %lasting-cons cons)

(module-for-each (lambda (name variable)
                   (unless (variable-bound? variable)
                     (variable-set! variable (unavailable name))))
                 (module-public-interface (current-module)))

;; The program registers this extension; there is no such library.
(false-if-exception (load-extension "shepherd-core" "bridge_install"))
