;;; examples-test.scm -- the examples that are installed run.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 regex)
             (srfi srfi-1)
             (srfi srfi-11)
             (srfi srfi-64)
             (tests manual machine))

(define directory (getenv "TMPDIR"))
(define stage (string-append directory "/stage"))
(define %examples "/usr/local/share/doc/shepherd/examples/")

(test-begin "examples")

(unless (zero? (getuid))
  (display "skipped: only root can have machines for examples\n")
  (test-skip 10000))

(define machine #f)

(define* (start! name configuration #:optional (programs '()))
  (set! machine (start-machine stage (string-append directory "/" name)
                               configuration programs)))

(define (prints? user command rx)
  "Return true as soon as what @var{command} prints matches @var{rx}; else show
what it printed last."
  (define last #f)

  (or (eventually (lambda ()
                    (set! last (machine-run machine user command))
                    (string-match rx last)))
      (begin
        (display last)
        #f)))

(define (succeeds? user command)
  (let-values (((output status) (machine-run machine user command)))
    (or (zero? status)
        (begin
          (display output)
          #f))))

(define (all-run? user names)
  "Return true once all of @var{names} run."
  (every (lambda (name)
           (prints? user (string-append "herd status " name) "running|started"))
         names))

(define (no-complaints? user)
  (not (string-match "error:|requires [^ ]*, which|could not|failed"
                     (machine-log machine user))))

(install! stage)


;;; The system that build-aux/try boots.

(start! "try" (string-append "(load \"" %examples "try.scm\")"))
(test-assert "try.scm: services start"
  (all-run? "root" '("clock" "reporter" "worker" "detached" "greeter")))
(test-assert "try.scm: nothing is wrong with it"
  (no-complaints? "root"))
(test-assert "try.scm: an action crashes a service, which comes back"
  (and (succeeds? "root" "herd crash worker")
       (prints? "root" "herd status worker" "Last respawned")))
(stop-machine machine)


;;; A machine.  What would change the real one is not done, but noted.

(define (noting name more)
  `(,(string-append "/usr/local/sbin/" name)
    . ,(string-append "#!/bin/sh\necho " name " $* >>/tmp/done\n" more)))

(define %daemon "exec sleep infinity\n")

(start! "system"
        (string-append "(system* \"touch\" \"/dev/tty1\" \"/dev/ttyS0\")
(load \"" %examples "system.scm\")")
        `(,@(map (lambda (name) (noting name ""))
                 '("fsck" "mount" "umount" "swapon" "swapoff" "sysctl"
                   "udevadm"))
          ,@(map (lambda (name) (noting name %daemon))
                 '("dhclient" "rsyslogd" "cron"))
          ("/usr/lib/systemd/systemd-udevd"
           . ,(string-append "#!/bin/sh\n" %daemon))
          ("/usr/sbin/agetty" . ,(string-append "#!/bin/sh\n" %daemon))
          ("/usr/sbin/sshd"
           . "#!/bin/sh\nsleep infinity &\necho $! >/run/sshd.pid\n")))
(test-assert "system.scm: services start"
  (all-run? "root" '("root-file-system" "file-systems" "devices" "network"
                     "system-log" "sshd" "cron" "getty-tty1" "getty-ttyS0")))
(test-assert "system.scm: nothing is wrong with it"
  (no-complaints? "root"))
(test-assert "system.scm: the root file system is checked, then written to"
  (string-match "fsck -a /\n.*mount -o remount,rw /\n.*mount -a -O no_netdev"
                (machine-run machine "root" "cat /tmp/done")))
(test-assert "system.scm: the machine has its name"
  (prints? "root" "hostname" "^debian"))
(test-assert "system.scm: file systems go when nobody needs them"
  (and (succeeds? "root" "herd stop root-file-system")
       (prints? "root" "herd status" "^Started:\n \\+ root\n")
       (prints? "root" "cat /tmp/done"
                "swapoff -a\numount -a -r [^\n]*\nmount -o remount,ro /\n$")))
(stop-machine machine)


;;; A container.

(start! "container" (string-append "(load \"" %examples "container.scm\")"))
(test-assert "container.scm: services start"
  (all-run? "root" '("application" "sweeper")))
(test-assert "container.scm: nothing is wrong with it"
  (no-complaints? "root"))
(test-assert "container.scm: it ends with its application"
  (and (succeeds? "root" "kill $(herd status application \
| sed -n 's/.*Main PID: //p')")
       (eventually (lambda () (machine-ended? machine)))))
(stop-machine machine)


;;; A user.

(define (install-as-init name)
  (succeeds? "alice" (string-append "mkdir -p .config/shepherd && cp "
                                    %examples name
                                    " .config/shepherd/init.scm")))

(start! "user-init" "")
(test-assert "user-init.scm: it goes to the background"
  (and (install-as-init "user-init.scm")
       (succeeds? "alice" "shepherd --silent")))
(test-assert "user-init.scm: services start"
  (all-run? "alice" '("indexer" "ssh-agent")))
(test-assert "user-init.scm: nothing is wrong with it"
  (no-complaints? "alice"))
(test-assert "user-init.scm: an action pauses a service"
  (and (succeeds? "alice" "herd pause indexer")
       (prints? "alice" "cut -d ' ' -f 3 /proc/$(herd status indexer \
| sed -n 's/.*Main PID: //p')/stat" "T")
       (succeeds? "alice" "herd continue indexer")))
(test-assert "user-init.scm: it ends"
  (succeeds? "alice" "herd stop root"))
(stop-machine machine)

(start! "tutorial" "")
(test-assert "tutorial.scm: it goes to the background"
  (and (install-as-init "tutorial.scm")
       (succeeds? "alice" "shepherd --silent")))
(test-assert "tutorial.scm: services start"
  (and (all-run? "alice" '("clock" "time-server"))
       (prints? "alice" "herd status" "Running timers:\n \\+ log-rotation\n \\+ tidy")
       (succeeds? "alice" "herd start counter && herd start greeter \
&& herd start database")))
(test-assert "tutorial.scm: nothing is wrong with it"
  (no-complaints? "alice"))
(stop-machine machine)

(test-end "examples")
