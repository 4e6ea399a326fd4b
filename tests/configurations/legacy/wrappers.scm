;; wrappers.scm -- layers of procedures over 'make <service>'
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: bus panel settings:0 gui:0 window:0 daemons
;; once: sound
;; stopped: bus2
;; Stands for: keywords handed through by 'apply', with those of the layers above
;; and some that occur twice, of which the first counts; parameters called
;; 'start', 'stop', 'provides'; services that start and stop others; constructors
;; with the names of ours; actions that call constructors; 'eval' as a service;
;; 'start' of a name and of an object, depending on the environment.

(use-modules (srfi srfi-1)
             (srfi srfi-26))

(define (->symbol string-or-symbol)
  (if (symbol? string-or-symbol)
      string-or-symbol
      (string->symbol string-or-symbol)))

(define (env-replace env name val)
  (let ((rx (make-regexp (string-append "^" name "="))))
    (cons (string-append name "=" val)
          (filter (negate (cut regexp-exec rx <>)) env))))

(define* (environ* #:optional display)
  (let ((env (env-replace (environ) "BUS_ADDRESS" "unix:path=/tmp/bus")))
    (if display
        (env-replace env "DISPLAY" display)
        env)))

;; These take a list, unlike the originals.
(define (run-command command)
  (zero? (status:exit-val (apply system* command))))

(define (make-system-constructor command)
  (lambda _
    (run-command command)))

(define (make-system-destructor command)
  (lambda _
    (not (run-command command))))

(define* (make-system-constructor-with-env command #:key display)
  (lambda _
    (let ((old-env (environ))
          (new-env (environ* display)))
      (environ new-env)
      (let ((res (run-command command)))
        (environ old-env)
        res))))

(define* (make-forkexec-constructor-with-env command #:key display)
  (make-forkexec-constructor
   command
   #:environment-variables (environ* display)))

(define* (starter #:key (base-services '()) (default-services '())
                  user-transformer final-transformer)
  (define* (transform services #:optional transformer (fallback '()))
    (if transformer
        (map transformer services)
        fallback))

  (lambda user-services
    (let* ((user-services (transform user-services user-transformer))
           (services (append base-services
                             (if (null? user-services)
                                 default-services
                                 user-services)))
           (services (transform services final-transformer services)))
      (and (every start services)
           services))))

(define (stop-all services . _)
  (for-each stop (reverse services))
  #f)

(define (make-service . args)
  (apply make <service> args))

(define* (make-target #:key (maker make-service)
                      (services '())
                      (start (starter #:base-services services))
                      (stop stop-all)
                      #:allow-other-keys
                      #:rest args)
  (apply maker
         #:start start
         #:stop stop
         args))

(define (display-service-name display base-name)
  (symbol-append base-name (string->symbol display)))

(define* (make-display-service #:key display
                               (docstring "Unknown")
                               (provides '())
                               (requires '())
                               #:allow-other-keys
                               #:rest args)
  (apply make-service
         #:docstring (format #f "~a (DISPLAY=~a)" docstring display)
         #:provides (map (cut display-service-name display <>) provides)
         #:requires (map (cut display-service-name display <>) requires)
         args))

(define* (make-simple-display-service display #:key command
                                      #:allow-other-keys
                                      #:rest args)
  (apply make-display-service
         #:display display
         #:start (make-forkexec-constructor-with-env command
                                                     #:display display)
         #:stop (make-kill-destructor)
         args))

(define bus
  (make-service
    #:docstring "Bus daemon"
    #:provides '(bus)
    #:start (make-forkexec-constructor
             (list "sleep" "1000018"))
    #:stop (make-kill-destructor)))

(define bus2
  (make-service
    #:provides '(bus2)
    #:provides '(bus)
    #:start (make-forkexec-constructor '("sleep" "1000019"))
    #:stop (make-kill-destructor)))

(define panel
  (make-service
    #:docstring "Panel"
    #:provides '(panel)
    #:start (make-system-constructor '("true" "--daemon"))
    #:stop (make-system-destructor '("true" "kill" "/bye"))))

(define daemons
  (list bus bus2 panel))

(define daemons-target
  (make-target
    #:docstring "Start 'bus', 'panel' and others that are given."
    #:provides '(daemons)
    #:start
    (starter #:base-services '(bus panel)
             #:user-transformer ->symbol)))

(define eval-service
  (let ((module (current-module)))
    (make-service
      #:docstring "Evaluate expressions.  Always fails, so as to be ready again."
      #:provides '(eval)
      #:start (lambda strings
                (for-each (cut eval-string <> module)
                          strings)
                #f))))

(define sound-service
  (let ((aset (lambda args
                (run-command (append '("true" "set" "-q") args)))))
    (make-service
      #:docstring "Set sound parameters."
      #:provides '(sound)
      #:one-shot? #t
      #:start (lambda _
                (and (aset "Master" "50%")
                     (aset "Line" "10%" "mute"))))))

(define (settings-service display)
  (make-simple-display-service display
    #:docstring "Settings"
    #:provides '(settings)
    #:command '("sleep" "1000020")))

(define (window-service display)
  (make-simple-display-service display
    #:docstring "Window manager"
    #:provides '(window wm)
    #:command '("sleep" "1000021")
    #:actions
    (make-actions
     (reload
      "Reload the configuration file."
      (make-system-constructor-with-env '("true" "--reconfigure")
                                        #:display display)))))

(define (gui-target display)
  (make-display-service
    #:display display
    #:docstring "All that has windows."
    #:provides '(gui)
    #:stop (const #f)
    #:start
    (starter #:base-services '(settings)
             #:default-services '(window)
             #:user-transformer ->symbol
             #:final-transformer (cut display-service-name display <>))))

(define (make-display-services display)
  (map (cut <> display)
       (list settings-service
             window-service
             gui-target)))

(apply register-services
       (append daemons
               (list daemons-target eval-service sound-service)
               (make-display-services ":0")
               (make-display-services ":1")))

;; Nothing is started if START_SERVICES is 0 or empty.
(let ((env (getenv "START_SERVICES")))
  (unless (and env
               (or (string-null? env)
                   (string= "0" env)))
    (start 'daemons)
    (start 'gui:0)
    (start sound-service)))

(action 'shepherd 'daemonize)
