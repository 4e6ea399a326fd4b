;;; machine.scm -- machines for examples, and shells on them.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A machine is one of `tests/sandbox', with shepherd as its PID 1.

(define-module (tests manual machine)
  #:use-module (ice-9 match)
  #:use-module (ice-9 popen)
  #:use-module (ice-9 rdelim)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd support)
  #:export (install!
            start-machine
            stop-machine
            machine-ended?
            machine-run
            machine-up?
            machine-log
            eventually))

(define-record-type <machine>
  (make-machine directory control init shells)
  machine?
  (directory machine-directory)         ;of its files
  (control machine-control)             ;port, from what started it
  (init    machine-init)                ;PID of its PID 1, seen from here
  (shells  machine-shells))             ;hash table: user -> port

(define source (getenv "abs_top_srcdir"))

;; Seconds in which what is to happen happens; machines are busy.
(define %deadline 30)

(define (eventually thunk)
  "Call @var{thunk} until it returns true, and return that, or @code{#f} when
that takes too long."
  (let ((end (+ (current-time) %deadline)))
    (let loop ()
      (or (thunk)
          (and (< (current-time) end)
               (begin
                 (usleep 20000)
                 (loop)))))))


;;; Programs that the manual has recipes for, where they are not installed.

(define %daemon "#!/bin/sh\nexec sleep infinity\n")
(define %command "#!/bin/sh\necho \"$0 $*\"\n")
(define %signalled
  "#!/bin/sh\ntrap : HUP USR1\nwhile :; do sleep infinity & wait; done\n")
(define %nginx "\
#!/bin/sh
case $* in
  *-t*) ;;
  *daemon\\ off*)
    trap : HUP; trap exit QUIT TERM; echo $$ >/run/nginx.pid
    while :; do sleep infinity & wait; done ;;
  *) sleep infinity & echo $! >/run/nginx.pid ;;
esac
")

(define %stand-ins
  `(("/usr/bin/mpg123" . ,%command)
    ("/usr/bin/rsync" . ,%command)
    ("/usr/local/bin/cached" . ,%daemon)
    ("/usr/sbin/mailer" . ,%signalled)
    ("/usr/sbin/nginx" . ,%nginx)
    ("/usr/sbin/sshd" . ,%daemon)
    ("/usr/lib/postgresql/15/bin/postgres" . ,%daemon)
    ("/usr/lib/postgresql/15/bin/pg_isready" . ,%command)
    ;; Its directory must be there.
    ("/var/lib/postgresql/15/main/PG_VERSION" . "15\n")))

(define (write-file file text)
  (mkdir-p (dirname file))
  (call-with-output-file file
    (lambda (port)
      (set-port-encoding! port "UTF-8")
      (display text port))))

(define (write-program directory name text)
  (let ((file (string-append directory name)))
    (write-file file text)
    (chmod file #o755)))

(define (write-stand-ins directory)
  (for-each (match-lambda
              ((program . text)
               (unless (file-exists? program)
                 (write-program directory program text))))
            %stand-ins))


;;; Shells.

(define %environments
  ;; As after a login on Debian.
  '(("root" "HOME=/root" "USER=root"
     "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    ("alice" "HOME=/home/alice" "USER=alice" "XDG_RUNTIME_DIR=/run/user/1000"
     "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games")))

(define %identities
  '(("root")
    ("alice" "/usr/bin/setpriv" "--reuid=1000" "--regid=1000" "--clear-groups"
     "--inh-caps=-all")))

;; What a shell reads and what it prints, two ports.
(define-record-type <shell>
  (make-shell input output)
  shell?
  (input  shell-input)
  (output shell-output))

(define %logs
  '(("root" . "/var/log/shepherd.log")
    ("alice" . "~/.local/state/shepherd/shepherd.log")))

