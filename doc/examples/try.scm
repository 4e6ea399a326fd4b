;;; try.scm -- a small system to look at, the one that build-aux/try boots

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; It runs as PID 1 of a few namespaces on a Debian machine, and as /init of
;; an initramfs with little more than busybox.  So it needs /bin/sh, date,
;; sleep and mount, and looks before it uses anything else.

(define state-directory "/run/try")

(define (program name)
  "Return the absolute file name of the program NAME, or #f."
  (search-path '("/usr/local/sbin" "/usr/local/bin" "/usr/sbin" "/usr/bin"
                 "/sbin" "/bin")
               name))

(define (shell script)
  "Return a constructor for a service that is the shell script SCRIPT."
  (make-forkexec-constructor (list "/bin/sh" "-c" script)))


;; One-shot services do something once; then they are "stopped" again, and
;; what requires them may start.

(define file-systems
  (service '(file-systems)
    #:documentation "Mount what terminals need, where it is missing."
    #:one-shot? #t
    #:start (lambda ()
              ;; shepherd itself has seen to /proc, /sys, /dev and /run.
              (or (file-exists? "/dev/pts/ptmx")
                  (begin
                    (unless (file-exists? "/dev/pts")
                      (mkdir "/dev/pts"))
                    (zero? (system* "mount" "-t" "devpts"
                                    "devpts" "/dev/pts")))))))

(define state
  (service '(state)
    #:documentation "Make the directory that other services write to."
    #:requirement '(file-systems)
    #:one-shot? #t
    #:start (lambda ()
              (unless (file-exists? state-directory)
                (mkdir state-directory))
              #t)))

(define host-name
  (service '(host-name)
    #:documentation "Name this machine, if it is ours to name."
    #:one-shot? #t
    #:start (lambda ()
              (when (= 1 (getpid))
                (sethostname "pasture"))
              #t)))


;; Processes.  Two of them depend on each other: stop `clock', and
;; `reporter' goes first.

(define clock
  (service '(clock)
    #:documentation "Write the time to a file, every other second."
    #:requirement '(state)
    #:respawn? #t
    #:start (shell (string-append "while :; do date > " state-directory
                                  "/now; sleep 2; done"))
    #:stop (make-kill-destructor)))

(define reporter
  (service '(reporter)
    #:documentation "Say what time it is, which ends up in the log."
    #:requirement '(clock)
    #:respawn? #t
    #:start (shell (string-append "while sleep 5; do echo it is $(cat "
                                  state-directory "/now); done"))
    #:stop (make-kill-destructor)))

;; `herd crash worker' kills it, and `herd status worker' shows the new one.
(define worker
  (service '(worker)
    #:documentation "Sit there, and come back when killed."
    #:requirement '(state host-name)
    #:respawn? #t
    #:respawn-limit '(10 . 5)
    #:respawn-delay 0.1
    #:start (shell "echo worker $$ is here; exec sleep 1000000")
    #:stop (make-kill-destructor)
    #:actions (actions
               (crash "Kill the worker's process, without asking."
                      (lambda (running)
                        (if running
                            (kill (process-id running) SIGKILL)
                            (display "There is no worker.\n")))))))

;; A daemon that puts itself in the background, and tells its PID in a file.
(define detached
  (let ((pid-file (string-append state-directory "/detached.pid")))
    (service '(detached)
      #:documentation "Leave the foreground, and be supervised all the same."
      #:requirement '(state)
      #:start (make-forkexec-constructor
               (list "/bin/sh" "-c"
                     (string-append "sleep 1000000 & echo $! > " pid-file))
               #:pid-file pid-file)
      #:stop (make-kill-destructor))))


;; A service need not be a process: this one runs no program at all, and has
;; an action, `herd greet greeter', `herd greet greeter Alice Bob'.

(define greeter
  (service '(greeter hello)
    #:documentation "Be polite."
    #:start (lambda () 'politely)
    #:stop (const #f)
    #:actions (actions
               (greet "Say hello to the names given, or to everybody."
                      (lambda (running . names)
                        (for-each (lambda (name)
                                    (display (string-append "Hello, " name
                                                            "!\n")))
                                  (if (null? names) '("world") names)))))))

;; Not started below: see what `herd start broken' says.
(define broken
  (service '(broken)
    #:documentation "Run a program that does not exist."
    #:start (make-forkexec-constructor '("/does/not/exist" "--really"))
    #:stop (make-kill-destructor)))

(register-services
 (list file-systems state host-name clock reporter worker detached greeter
       broken))

;; A web server, where busybox has one.  `herd start web' starts it.
(let ((busybox (program "busybox")))
  (when busybox
    (register-services
     (list (service '(loopback)
             #:documentation "Bring up the loopback interface."
             #:one-shot? #t
             #:start (lambda ()
                       (zero? (system* busybox "ip" "link" "set" "lo" "up"))))
           (service '(web)
             #:documentation "Serve /run/try on http://127.0.0.1:8080."
             #:requirement '(state loopback)
             #:respawn? #t
             #:start (make-forkexec-constructor
                      (list busybox "httpd" "-f" "-p" "127.0.0.1:8080"
                            "-h" state-directory))
             #:stop (make-kill-destructor))))))

(start-in-the-background '(reporter worker detached greeter))
