;;; support-test.scm -- helpers for configuration files and the daemon

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (tests support)
  #:use-module (ice-9 popen)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-64)
  #:use-module ((shepherd config) #:select (%localstatedir))
  #:use-module (shepherd support)
  #:use-module ((shepherd support syntax) #:select (match-tagged)))

(define directory
  (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp") "/support-XXXXXX")))

(define (file name)
  (string-append directory "/" name))

(define-syntax-rule (output-of exp ...)
  (call-with-output-string
    (lambda (port)
      (parameterize ((current-output-port port))
        exp ...))))

(define-syntax-rule (errors-of exp ...)
  (call-with-output-string
    (lambda (port)
      (parameterize ((current-error-port port))
        (catch 'quit
          (lambda () exp ...)
          (lambda (key status)
            (display status port)))))))

(define (permissions name)
  (stat:perms (stat name)))

(test-begin "support")


;;; Definitions.

(define (keywords a #:optional (b 2) #:key (c 3) #:rest rest)
  "Documented."
  (list a b c rest))

(define* (starred a #:optional (b (* a 2)))
  (list a b))

(define variable 1)

(define (with-properties)
  #((purpose . test))
  (define inner 5)
  (+ inner 1))

(test-equal "define takes the formals of define*"
  '((1 2 3 ()) (1 4 5 (#:c 5)))
  (list (keywords 1) (keywords 1 4 #:c 5)))

(test-equal "define keeps docstring, properties and name"
  '("Documented." test keywords 6)
  (list (procedure-documentation keywords)
        (procedure-property with-properties 'purpose)
        (procedure-name keywords)
        (with-properties)))

(test-equal "define* and plain define are as ever"
  '((1 2) 1)
  (list (starred 1) variable))

(test-equal "definitions inside of bodies and macros"
  '(3 ok)
  (let ()
    (define-syntax-rule (define-answer name value)
      (define (name) value))
    (define-answer answer 3)
    (define other 'ok)
    (list (answer) other)))


;;; Checks.

(define (checked names #:key (count 0))
  (check-argument-types (list-of-symbols? names) (integer? count))
  names)

(test-equal "values of the right type are let through"
  '(a b)
  (checked '(a b)))

(test-equal "a wrong type is output and thrown"
  '("In call to 'checked', value (\"a\") of argument 'names' has the wrong \
type (it should match 'list-of-symbols?').\n"
    (wrong-type-arg checked "Wrong type for argument '~a': ~S"
                    (names ("a")) (("a"))))
  (let* ((exception #f)
         (output (output-of
                  (catch #t
                    (lambda () (checked '("a")))
                    (lambda args (set! exception args))))))
    (list output exception)))

(define (asserting x)
  (assert (> x 1))
  'fine)

(test-equal "an assertion that holds"
  'fine
  (asserting 2))

(test-assert "an assertion that fails says where"
  (let ((output (output-of
                 (catch 'assertion-failed
                   (lambda () (asserting 0))
                   (lambda (key) (display "caught"))))))
    (and (string-contains output "support-test.scm:")
         (string-suffix?
          ": Assertion (> x 1) failed in procedure 'asserting'.\ncaught"
          output))))

(test-equal "list predicates"
  '((#t #t #f #f) (#t #t #f #f))
  (list (map list-of-symbols? '((a b) () (a 1) a))
        (map list-of-strings? '(("a" "b") () ("a" 1) "a"))))

(test-equal "exceptions with a kind"
  '(#t #f #f)
  (map (lambda (thunk)
         (exception-with-kind-and-args?
          (with-exception-handler identity thunk #:unwind? #t)))
       (list (lambda () (throw 'oops 1))
             (lambda () (raise-exception 42))
             (lambda () (raise-exception (make-exception))))))

(test-equal "predicates for lists of anything"
  '(#t #f #f)
  (map (list-predicate even?) '((2 4) (2 3) 2)))

(test-equal "system errors caught"
  '(#f 3)
  (list (catch-system-error (stat (file "nothing")))
        (catch-system-error 1 3)))


;;; Loops, buffers, lists.

(define (choose datum)
  (match-tagged datum
    (('pair (a . b)) (list a b))
    (('all . rest) rest)))

(test-equal "match-tagged goes by the first element"
  '((1 2) (3 4))
  (map choose '((pair (1 . 2)) (all 3 4))))

(test-equal "match-tagged wants each datum to match"
  '(match-error match-error)
  (map (lambda (datum)
         (catch #t
           (lambda () (choose datum))
           (lambda (key . _) key)))
       '((other) (pair 1))))

(test-equal "let-loop keeps variables that are not mentioned"
  '(5 (4 3 2 1 0) x)
  (let-loop loop ((i 0) (seen '()) (constant 'x))
    (define next (+ i 1))
    (if (= i 5)
        (list i seen constant)
        (loop (seen (cons i seen)) (i next)))))

(test-equal "let-loop with a variable shadowed, and as a procedure"
  '(10 0 20)
  (let-loop loop ((a 0) (b 0) (c 0))
    (cond ((zero? a)
           (let ((b 10))
             (loop (a b))))
          ((zero? c)
           (apply loop (list a b 20)))
          (else
           (list a b c)))))

(test-error "let-loop with an unknown variable" 'syntax-error
  (eval '(let-loop loop ((a 0)) (loop (b 1)))
        (resolve-module '(tests support))))

(test-equal "a ring buffer holds the latest, newest first"
  '((3 (9 8 7)) (3 (1 0)) (1 (1)))
  (map (lambda (limit inputs)
         (let ((buffer (fold ring-buffer-insert (ring-buffer limit) inputs)))
           (list (ring-buffer-limit buffer) (ring-buffer->list buffer))))
       '(3 3 1)
       (list (iota 10) (iota 2) (iota 2))))

(test-equal "ring buffers are objects"
  '(#t #f)
  (map ring-buffer? (list (ring-buffer 1) '())))

(test-equal "a ring buffer does not change in place"
  '((1) (2 1) (3 1))
  (let* ((one (ring-buffer-insert 1 (ring-buffer 2)))
         (two (ring-buffer-insert 2 one))
         (three (ring-buffer-insert 3 one)))
    (map ring-buffer->list (list one two three))))

(test-equal "at most so many"
  '(((1 2) (3)) ((1) ()) (() (1)))
  (map (lambda (n lst)
         (call-with-values (lambda () (at-most n lst)) list))
       '(2 2 0) '((1 2 3) (1) (1))))


;;; Messages.

(test-equal "local output is a line"
  "a \"b\"  1\n"
  (output-of (local-output (l10n "~a ~s ~2d") 'a "b" 1)))

(test-equal "messages as strings, simple ones and others"
  '("a \"b\" ~" " 1 x")
  (list (format-message "~a ~s ~~" 'a "b")
        (format-message "~2d ~:[x~;y~]" 1 #f)))

(test-equal "singular and plural"
  '("service" "services")
  (map (lambda (n) (l10n "service" "services" n)) '(1 2)))

(test-equal "lines displayed"
  '("a ~\n" "b\n")
  (list (output-of (display-line "a ~"))
        (call-with-output-string
          (lambda (port)
            (display-line 'b port)))))

(test-equal "dates of log lines"
  "2001-09-09 01:46:40 "
  (strftime default-logfile-date-format (gmtime 1000000000)))

(test-equal "errors and hints name the program"
  "herd: error: no 1\nherd: hint: Try.\n"
  (parameterize ((program-name "herd"))
    (errors-of (report-error (l10n "no ~a") 1)
               (report-hint (l10n "Try.")))))

(test-equal "system errors reported"
  "shepherd: error: No such file or directory: \"/nowhere/x\"\n1"
  (errors-of (with-system-error-handling
              (open-file "/nowhere/x" "r"))))

(test-equal "the version's first line"
  "prog"
  (first (string-split (output-of (display-version "prog")) #\space)))


;;; Files.

(test-equal "directories with their parents; the mode is that of the last"
  '(#o700 #t)
  (begin
    (mkdir-p (file "a/b/c") #o700)
    (list (permissions (file "a/b/c"))
          (not (= #o700 (permissions (file "a/b")))))))

(test-equal "an existing directory keeps its mode [weak 22]"
  #o751
  (begin
    (mkdir (file "kept"))
    (chmod (file "kept") #o751)
    (mkdir-p (file "kept") #o700)
    (permissions (file "kept"))))

(test-equal "a file in the way"
  EEXIST
  (begin
    (call-with-output-file (file "plain") (const #t))
    (catch 'system-error
      (lambda () (mkdir-p (file "plain")))
      (lambda args (system-error-errno args)))))

(test-equal "a file replaced at once, readable by its owner only"
  '("new" #o600 value)
  (let ((value (with-atomic-file-output (file "plain")
                 (lambda (port)
                   (display "new" port)
                   'value))))
    (list (call-with-input-file (file "plain")
            (lambda (port) (symbol->string (read port))))
          (permissions (file "plain"))
          value)))

(test-equal "a file is left alone if its writer fails"
  '("new" ("a" "kept" "plain"))
  (begin
    (catch 'oops
      (lambda ()
        (with-atomic-file-output (file "plain")
          (lambda (port)
            (display "half" port)
            (throw 'oops))))
      (const #f))
    (list (call-with-input-file (file "plain")
            (lambda (port) (symbol->string (read port))))
          (let ((dir (opendir directory)))
            (let loop ((names '()))
              (let ((name (readdir dir)))
                (cond ((eof-object? name)
                       (closedir dir)
                       (sort names string<?))
                      ((string-prefix? "." name) (loop names))
                      (else (loop (cons name names))))))))))

(test-equal "an excursion comes back"
  (list (canonicalize-path directory) (getcwd))
  (let ((inside (with-directory-excursion directory (getcwd))))
    (list inside (getcwd))))

(test-equal "default names of the superuser or a user"
  (if (zero? (getuid))
      %system-socket-file
      (string-append %user-runtime-dir "/shepherd/socket"))
  default-socket-file)

(define (in-other-guile environment expression)
  "Return what EXPRESSION is in another process with ENVIRONMENT, a list of
strings, in addition to what Guile itself needs."
  (let* ((variables (append environment
                            (filter (lambda (variable)
                                      (or (string-prefix? "GUILE_" variable)
                                          (string-prefix? "PATH=" variable)))
                                    (environ))))
         (port (apply open-pipe* OPEN_READ "env" "-i"
                      (append variables
                              (list (or (getenv "GUILE") "guile") "-c"
                                    (object->string
                                     `(begin
                                        (use-modules (shepherd support))
                                        (write ,expression)))))))
         (value (read port)))
    (close-pipe port)
    value))

(define superuser? (zero? (getuid)))

(define (for-user-or-root user root)
  (if superuser? root user))

(test-equal "files of a user who says nothing else"
  (list "/h" "/h/.config/shepherd" "/h/.local/state/shepherd"
        (string-append "/run/user/" (number->string (getuid)))
        (string-append (for-user-or-root
                        (string-append "/run/user/"
                                       (number->string (getuid)))
                        (dirname (dirname %system-socket-file)))
                       "/shepherd")
        "shepherd")
  (in-other-guile '("HOME=/h")
                  '(list user-homedir %user-config-dir %user-log-dir
                         %user-runtime-dir default-socket-dir
                         %gettext-domain)))

(test-equal "files of a user who does"
  (list "/c/shepherd" "/s/shepherd" "/r"
        (for-user-or-root "/r/shepherd/socket" %system-socket-file)
        "/x/y")
  (in-other-guile '("HOME=/h" "XDG_CONFIG_HOME=/c" "XDG_STATE_HOME=/s"
                    "XDG_RUNTIME_DIR=/r" "SHEPHERD_SOCKET=/x/y")
                  '(list %user-config-dir %user-log-dir %user-runtime-dir
                         default-socket-file (current-socket-file))))

(test-equal "without HOME it is what the system knows"
  (passwd:dir (getpwuid (getuid)))
  (in-other-guile '() 'user-homedir))

(test-equal "log files get their directories, private for a user"
  (list (string-append directory "/state/shepherd/shepherd.log") #o700)
  (list (in-other-guile (list (string-append "XDG_STATE_HOME=" directory
                                             "/state"))
                        '(user-default-log-file))
        (permissions (file "state/shepherd"))))

(test-equal "the system's log file"
  (string-append %localstatedir "/log/shepherd.log")
  (if (file-exists? (string-append %localstatedir "/log"))
      (system-default-log-file)
      ;; Nothing is to be made outside of the test.
      (string-append %localstatedir "/log/shepherd.log")))

(test-equal "a program in the language of its user"
  '(("d" "d") #t)
  (in-other-guile '("LC_ALL=C.UTF-8")
                  '(begin
                     (initialize-cli)
                     (list (list (l10n "d") (gettext "d"))
                           (string=? (textdomain) %gettext-domain)))))

(test-equal "a socket directory open to others"
  (string-append "shepherd: error: " (file "kept")
                 ": socket directory has insecure permissions\n1")
  (errors-of (verify-dir (file "kept"))))

(test-equal "a socket directory that is not there"
  (string-append "shepherd: error: cannot access directory of socket '"
                 (file "none") "': No such file or directory\n1")
  (errors-of (verify-dir (file "none"))))

(test-equal "a private socket directory, and one not to be checked"
  ""
  (errors-of (verify-dir (file "a/b/c"))
             (verify-dir (file "kept") #:secure? #f)))

(test-equal "addresses"
  '("127.0.0.1:80" "[::1]:443" "/run/x")
  (map socket-address->string
       (list (make-socket-address AF_INET INADDR_LOOPBACK 80)
             (make-socket-address AF_INET6 1 443)
             (make-socket-address AF_UNIX "/run/x"))))

(test-equal "a port with another buffer"
  '(#t #f #t)
  (let* ((ends (pipe))
         (port (buffering (cdr ends) 'block 100))
         (ready? (lambda ()
                   (pair? (car (select (list (car ends)) '() '() 0))))))
    (display "x" port)
    (let ((held? (not (ready?))))
      (buffering port 'none)
      (list (eq? port (cdr ends)) (not held?) (ready?)))))

(test-equal "blocking and non-blocking descriptors"
  '(#t #f)
  (let* ((port (car (pipe)))
         (blocking? (lambda (port)
                      (zero? (logand O_NONBLOCK (fcntl port F_GETFL))))))
    (list (not (blocking? (non-blocking-port port)))
          (not (blocking? (blocking-port port))))))


;;; Hooks.

(test-equal "hooks run their procedures in order"
  '(first second third)
  (let ((hook (make-hook 1))
        (seen '()))
    (add-hook! hook (lambda (x) (set! seen (cons 'second seen))))
    (add-hook! hook (lambda (x) (set! seen (cons 'first seen))))
    (add-hook! hook (lambda (x) (set! seen (cons x seen))) #t)
    (run-hook hook 'third)
    (reverse seen)))

(test-equal "hooks of the core work as well"
  '(#t #t #f 7)
  (let ((hook ((@@ (guile) make-hook) 1))
        (seen #f))
    (add-hook! hook (lambda (x) (set! seen x)))
    (run-hook hook 7)
    (list (hook? hook) (hook? (make-hook)) (hook? 1) seen)))

(test-error "a hook wants its number of arguments" 'misc-error
  (run-hook (make-hook 1)))

(test-end "support")
