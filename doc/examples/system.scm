;;; system.scm -- a machine: file systems, network, terminals, secure shell

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; A Debian machine with the packages iproute2, isc-dhcp-client, openssh-server,
;; cron and util-linux would use this as its /etc/shepherd.scm.  The initramfs
;; has mounted the root file system read-only; /dev, /proc, /sys and /run are
;; mounted by the initramfs or by shepherd itself.

(use-modules (ice-9 rdelim)             ;read-line
             (srfi srfi-1)              ;filter-map
             (shepherd support))        ;mkdir-p

(default-environment-variables
  '("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    "LANG=C.UTF-8"))

(define (run program . arguments)
  "Run PROGRAM, wait for it, and return true if it exited with status zero."
  (zero? (apply system* program arguments)))


;; File systems.  This is no one-shot service: it "runs" from the first mount
;; to the last unmount, which is why everything that writes to a disk requires
;; it, directly or not, and is stopped before.

(define root-file-system
  (service '(root-file-system)
    #:documentation "Check the root file system and make it writable."
    #:start (lambda ()
              ;; 0 is fine, 1 means corrected; with anything else somebody
              ;; had better look before we write to it.
              (let ((status (status:exit-val (system* "fsck" "-a" "/"))))
                (and status
                     (<= status 1)
                     (run "mount" "-o" "remount,rw" "/"))))
    #:stop (lambda (running)
             (not (run "mount" "-o" "remount,ro" "/")))))

(define file-systems
  (service '(file-systems)
    #:documentation "Mount what /etc/fstab lists, and use its swap space."
    #:requirement '(root-file-system devices)
    #:start (lambda ()
              (for-each mkdir-p '("/dev/pts" "/dev/shm" "/run/lock"))
              (system* "mount" "-t" "devpts" "-o" "gid=5,mode=620"
                       "devpts" "/dev/pts")
              (system* "mount" "-t" "tmpfs" "-o" "nosuid,nodev"
                       "tmpfs" "/dev/shm")
              (and (run "mount" "-a" "-O" "no_netdev")
                   (run "swapon" "-a")))
    #:stop (lambda (running)
             (system* "swapoff" "-a")
             ;; A true value means trouble.
             (not (run "umount" "-a" "-r" "-t" "noproc,nosysfs,nodevtmpfs")))))


;; Devices: udev where it is installed; else the kernel's devtmpfs will do.
;; Both provide `devices', which is all that others need to know.

(define devices
  (let ((udev "/usr/lib/systemd/systemd-udevd"))
    (if (file-exists? udev)
        (service '(udev devices)
          #:documentation "Name devices, and load the modules they need."
          #:respawn? #t
          #:start (lambda ()
                    (let ((pid (fork+exec-command (list udev))))
                      ;; Have it look at what was there before it was.
                      (system* "udevadm" "trigger" "--action=add")
                      (system* "udevadm" "settle" "--timeout=30")
                      pid))
          #:stop (make-kill-destructor))
        (service '(devices)
          #:documentation "Be content with the kernel's devices."
          #:one-shot? #t))))


;; Small things that are done once.

(define host-name
  (service '(host-name)
    #:documentation "Give the machine the name in /etc/hostname."
    #:one-shot? #t
    #:start (lambda ()
              (sethostname (call-with-input-file "/etc/hostname" read-line))
              #t)))

(define kernel-settings
  (service '(kernel-settings)
    #:documentation "Apply /etc/sysctl.conf."
    #:requirement '(file-systems)
    #:one-shot? #t
    #:start (lambda ()
              (run "sysctl" "-q" "-p"))))


;; The network.  Stopping the client gives the address back.

(define loopback
  (service '(loopback)
    #:documentation "Bring up the loopback interface."
    #:one-shot? #t
    #:start (lambda ()
              (run "ip" "link" "set" "lo" "up"))))

(define network
  (service '(network networking)
    #:documentation "Get an address for the first network interface."
    #:requirement '(loopback file-systems host-name kernel-settings)
    #:respawn? #t
    #:respawn-delay 10
    #:start (make-forkexec-constructor
             '("dhclient" "-d" "-pf" "/run/dhclient.pid"))
    #:stop (make-kill-destructor)))


;; Daemons.

(define system-log
  (service '(system-log syslogd)
    #:documentation "Take messages at /dev/log, ours among them."
    #:requirement '(file-systems)
    #:respawn? #t
    #:start (make-forkexec-constructor '("rsyslogd" "-n"))
    #:stop (make-kill-destructor)))

;; `sshd -D' would be simpler; without it sshd forks and writes its PID, and
;; then the file tells us when it is ready for connections.
(define sshd
  (service '(sshd ssh-daemon)
    #:documentation "Let users in."
    #:requirement '(network system-log)
    #:respawn? #t
    #:start (let ((start (make-forkexec-constructor
                          '("/usr/sbin/sshd" "-o" "PidFile=/run/sshd.pid")
                          #:pid-file "/run/sshd.pid"
                          #:pid-file-timeout 15)))
              (lambda arguments
                (mkdir-p "/run/sshd" #o755)
                (apply start arguments)))
    #:stop (make-kill-destructor)
    #:actions (actions
               (reload "Read the configuration again, keeping connections."
                       (lambda (running)
                         (when running
                           (kill (process-id running) SIGHUP)))))))

(define cron
  (service '(cron)
    #:documentation "Run what users' tables say."
    #:requirement '(file-systems system-log)
    #:respawn? #t
    #:start (make-forkexec-constructor '("cron" "-f"))
    #:stop (make-kill-destructor)))


;; Terminals: one service each, which asks again after each logout.  A login
;; needs the terminal as its controlling one, hence a session of its own, as
;; is the default.

(define (getty tty)
  (service (list (string->symbol (string-append "getty-" tty)))
    #:documentation (string-append "Ask for a login on " tty ".")
    #:requirement '(file-systems host-name)
    #:respawn? #t
    #:respawn-limit '(10 . 60)
    #:start (make-forkexec-constructor
             (list "/sbin/agetty" "--noclear" tty "linux"))
    #:stop (make-kill-destructor)))

(define terminals
  (filter-map (lambda (tty)
                (and (file-exists? (string-append "/dev/" tty))
                     (getty tty)))
              '("tty1" "tty2" "tty3" "tty4" "ttyS0")))

(register-services
 (append (list root-file-system file-systems devices host-name
               kernel-settings loopback network system-log sshd cron)
         terminals))

;; All at once: requirements see to the order.
(start-in-the-background
 (append '(sshd cron)
         (map service-canonical-name terminals)))
