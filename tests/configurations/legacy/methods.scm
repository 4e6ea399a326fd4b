;; methods.scm -- methods that know what a running value was
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: forked answer
;; stopped: custom asleep
;; once: early
;; Stands for: 'stop' methods and actions that take the PID; a start method that
;; forks by itself and returns the PID; handlers of the end of a process; signals
;; as actions; a service that is disabled; accessors and slots.

(define forked
  (make <service>
    #:provides '(forked)
    #:start (lambda args
              (fork+exec-command '("sleep" "1000026")))
    #:stop (lambda (pid . args)
             (kill pid SIGTERM)
             #f)
    #:actions (make-actions
               (tell "Tell the PID."
                     (lambda (pid . args)
                       (unless (integer? pid)
                         (error "not a PID:" pid))
                       (kill pid 0)
                       pid))
               (wake "Continue."
                     (lambda (pid)
                       (kill (- (getpgid pid)) SIGCONT))))
    #:handle-termination (lambda (service pid status)
                           (format #t "~a: ~a ended with ~a~%"
                                   (canonical-name service) (integer? pid)
                                   status))))

(define answer
  (make <service>
    #:provides '(answer)
    #:start (const 'forty-two)
    #:stop (const #f)))

(define custom
  (make <service>
    #:provides '(custom)
    #:transient? #f
    #:respawn? #f
    #:start (make-forkexec-constructor
             '("sh" "-c" "trap 'exit 0' HUP; while :; do sleep 1; done"))
    #:stop (make-kill-destructor SIGHUP)))

(define asleep
  (make <service>
    #:provides '(asleep)
    #:requires '(custom)
    #:conflicts '(forked)
    #:start (const #t)
    #:stop (lambda (running) #f)))

(define early
  (make <service>
    #:provides '(early)
    #:one-shot? #t
    #:start (lambda () #t)))

(register-services forked answer custom asleep early)
(disable 'custom)
(for-each start (list forked answer 'early))
(enable 'custom)

(define (check what ok?)
  (unless ok?
    (error "wrong:" what)))

(check 'provided-by (equal? '(forked) (provided-by forked)))
(check 'provides (equal? '(forked) (provides forked)))
(check 'required-by (equal? '(custom) (required-by asleep)))
(check 'requires (equal? '(custom) (slot-ref asleep 'requires)))
(check 'running? (integer? (running? forked)))
(check 'running (eqv? (running? forked) (slot-ref forked 'running)))
(check 'value (eq? 'forty-two (slot-ref answer 'running)))
(check 'respawn? (not (respawn? forked)))
(check 'enabled? (slot-ref custom 'enabled?))
(check 'service-list (memq forked (service-list)))
(check 'lookup-services (equal? (list forked) (lookup-services 'forked)))
(check 'action (eqv? (running? forked) (action 'forked 'tell)))
(check 'of-today (and (service? forked)
                      (equal? '(forked) (service-provision forked))))
(doc 'forked)
