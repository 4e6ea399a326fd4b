;; mixed.scm -- the old and the new side by side
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: new group group-up
;; stopped: group-down
;; Stands for: files written while both interfaces were there: objects made the old
;; way in procedures of today, services of today started the old way, actions
;; that call either.

(use-modules (shepherd service)
             (shepherd support))

(define new
  (service '(new)
    #:documentation "Made as today."
    #:start (make-forkexec-constructor '("sleep" "1000027"))
    #:stop (make-kill-destructor)))
(register-services (list new))
(for-each start '(new))

(define group
  (let* ((once-started #f)
         (name 'group)
         (requirement '(new))
         (up 'group-up)
         (down 'group-down))

    (define (run-action service action default running . args)
      (if (lookup-service-action service action)
          (apply perform-service-action service action args)
          (apply default running service args)))

    (define (define-action action default)
      (lambda (running . args)
        (for-each (lambda (name)
                    (apply run-action (lookup-service name) action default
                           running args))
                  (append requirement (list up down)))))

    (let ((up-service
           (make <service>
             #:provides (list up)
             #:requires requirement
             #:transient? #f
             #:one-shot? #f
             #:respawn? #f
             #:start (lambda args #t)
             #:stop (lambda args #f)))
          (down-service
           (make <service>
             #:provides (list down)
             #:requires '()
             #:start (lambda _ #t)
             #:stop (lambda (running . args) #f))))

      (register-services up-service down-service)

      (make <service>
        #:provides (list name)
        #:requires '()
        #:start (lambda args
                  (set! once-started #t)
                  (apply start-service up-service args)
                  #t)
        #:stop (lambda (running . args)
                 (apply stop-service down-service args)
                 #f)
        #:actions
        (make-actions
         (enable-all (define-action 'enable-all
                       (lambda (running service . args)
                         (if service
                             (enable-service service)
                             (local-output "No service ~a" name)))))
         (once (lambda (x)
                 (format #t "~a~%" (if once-started "true" "false")))))))))

(register-services (list group))
(start-in-the-background '(group))
(perform-service-action (lookup-service 'group) 'enable-all)
