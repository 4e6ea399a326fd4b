;; methods.scm -- start and stop methods, actions and handlers
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: forked setter pid-file actions
;; stopped: off limits
;; once: before
;; Stands for: methods that call 'fork+exec-command', return a procedure, or
;; constructors that are called by methods; PID files; limits; all forms of
;; actions; termination handlers; services looked up, queried and disabled while
;; the file is loaded.

(use-modules (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-34)
             (srfi srfi-35))

(define (run . words)
  (lambda* (#:optional argument #:rest rest)
    (fork+exec-command (if argument (append words (list argument)) words)
                       #:directory "/"
                       #:create-session? #t
                       #:file-creation-mask #o022
                       #:resource-limits '((nofile 1024 1024)))))

(define pid-file (string-append (getenv "HOME") "/daemon.pid"))

(register-services
 (list
  (service '(forked)
    #:start (run "sleep" "1000018")
    #:stop (lambda (process . args)
             (terminate-process (process-id process) SIGTERM)
             #f)
    #:termination-handler
    (lambda (service process status)
      (format #t "~a ended: ~a~%" (service-canonical-name service)
              (status:exit-val status))
      (default-service-termination-handler service process status)))
  (service '(setter)
    #:start (lambda _
              (lambda (set-value!)
                'initial))
    #:stop (const #f))
  (service '(before)
    #:one-shot? #t
    #:start (lambda args
              (let ((constructor (make-system-constructor "true")))
                (apply constructor args))))
  (service '(pid-file)
    #:requirement '(before)
    #:start (make-forkexec-constructor
             (list "sh" "-c" (string-append "echo $$ > " pid-file
                                            "; exec sleep 1000019"))
             #:pid-file pid-file
             #:pid-file-timeout 60)
    #:stop (make-kill-destructor #:grace-period 3))
  (service '(limits)
    #:respawn? #t
    #:respawn-limit '(3 . 60)
    #:respawn-delay 2
    #:start (make-forkexec-constructor
             '("sleep" "1000020")
             #:file-creation-mask #o077
             #:resource-limits `((nofile ,(* 2 512) 1024) (core 0 0)))
    #:stop (make-kill-destructor SIGTERM #:grace-period 1))
  (service '(actions)
    #:start (const 'value)
    #:stop (const #f)
    #:actions
    (append (actions (plain (lambda (running . args) running))
                     (documented "With documentation."
                                 (lambda (running) #t)))
            (actions)
            (list (action 'made (lambda (running) (display "made\n")))
                  (action 'made-with
                          (lambda (running . args)
                            (match args
                              (() 'none)
                              ((first . _) first)))
                          "With an argument."))))
  (service '(off)
    #:start (make-forkexec-constructor '("sleep" "1000021"))
    #:stop (make-kill-destructor))))

(disable-service (lookup-service 'off))
(guard (c ((service-error? c)
           (format #t "no start: ~a~%" (missing-service-name c))))
  (register-services (list (service '(lame) #:requirement '(no-such))))
  (start-service (lookup-service 'lame)))
(unregister-services (list (lookup-service 'lame)))
(start-in-the-background '(forked setter pid-file actions))
(unless (eq? 'value (service-running-value (lookup-service 'actions)))
  (start-service (lookup-service 'actions)))
(unless (every service-enabled? (filter-map lookup-service '(forked setter)))
  (error "not enabled"))
(for-each-service (lambda (s)
                    (format #t "~a: ~a~%" (service-canonical-name s)
                            (service-documentation s))))
(enable-service (lookup-service 'off))