(define (open-shell machine user)
  (let ((fifo (string-append (machine-directory machine) "/" user)))
    (mknod fifo 'fifo #o600 0)
    (let* ((output (apply open-pipe* OPEN_READ
                          "sh" "-c" "exec \"$@\" <\"$0\" 2>&1" fifo
                          "nsenter" "--target"
                          (number->string (machine-init machine))
                          "--root" "--wd" "--pid" "--mount" "--uts" "--ipc" "--net"
                          "env" "-i" "LANG=C.UTF-8" "TZ=UTC"
                          (append (assoc-ref %environments user)
                                  (assoc-ref %identities user)
                                  '("sh"))))
           (input (open-output-file fifo #:encoding "UTF-8")))
      (set-port-encoding! output "UTF-8")
      (set-port-conversion-strategy! output 'substitute)
      (display "exec 2>&1; cd\n" input)
      (make-shell input output))))

(define (shell machine user)
  (let ((shells (machine-shells machine)))
    (or (hash-ref shells user)
        (hash-set! shells user (open-shell machine user)))))

(define %end "=-= ")                    ;begins the line after a command's last

(define (read-output port)
  "Return what comes from @var{port} until a command ends, and its exit status."
  (let loop ((lines '()))
    (match (select (list port) '() '() (* 2 %deadline))
      ((() _ _)
       (error "a command does not end; so far:" (reverse lines)))
      (_
       (match (read-line port)
         ((? eof-object?)
          (error "a shell has ended; the last was:" (reverse lines)))
         ((? (lambda (line) (string-prefix? %end line)) line)
          ;; The line before the end was ended for it.
          (values (string-drop-right (string-concatenate-reverse lines) 1)
                  (string->number
                   (string-drop line (string-length %end)))))
         (line
          (loop (cons (string-append line "\n") lines))))))))

(define (machine-run machine user command)
  "Run @var{command} in the shell of @var{user}, \"root\" or \"alice\", on
@var{machine}.  Return what it prints, to its standard error, too, and its exit
status."
  (let* ((shell (shell machine user))
         (port (shell-input shell)))
    ;; The next command may want to know how this one ended.
    (simple-format port "{ ~a\n} </dev/null
status=$?; printf '\\n~a%d\\n' $status; (exit $status)\n"
                   command %end)
    (force-output port)
    (read-output (shell-output shell))))

(define (machine-succeeds? machine user command)
  (let-values (((output status) (machine-run machine user command)))
    (zero? status)))


;;; Machines.

(define (only-child pid)
  (match (call-with-input-file
             (simple-format #f "/proc/~a/task/~a/children" pid pid)
           read-line)
    ((? string? text)
     (match (string-tokenize text)
       ((child) (string->number child))
       (_ #f)))
    (_ #f)))

(define (inside? pid root)
  "Has process @var{pid} come to live below @var{root}?"
  (and pid
       (false-if-exception
        (string=? root (readlink (simple-format #f "/proc/~a/root" pid))))))

(define (install! stage)
  "Install what was built in directory @var{stage}, for machines."
  (unless (zero? (system (string-append "make -C \"$abs_top_builddir\" DESTDIR="
                                        stage " install-exec install-data \
>install.log 2>&1")))
    (error "make install failed; see install.log")))

(define* (start-machine stage directory configuration
                        #:optional (programs '()))
  "Start a machine that has what is installed in directory @var{stage}, and the
text @var{configuration} for its daemon; @var{directory} is an empty one for its
files.  @var{programs} is an alist from names of programs to their text, a
script.  Return it when it answers."
  (let ((files (string-append directory "/files"))
        (base (string-append directory "/machine")))
    (for-each mkdir-p (list files base))
    (write-file (string-append files "/etc/shepherd.scm") configuration)
    (write-stand-ins files)
    (for-each (match-lambda
                ((name . text)
                 (write-program files name text)))
              programs)
    (let* ((control (open-pipe* OPEN_READ "sh" "-c"
                                "\"$@\" </dev/null >\"$0/console\" 2>&1 &
echo $!; wait"
                                directory
                                (string-append source "/tests/sandbox")
                                stage files base
                                "shepherd" "--silent"
                                "--logfile=/var/log/shepherd.log"))
           (outer (string->number (read-line control)))
           (machine (make-machine directory control
                                  (eventually
                                   (lambda ()
                                     (let ((init (only-child outer)))
                                       (and (inside? init
                                                     (string-append base
                                                                    "/root"))
                                            init))))
                                  (make-hash-table))))
      (unless (eventually (lambda () (machine-up? machine "root")))
        (error "the machine does not answer"))
      machine)))

(define (machine-log machine user)
  "Return the log of the daemon of @var{user} on @var{machine}."
  (machine-run machine user (string-append "cat " (assoc-ref %logs user))))

(define (machine-up? machine user)
  "Does the daemon of @var{user} on @var{machine} answer, and has it evaluated
its configuration?"
  (machine-succeeds? machine user
                     (string-append "herd status && grep -q 'loaded\\|loading' "
                                    (assoc-ref %logs user))))

(define (machine-ended? machine)
  "Has @var{machine} come to its own end?"
  (not (inside? (machine-init machine)
                (string-append (machine-directory machine) "/machine/root"))))

(define (stop-machine machine)
  "End @var{machine} and all on it."
  ;; A PID 1 takes all others with it.
  (false-if-exception (kill (machine-init machine) SIGKILL))
  (close-pipe (machine-control machine))
  (hash-for-each (lambda (user shell)
                   (close-port (shell-input shell))
                   (close-pipe (shell-output shell)))
                 (machine-shells machine)))
