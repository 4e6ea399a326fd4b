;;; (shepherd resume) -- taking up what an earlier image of the process left.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The configuration is loaded again, for the code that only it has.  Each
;;; service then is in the state that was published last, and nothing that it
;;; says about starting counts: what runs, runs.  What the earlier image was in
;;; the middle of is gone on with.  Where the configuration is not what it was,
;;; that is told, not acted upon.

(define-module (shepherd resume)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd config)
  #:use-module (shepherd constructors)
  #:use-module (shepherd controller)
  #:use-module (shepherd definition)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd host)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd log-source)
  #:use-module (shepherd process)
  #:use-module (shepherd publication)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd root)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:use-module (shepherd transitions)
  #:export (resume
            rehearse))


;;;
;;; What was left.
;;;

;; A record is what was published of a service: (RING SAVED (service ...)).

(define (property record name default)
  "Return property @var{name} of what clients saw, a datum."
  (match record
    ((_ _ ('service . properties))
     (match (assq name properties)
       ((_ value) value)
       (_ default)))))

(define (saved record name default)
  "Return what was saved for us under @var{name}."
  (match record
    ((_ saved _)
     (match (assq name saved)
       ((_ . value) value)
       (_ default)))))

(define (record-name record)
  (car (property record 'provides '(#f))))

(define (record-logger record)
  "Return the logger that @var{record} tells of, or, as it may have been published
before that was known, the one of its latest process that has any, or
@code{#f}."
  (match record
    (((? positive? ring) . _)
     (make-logger ring (property record 'log-files '())))
    (_
     (any (match-lambda
            ((_ _ (? positive? ring) "") (make-logger ring '()))
            ((_ _ (? positive? ring) file) (make-logger ring (list file)))
            (_ #f))
          (processes-called (record-name record))))))

(define (record-state record)
  "Return the state that @var{record} tells of."
  (let ((status (property record 'status 'stopped)))
    (restore-state
     #:status status
     #:value (match (saved record 'value #f)
               ((datum)
                (datum->value datum #f
                              #:shown (property record 'running #f)))
               ;; Published before its value was known.
               (_ (and (eq? 'running status) #t)))
     #:enabled? (property record 'enabled? #t)
     #:changes (property record 'status-changes '())
     #:respawns (saved record 'respawns '())
     #:failures (property record 'startup-failures '())
     #:exits (property record 'exit-statuses '())
     #:logger (and (not (eq? 'stopped status))
                   (record-logger record))
     #:unclaimed (saved record 'unclaimed '())
     #:due? (->bool (saved record 'due #f)))))

;; This happens once in the life of a process image.
(define records (make-hash-table))      ;canonical name -> record, not taken up
(define taken '())                      ;list of (SERVICE . RECORD)
(define processes (make-hash-table))    ;name -> list of (PID START RING LOG-FILE)
(define culprit #f)                     ;name of a service, string
(define differences '())                ;texts, latest first
(define partly-loaded? #f)              ;was the configuration, before the crash?
(define gone-on '())                    ;services gone on with while loading

(define (processes-called name)
  "Return those of @code{processes} that were started for the service
@var{name}, a symbol, latest first."
  (sort (hash-ref processes (symbol->string name) '())
        (lambda (a b)
          (> (second a) (second b)))))

(define (culprit? service)
  "Is the code of @var{service} why there is a new image?"
  (and culprit
       (string=? culprit (symbol->string (service-canonical-name service)))))

(define (difference! format . arguments)
  "Note something that users should know, and log it."
  (let ((text (apply format-text format arguments)))
    (log-message "~a" text)
    (set! differences (cons text differences))))

(define (read-inheritance text)
  "Take what the datum in the string @var{text} tells; return its alist."
  (let ((data (call-with-input-string text read)))
    (for-each (lambda (record)
                (hashq-set! records (record-name record) record))
              (assq-ref data 'services))
    (hash-clear! processes)
    (for-each (match-lambda
                ((pid service . rest)
                 (hash-set! processes service
                            (acons pid rest
                                   (hash-ref processes service '())))))
              (assq-ref data 'processes))
    (set-inherited-processes! processes-of)
    ;; Not only services have rings; no image makes one in each microsecond.
    (skip-rings! (quotient (host-time) 1000))
    data))


;;;
;;; Taking up services.
;;;

(define (take-up! service)
  "Put @var{service}, being registered, into the state that was left."
  (let* ((name (service-canonical-name service))
         (record (hashq-ref records name)))
    (when record
      (hashq-remove! records name)
      (set-service-state! service (record-state record))
      ;; For the next image, if we crash, too, before that start is over.
      (set-start-progress! service (match (saved record 'progress #f)
                                     ((progress) progress)
                                     (_ #f)))
      (set! taken (acons service record taken))
      ;; What is being loaded may wait for the end of that.
      (when (and partly-loaded?
                 (memq (property record 'status 'stopped) '(starting stopping)))
        (set! gone-on (cons service gone-on))
        (spawn-fiber (lambda ()
                       (when (assq service taken)
                         (go-on-safely service record))))))))

(define (give-back! service)
  "Leave the state that @var{service} was put into to who next has its name.
Return true if there is any."
  (match (assq service taken)
    (#f #f)
    ((_ . record)
     (hashq-set! records (record-name record) record)
     (set! taken (alist-delete service taken eq?))
     #t)))

(define (stop-stand-in running . arguments)
  (cond ((or (process? running)
             (and (integer? running) (> running 1)))
         (apply (make-kill-destructor) running arguments))
        (else #f)))

(define (stand-in record)
  "Return a service for @var{record}, which the configuration does not define."
  (or (define-from-parts (record-name record) (saved record 'parts '()))
      (stub record)))

(define (stub record)
  (define name (record-name record))

  (define (had? action)
    (memq (action-name action) (property record 'actions '())))

  (let-values (((stop actions)
                (saved-value-methods (match (saved record 'value #f)
                                       ((datum) datum)
                                       (_ #f)))))
    (service (property record 'provides '())
             #:requirement (property record 'requires '())
             #:one-shot? (property record 'one-shot? #f)
             #:transient? (property record 'transient? #f)
             #:respawn? #f
             #:start (lambda _
                       (local-output (l10n "Service ~a is not defined any \
more: register it anew to start it.")
                                     name)
                       #f)
             #:stop (or stop stop-stand-in)
             #:actions (filter had? actions)
             #:documentation (property record 'docstring ""))))

(define (take-up-rest!)
  "Have stand-ins take up what no service did, but for what is stopped."
  (for-each (lambda (record)
              (if (eq? 'stopped (property record 'status 'stopped))
                  (begin
                    (host-unpublish! (record-name record))
                    (difference! (l10n "Service ~a, stopped, is not defined \
any more.")
                                 (record-name record)))
                  (begin
                    (enroll-service! (stand-in record))
                    (unless (property record 'transient? #f)
                      (difference! (l10n "Service ~a is not defined any more; \
it goes on as it is until it is stopped.")
                                   (record-name record))))))
            (hash-map->list (lambda (name record) record) records)))

(define (dismiss-new-services!)
  "Unregister what was not there before."
  (for-each (lambda (service)
              (unless (assq service taken)
                (dismiss-service! service)
                (difference! (l10n "Service ~a is new in the configuration; \
load it to have it.")
                             (service-canonical-name service))))
            (registered-services)))

(define (forget-rings!)
  "Have the logger forget what processes printed that are no service's."
  (define used (make-hash-table))

  (for-each (lambda (service)
              (let ((logger (state-logger (service-state service))))
                (when logger
                  (hashv-set! used (logger-ring logger) #t))))
            (registered-services))
  (hash-for-each (lambda (name entries)
                   (for-each (match-lambda
                               ((_ _ ring _)
                                (unless (or (zero? ring)
                                            (hashv-ref used ring))
                                  (host-detach-log! ring))))
                             entries))
                 processes))

(define %compared
  '(provides requires respawn? one-shot? transient? respawn-limit
    respawn-delay docstring actions))

(define (report-changes service record)
  "Tell what the configuration says of @var{service} now but not in
@var{record}, unless that was of one that was about to be replaced."
  (match (filter (lambda (name)
                   (not (equal? (property record name #f)
                                (car (assq-ref (cdr (service->head service))
                                               name)))))
                 (if (property record 'pending-replacement? #f)
                     '()
                     %compared))
    (() #t)
    (changed
     (difference! (l10n "Service ~a has changed in the configuration: ~a.")
                  (service-canonical-name service)
                  (string-join (map symbol->string changed) ", ")))))


;;;
;;; Going on.
;;;

(define (processes-of service)
  "Return the processes that were started for @var{service} and lived, latest
first, as pairs of PID and start."
  (map (match-lambda
         ((pid start . _) (cons pid start)))
       (processes-called (service-canonical-name service))))

(define (service-processes service)
  "Return the PIDs of @code{processes-of}."
  (map car (processes-of service)))

(define (change-value! service value)
  (without-preemption
   (set-service-state! service
                       (adjust-value (service-state service) value))
   (publish-service! service)))

(define (go-on-running service record)
  (define (value-lost)
    (difference! (l10n "The running value of service ~a could not be kept; it \
is #t now.")
                 (service-canonical-name service)))

  (match (saved record 'value #f)
    ((and (('kind . _)) (datum))
     (let ((value (datum->value datum service)))
       (change-value! service value)
       (when (eq? #t value)
         (value-lost))))
    ((('ended))
     (post-event! service '(lost 0)))
    ((('lost))
     (value-lost))
    (_ #t))
  (tie-value! service))

(define (tie-value! service)
  "Have @var{service} told of the end of the process that is its value."
  (let ((value (state-value (service-state service))))
    (when (process? value)
      (tie-process! (process-id value) service))))

;; Seconds to wait for the PID file of a process that may have been started, and
;; ended having left another one behind, just before the crash.
(define %unsure-delay 2)

(define (await-unsure-pid-file service file timeout command)
  "Return the process that @var{file} names, or @code{again} if none does soon."
  (match (read-pid-file file #:max-delay (min timeout %unsure-delay)
                        #:validate-pid? #t)
    (#f 'again)
    (pid
     (tie-process! pid service)
     (process pid command))))

(define (value-of-start service record)
  "Return the running value for @var{service}, whose start was under way;
@code{again} if it has to begin anew.  Suspends."
  (match (list (saved record 'progress #f) (service-processes service))
    ((or ((('pid-file file timeout command #f)) (pid . _))
         ((('pid-file file timeout command (? integer? pid))) _))
     (tie-process! pid service)
     (await-pid-file file timeout pid command))
    (((('pid-file file timeout command #f)) ())
     (await-unsure-pid-file service file timeout command))
    ((_ ())
     'again)
    ((_ (pid . _))
     (tie-process! pid service)
     (process pid #f))))

(define (give-up! service event)
  "Let what @var{service} was doing end with @var{event}, as it did not return."
  (log-message (l10n "Service ~a kept shepherd from doing anything else; that \
is not tried again.")
               (service-canonical-name service))
  (post-event! service
               `(,event ,%restored-token misc-error
                        (#f ,(l10n "it did not give up control") () #f))))

(define (go-on-starting service record)
  (spawn-fiber
   (lambda ()
     (call-in-service-context
      service #f
      (lambda ()
        (match (value-of-start service record)
          ((and 'again (? (const (culprit? service))))
           (give-up! service 'start-threw))
          ('again
           (log-message (l10n "Starting service ~a again.")
                        (service-canonical-name service))
           (call-start-again service))
          (value
           (post-event! service `(started ,%restored-token ,value)))))))
   #:name (symbol->string (service-canonical-name service))))

(define (go-on service record)
  "Go on with what @var{service} was doing."
  (restore-parts! service (saved record 'parts '()))
  ;; What it does by now may be what the configuration, not all of which was
  ;; loaded before, made it do.
  (match (property record 'status 'stopped)
    ('running
     (go-on-running service record))
    ('starting
     (go-on-starting service record))
    ((and 'stopping (? (const (culprit? service))))
     (go-on-running service record)
     (give-up! service 'stop-threw))
    ('stopping
     (go-on-running service record)
     (log-message (l10n "Stopping service ~a again.")
                  (service-canonical-name service))
     (call-stop-again service))
    ('stopped
     (when (state-respawn-due? (service-state service))
       (go-on-respawning service)))))

(define (go-on-respawning service)
  (let ((name (service-canonical-name service)))
    (spawn-fiber
     (lambda ()
       (catch #t
         (lambda ()
           (respawn-service service))
         (lambda (key . arguments)
           ;; What it requires may not be provided any more.
           (log-message (l10n "Cannot respawn service ~a: ~a")
                        name (exception->string key arguments)))))
     #:name (symbol->string name))))

(define (go-on-safely service record)
  (catch #t
    (lambda ()
      (go-on service record))
    (lambda (key . arguments)
      (difference! (l10n "Cannot go on with service ~a: ~a")
                   (service-canonical-name service)
                   (exception->string key arguments)))))

(define (close-unclaimed! fd)
  "Close @var{fd}, which an earlier image had for a service that has changed, or
is not there any more."
  (let* ((sock (catch-system-error (fdopen fd "r+0")))
         (address (and sock (catch-system-error (getsockname sock)))))
    (difference! (l10n "No service uses ~a any more; it is closed.")
                 (if address
                     (socket-address->string address)
                     (format-message (l10n "descriptor ~a") fd)))
    (if sock
        (close-port sock)
        (close-fdes fd))))


;;;
;;; All of it.
;;;

(define (load-anew options complete?)
  "Load the configuration, and what was loaded later on.  If it was
@var{complete?}, nothing that it says about starting and stopping counts."
  (parameterize ((resuming? complete?))
    (load-configuration (assq-ref options 'config-file)
                        #:and-files (or (recall 'files) '()))))

(define (answer-client client)
  (unless (zero? client)
    (host-reply! client
                 `(reply (version 0)
                         (result (#t))
                         (error #f)
                         (messages
                          (,(format-text (l10n "Now running ~a ~a, with ~a \
service taken over."
                                               "Now running ~a ~a, with ~a \
services taken over."
                                               (length taken))
                                         package-name Version
                                         (length taken))
                           ,@(reverse differences)))))))

(define (resume options inheritance start-root)
  "Take up what @var{inheritance}, as @code{%inheritance} returns it, tells of;
@var{options} are as @code{%options} returns them.  Call @var{start-root} if the
root service is not running yet.  Suspends."
  (match inheritance
    ((reason text)
     (let* ((data (read-inheritance text))
            (root (hashq-ref records 'root))
            ;; Not before that does the configuration count.
            (begun? (and root
                         (not (eq? 'starting
                                   (property root 'status 'starting)))))
            (client (first (assq-ref data 'client))))
       (when root
         (set-memory! (saved root 'memory '())))
       (set! culprit (host-take-culprit!))
       (inherit-descriptors!)
       (log-message (match reason
                      ('crash (l10n "Going on after a crash."))
                      ('reexec (l10n "Going on in a new image."))))
       (set-adoption! take-up! give-back!)
       (if begun?
           (enroll-service! root-service)
           (begin
             (hashq-remove! records 'root)
             (start-root)))
       (let ((complete? (and begun? (not (recall 'loading)))))
         (set! partly-loaded? (not complete?))
         ;; If there is no record of anything, who knows what runs: nothing is
         ;; started then.
         (load-anew options (or complete? (not root)))
         (take-up-rest!)
         (set-adoption! #f #f)
         (forget-rings!)
         (when complete?
           (dismiss-new-services!)))
       (for-each (match-lambda
                   ((service . record)
                    (report-changes service record)
                    (unless (memq service gone-on)
                      (go-on-safely service record))))
                 (reverse taken))
       (for-each close-unclaimed! (take-unclaimed-descriptors!))
       (answer-client client)))))

(define (rehearse text)
  "Try to read what @code{core_inheritance} gave, and to load what a daemon is
made of.  Return true if that goes well; otherwise print why not."
  (catch #t
    (lambda ()
      (resolve-interface '(shepherd boot))
      (read-inheritance text)
      (for-each record-state (hash-map->list (lambda (name record) record)
                                             records))
      #t)
    (lambda (key . arguments)
      (simple-format (current-error-port) "shepherd: ~a\n"
                     (exception->string key arguments))
      #f)))
