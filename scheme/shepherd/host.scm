;;; (shepherd host) -- what services may ask of the core.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Services act on the world through these operations alone, so that the
;;; same controllers run over the real core (the default) or over another,
;;; such as a simulated one, put in place by `install-host!'.  None of them
;;; suspends or blocks; answers arrive as events (see (shepherd core)).

(define-module (shepherd host)
  #:use-module (shepherd core)
  #:use-module (shepherd process-group)
  #:export (install-host!
            host-now
            host-time
            host-open-alarm
            host-set-alarm!
            host-read-alarm
            host-spawn!
            host-kill!
            host-watch-process!
            host-process-exists?
            host-process-group
            host-group-members
            host-publish!
            host-unpublish!
            host-reply!
            host-reply-service!
            host-close-client!
            host-log!
            host-attach-log!
            host-rotate-log!
            host-query-log!
            host-detach-log!
            host-flush-log!
            host-keep-descriptor!
            host-inherited-descriptors
            host-peer-user
            host-take-culprit!
            host-shutdown-begins!
            host-shutdown!))

(define (real-time)
  "Return the wall-clock time in nanoseconds since the Epoch."
  (let ((now (gettimeofday)))
    (+ (* (car now) 1000000000) (* (cdr now) 1000))))

(define (real-process-exists? pid)
  (catch 'system-error
    (lambda ()
      (kill pid 0)
      #t)
    (lambda arguments
      (= EPERM (system-error-errno arguments)))))

(define-syntax-rule (define-operations install!
                      (name default argument ...) ...)
  (begin
    (define cells
      `((name . ,(make-variable default)) ...))
    (define (install! operation procedure)
      "Make @var{procedure} perform @var{operation}, a symbol such as
@code{host-spawn!}, from now on."
      (variable-set! (assq-ref cells operation) procedure))
    (define name
      (let ((cell (assq-ref cells 'name)))
        (lambda (argument ...)
          ((variable-ref cell) argument ...))))
    ...))

(define-operations install-host!
  (host-now %now)                       ;monotonic clock, ns
  (host-time real-time)                 ;wall clock, ns
  (host-open-alarm %open-alarm)         ;descriptor
  (host-set-alarm! %set-alarm descriptor time) ;ns of the wall clock, or #f
  (host-read-alarm %read-alarm descriptor) ;due, clock-set or #f
  (host-spawn! %spawn id command environment options)
  (host-kill! %kill id pid signal patient?)
  (host-watch-process! %watch-process pid)
  (host-process-exists? real-process-exists? pid) ;negative: a group
  (host-process-group %getpgid pid)     ;throws system-error
  (host-group-members group-members group)
  (host-publish! %publish flags ring names head tail saved)
  (host-unpublish! %unpublish name)
  (host-reply! %reply client datum)
  (host-reply-service! %reply-service client name messages)
  (host-close-client! %close-client client)
  (host-log! %log text stdout?)
  (host-attach-log! %log-attach ring file-fd path read-fd prefix history)
  (host-rotate-log! %log-rotate id path rotated)
  (host-query-log! %log-query id ring)
  (host-detach-log! %log-detach ring)
  (host-flush-log! %log-flush id)
  (host-keep-descriptor! %keep-descriptor fd keep?)
  (host-inherited-descriptors %inherited-descriptors) ;what was kept
  (host-peer-user %peer-user fd)        ;throws system-error
  (host-take-culprit! %take-culprit)
  (host-shutdown-begins! %shutdown-begins how seconds)
  (host-shutdown! %shutdown how))
