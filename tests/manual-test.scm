;;; manual-test.scm -- what the manual shows is what happens.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; deadline: 600 seconds

;;; (tests manual) says how examples are marked.  With MANUAL_ONLY in the
;;; environment, only machines whose name contains that.

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-11)
             (srfi srfi-64)
             (tests manual)
             (tests manual machine)
             (tests manual transcript))

(define source (getenv "abs_top_srcdir"))
(define directory (getenv "TMPDIR"))
(define stage (string-append directory "/stage"))

(define (show . objects)
  (for-each display objects)
  (newline)
  (force-output))


(test-begin "manual")

(unless (zero? (getuid))
  (show "skipped: only root can have machines for examples")
  (test-skip 10000))

(define machine #f)                     ;the one that runs
(define processes '())                  ;numbers in the manual -> real ones
(define counter 0)

(define (fresh-file)
  (set! counter (+ 1 counter))
  (simple-format #f "/tmp/example-~a.scm" counter))

(define (run user command)
  (machine-run machine user command))

(define (run-or-fail user command)
  "Run @var{command}; return true if it succeeds, else show what it says."
  (let-values (((output status) (run user command)))
    (or (zero? status)
        (begin
          (show "  status " status " of: " command "\n" output)
          #f))))

(define (write-there user file text mode)
  "Write @var{text} to @var{file}, or, by @var{mode} \">>\", add it."
  (run-or-fail user
               (string-append "case " file " in */*) mkdir -p \"$(dirname " file
                              ")\" ;; esac\ncat " mode file " <<'END-OF-FILE'\n"
                              text "END-OF-FILE")))

(define (change-there user file text)
  "Put @var{text} in the place of what begins with the same line in @var{file}."
  (let* ((old (run user (string-append "cat " file)))
         (first (substring text 0 (+ 1 (string-index text #\newline))))
         (start (string-contains old first))
         (end (and start (string-contains old "\n\n" start))))
    (if end
        (write-there user file
                     (string-append (substring old 0 start) text
                                    (substring old (+ 1 end)))
                     "> ")
        (begin
          (show "  nothing like that in " file ": " first)
          #f))))

(define (user-of prompt)
  (match prompt
    (#\$ "alice")
    (#\# "root")))

;; Commands that may be repeated until what they look at has happened.
(define (looks? command)
  (any (lambda (start) (string-prefix? start command))
       '("herd status" "herd log" "herd graph" "cat " "tail " "ls " "grep "
         "head " "cut " "sed " "zcat ")))

(define* (command-is-right? prompt command expected #:key numbers-vary?)
  "Run @var{command}; return true if it prints what is @var{expected}."
  (let ((command (rename-processes command processes))
        (user (user-of prompt)))
    (define actual #f)

    (define (try)
      (let-values (((output status) (run user command)))
        (set! actual output)
        (match (match-output expected output processes
                             #:numbers-vary? numbers-vary?)
          (#f #f)
          (known
           (set! processes known)
           #t))))

    (or (if (looks? command)
            (eventually try)
            (try))
        (begin
          (show "  " prompt " " command "\n  --- expected:\n" expected
                "  --- actual:\n" actual)
          #f))))

(define (transcript-is-right? example)
  (every (match-lambda
           ((prompt command expected)
            (command-is-right? prompt command expected
                               #:numbers-vary?
                               (string=? "numbers vary"
                                         (example-argument example)))))
         (transcript-commands (example-text example))))

(define %names
  "herd status | sed -n 's/^ [-+^*!v] \\([^ ]*\\)$/\\1/p'")

(define (start-all user)
  "Start all services of the daemon of @var{user}; return true if that goes well."
  (let-values (((names status) (run user %names)))
    (every (lambda (name)
             (or (string=? "root" name)
                 (run-or-fail user (string-append "herd start " name))))
           (string-tokenize names))))

(define (load-there user text)
  "Have the daemon of @var{user} load @var{text}; return true if it does not
complain."
  (let ((file (fresh-file)))
    (and (write-there user file text "> ")
         (command-is-right? (if (string=? user "root") #\# #\$)
                            (string-append "herd load root " file)
                            (string-append "Loading " file ".")))))

(define (loaded? user)
  "Did its configuration please the daemon of @var{user}?"
  (let ((log (machine-log machine user)))
    (or (and (string-contains log "Configuration successfully loaded")
             (not (string-contains log "requires")))
        (begin
          (show log)
          #f))))

(define (start-alices-daemon text)
  (and (write-there "alice" ".config/shepherd/init.scm" text "> ")
       (run-or-fail "alice" "shepherd --silent & :")
       (eventually (lambda () (machine-up? machine "alice")))
       (loaded? "alice")))

(define (config-is-right? example first?)
  (let* ((words (string-tokenize (example-argument example)
                                 (char-set-complement (string->char-set ", "))))
         (user (if (member "alice" words) "alice" "root"))
         (text (config-text example)))
    (and (cond ((string=? user "alice")
                (let-values (((output status) (run user "herd status")))
                  (if (zero? status)
                      (load-there user text)
                      (start-alices-daemon text))))
               (first? (loaded? "root"))
               (else (load-there user text)))
         (or (member "not" words)
             (start-all user)))))

(define (config-text example)
  (string-append (string-join (example-with example) "\n" 'suffix)
                 (example-text example)))

(define (evaluates? text)
  "Evaluate the expressions in @var{text}; return true if each has the value that
follows it after @code{=>}."
  (let ((module (make-fresh-user-module))
        (port (open-input-string text)))
    (let loop ((form (read port)) (right? #t))
      (if (eof-object? form)
          right?
          (let ((value (eval form module))
                (next (read port)))
            (if (eq? next '=>)
                (let ((expected (read port)))
                  (unless (equal? expected value)
                    (show "  " form " => " value))
                  (loop (read port) (and right? (equal? expected value))))
                (loop next right?)))))))

(define (example-is-right? example first?)
  (define (prepared?)
    (every (lambda (command)
             (if (string-prefix? "$ " command)
                 (run-or-fail "alice" (string-drop command 2))
                 (run-or-fail "root" command)))
           (example-with example)))

  (match (example-kind example)
    ("config" (config-is-right? example first?))
    ((and kind (or "file" "append" "change"))
     (and (prepared?)
          (let* ((name (example-argument example))
                 (user (if (string-prefix? "~" name) "alice" "root"))
                 (text (example-text example)))
            (match kind
              ("file" (write-there user name text "> "))
              ("append" (write-there user name text ">> "))
              ("change" (change-there user name text))))))
    ("shell"
     (and (prepared?)
          (transcript-is-right? example)))
    ("output of"
     (and (prepared?)
          (let ((argument (example-argument example)))
            (command-is-right? (string-ref argument 0)
                               (string-drop argument 2)
                               (example-text example)))))
    ("guile"
     (evaluates? (example-text example)))))

(define (describe example)
  (string-append (example-place example) ": "
                 (example-kind example)
                 (if (string-null? (example-argument example)) "" " ")
                 (example-argument example)))

(define (run-machine examples)
  "Run @var{examples}, all of one machine."
  (let* ((first (car examples))
         (own? (and (string=? "config" (example-kind first))
                    (not (string-contains (example-argument first) "alice")))))
    (set! counter (+ 1 counter))
    (set! machine (start-machine stage
                                 (simple-format #f "~a/~a" directory counter)
                                 (if own? (config-text first) "")))
    (set! processes '())
    ;; After one that fails, others on the same machine tell nothing.
    (any (lambda (example)
           (show (describe example))
           (test-assert (describe example)
             (example-is-right? example (and own? (eq? example first))))
           (not (eq? 'pass (test-result-kind))))
         examples)
    (stop-machine machine)))

(define (machines examples)
  "Return lists of @var{examples}, those of one machine each."
  (map (lambda (name)
         (filter (lambda (example) (equal? name (example-machine example)))
                 examples))
       (delete-duplicates (map example-machine examples))))

(define (wanted? examples)
  (string-contains (or (example-machine (car examples)) "")
                   (or (getenv "MANUAL_ONLY") "")))

(install! stage)

(for-each run-machine
          (filter wanted?
                  (machines
                   (remove (lambda (example)
                             (member (example-kind example) '("not run" #f)))
                           (manual-examples (string-append source "/doc"))))))

(test-end "manual")
