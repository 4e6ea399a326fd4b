;;; user-module-test.scm -- evaluating configuration files, errors included

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; What configuration files see in place of (shepherd service).
(define-module (tests user-module stand-in)
  #:export (service make-kill-destructor log! pause!))

(define events '())

(define (log! event)
  (set! events (cons event events))
  event)

(define (take-events!)
  (let ((result (reverse events)))
    (set! events '())
    result))

(define* (service names #:key (requirement '()) (respawn? #f) (start #f))
  names)

(define* (make-kill-destructor #:optional (signal 15) #:key grace-period)
  signal)

(define pause! (make-parameter (const #t)))

(define-module (tests user-module)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-64)
  #:use-module ((shepherd comm) #:select (log-output-port))
  #:use-module ((shepherd scheduler)
                #:select (run-scheduler spawn-fiber yield-fiber
                          stop-scheduler!))
  #:use-module ((tests user-module stand-in)
                #:select (log! pause!))
  #:use-module (shepherd user-module))

(define take-events!
  (@@ (tests user-module stand-in) take-events!))

(user-module-interfaces '((tests user-module stand-in)))

;; As in the daemon: `load' depends on it.
(install-core-replacements!)

(define directory
  (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp") "/user-module-XXXXXX")))
(chdir directory)

(define (write-file name text)
  (call-with-output-file name
    (lambda (port)
      (display text port))
    #:encoding "UTF-8")
  name)

(define (lines . strings)
  (string-join strings "\n" 'suffix))

(define* (load-text text #:optional (name "conf.scm"))
  "Load a file that holds TEXT.  Return the value, the errors and the events."
  (write-file name text)
  (take-events!)
  (let* ((errors '())
         (value (load-in-user-module
                 name
                 #:on-error (lambda error
                              (set! errors (cons error errors))))))
    (list value (reverse errors) (take-events!))))

(define (places result)
  (map third (second result)))

(define (hints result)
  (map fourth (second result)))

(define (keys result)
  (map first (second result)))

(define-syntax-rule (output-of exp ...)
  (call-with-output-string
    (lambda (port)
      (parameterize ((current-output-port port)
                     (current-error-port (%make-void-port "w")))
        exp ...))))


(test-begin "user-module")

(test-equal "the value of a file is that of its last datum"
  '(42 () ())
  (load-text "(define x 41)\n(+ x 1)\n"))

(test-equal "an empty file has no value worth mentioning"
  (list *unspecified* '() '())
  (load-text ";; nothing\n"))

(test-equal "expressions may return no value or several"
  '(3 () (1 2))
  (load-text "(log! 1) (values) (log! 2) (values 3 4)"))

(test-equal "definitions of one file are not seen by the next"
  '(unbound-variable)
  (begin
    (load-text "(define private 1)")
    (keys (load-text "private"))))

(test-equal "the file name is as given"
  "conf.scm"
  (first (load-text "(current-filename)")))

(test-equal "each form knows its line"
  '("conf.scm:2" "conf.scm:5")
  (third (load-text
          (lines ""
                 "(log! ((@ (shepherd user-module) current-load-location)))"
                 ""
                 "(define (f) ((@ (shepherd user-module) current-load-location)))"
                 "(log! (f))"))))

(test-equal "outside of files there is no location"
  #f
  (current-load-location))


;;; Errors: place, hint, and what follows.

(test-equal "an unbound variable: where, what was meant, and the rest runs"
  '(("conf.scm:2:8") ("did you mean 'make-kill-destructor'?") (1 2))
  (let ((result (load-text (lines "(log! 1)"
                                  "(list (make-kill-destructr))"
                                  "(log! 2)"))))
    (list (places result) (hints result) (third result))))

(test-equal "a variable of a module that was not imported"
  '(("conf.scm:1:2") ("'match' is in (ice-9 match); add (use-modules (ice-9 match))"))
  (let ((result (load-text "(match '(1 2) ((a b) a))")))
    (list (places result) (hints result))))

(test-equal "a misspelt name of a module that was not imported"
  '("did you mean 'user-homedir' from (shepherd support)?")
  (hints (load-text "(user-homdir)")))

(test-equal "a module that does not exist"
  '("did you mean (srfi srfi-1)?")
  (hints (load-text "(use-modules (srfi srfi1))")))

(test-equal "a module that is not like any other: where it is looked for"
  '("there is no file my/services.scm in the directories of %load-path; \
(add-to-load-path \"DIRECTORY\") adds one")
  (hints (load-text "(use-modules (my services))")))

(test-equal "values of a wrong type: what was probably meant"
  '("did you mean '(\"sleep\" \"100\")?"
    "did you mean '(\"sleep\" \"100\")?"
    "did you mean '(nginx)?"
    "did you mean '(a b)?"
    "#:stop is in the list, not in the call before it: a parenthesis closes \
too early or too late"
    #f
    #f)
  (hints (load-text (lines "(use-modules (shepherd support))"
                           "(define (run command provision services)"
                           "  (check-argument-types (null? command)"
                           "    (null? provision) (null? services)))"
                           "(run \"sleep 100\" '() '())"
                           "(run '(\"sleep\" 100) '() '())"
                           "(run '() 'nginx '())"
                           "(run '() '(\"a\" \"b\") '())"
                           "(run '() '() (list 1 #:stop car))"
                           "(run '() '() 1)"
                           "(define (name provision)"
                           "  (check-argument-types (pair? provision)))"
                           "(name '())"))))

(test-equal "what is no service: how to get one"
  '("a service is expected; (lookup-service 'NAME) returns #f for a name that \
no service has"
    "did you mean (lookup-service 'nginx)?"
    #f)
  (hints (load-text (lines "(struct-vtable #f)"
                           "(struct-vtable 'nginx)"
                           "(struct-vtable 1)"))))

(test-equal "a misspelt keyword"
  '((keyword-argument-error) ("conf.scm:2:3") ("did you mean #:respawn??"))
  (let ((result (load-text (lines "(service '(x) #:start car)"
                                  "  (service '(x)"
                                  "     #:respwan? #t)"))))
    (list (keys result) (places result) (hints result))))

(test-equal "a keyword like no other: the list of those accepted"
  '("'service' accepts #:requirement #:respawn? #:start")
  (hints (load-text "(service '(x) #:colour 'red)")))

(test-equal "wrong number of arguments"
  '(("conf.scm:2:7") ("usage: (helper a b)"))
  (let ((result (load-text (lines "(define (helper a b) a)"
                                  "(list (helper 1))"))))
    (list (places result) (hints result))))

(test-equal "a syntax error"
  '((syntax-error) ("conf.scm:2:3") (1))
  (let ((result (load-text (lines ""
                                  "  (let ((x)) x)"
                                  "(log! 1)"))))
    (list (keys result) (places result) (third result))))

(test-equal "an error in a procedure defined earlier"
  '(("conf.scm:2:6") (1))
  (let ((result (load-text (lines "(define (helper x)"
                                  "  (* (string-length x) 2))"
                                  ""
                                  "(log! (helper 5))"
                                  "(log! 1)"))))
    (list (places result) (third result))))

(test-equal "an error that nothing tells about: the form at top level"
  '("conf.scm:2:2")
  (places (load-text (lines "" " (throw 'oops 1 2)"))))

(test-equal "quit and exit are ordinary exceptions"
  '((quit quit) (1))
  (let ((result (load-text "(quit) (exit 3) (log! 1)")))
    (list (keys result) (third result))))

(test-equal "objects that were raised"
  '((%exception) (1))
  (let ((result (load-text "(raise-exception 42) (log! 1)")))
    (list (keys result) (third result))))


;;; Errors of the reader.

(test-equal "an unclosed form: where it begins, and good data that follow run"
  '((read-error) ("conf.scm:3:1")
    ("the form that begins here is not closed; a closing parenthesis or \
quote may be missing before line 6")
    (1 2))
  (let ((result (load-text (lines "(log! 1)"
                                  "; (comment"
                                  "(define a"
                                  "  (list 1 2)"
                                  ""
                                  "(log! 2)"))))
    (list (keys result) (places result) (hints result) (third result))))

(test-equal "an unclosed form at the end"
  '(("conf.scm:2:1") (1))
  (let ((result (load-text (lines "(log! 1)" "(log! 2"))))
    (list (places result) (third result))))

(test-equal "an unclosed string"
  '(("conf.scm:1:1") (2))
  (let ((result (load-text (lines "(log! \"x)" "(log! 2)"))))
    (list (places result) (third result))))

(test-equal "a parenthesis too many"
  '(("conf.scm:1:10") (1 2))
  (let ((result (load-text (lines "(log! 1) )" "(log! 2)"))))
    (list (places result) (third result))))

(test-equal "an object without read syntax"
  '((2))
  (let ((result (load-text (lines "(log! #<foo>)" "(log! 2)"))))
    (list (third result))))

(test-equal "all kinds of comments"
  '(3 () (1))
  (load-text (lines "#! script" "!#" "#| block #| nested |# |#"
                    "#;(log! 0) (log! 1) ; rest"
                    "#!fold-case" "(+ 1 2)")))


;;; Encodings.

(define (write-bytes name encoding text)
  (call-with-output-file name
    (lambda (port)
      (display text port))
    #:encoding encoding))

(test-equal "files are UTF-8"
  "\u00e9\u4f60"
  (first (load-text "\"\u00e9\u4f60\"")))

(test-equal "a coding cookie tells another encoding"
  "\u00e9"
  (begin
    (write-bytes "latin.scm" "ISO-8859-1"
                 ";; -*- coding: iso-8859-1 -*-\n\"\u00e9\"\n")
    (load-in-user-module "latin.scm")))

(for-each
 (lambda (what first-line)
   (test-equal (string-append what ": said, and loaded")
     '("bad.scm:2: warning: not UTF-8; a 'coding:' comment can tell the \
encoding, such as iso-8859-1\n"
       1)
     (begin
       (write-bytes "bad.scm" "ISO-8859-1"
                    (string-append first-line "\n;; \u00e9\n(log! 1)\n"))
       (let* ((value #f)
              (output (output-of (set! value (load-in-user-module "bad.scm")))))
         (list output value)))))
 '("a file that is not UTF-8" "an encoding that there is not")
 '("(log! 0)" ";; -*- coding: latin-1 -*-"))


;;; Files that load files.

(mkdir "sub")

(test-equal "load is relative to the including file, itself named relatively [weak 37]"
  '(3 () (inner))
  (begin
    (write-file "sub/inner.scm" "(log! 'inner) (define z 3)")
    (write-file "sub/outer.scm" "(load \"inner.scm\") z")
    (load-text "(load \"sub/outer.scm\")")))

(test-equal "primitive-load finds files beside the including one"
  '(3 () (inner))
  (begin
    (write-file "sub/outer.scm"
                "((@ (shepherd user-module) primitive-load*) \"inner.scm\") z")
    (load-text "(load \"sub/outer.scm\")")))

(test-equal "load as a procedure"
  '(inner)
  (third (load-text "(for-each load '(\"sub/inner.scm\"))")))

(test-equal "the module that a loaded file defines is not that of its loader"
  '(3 () (inner))
  (begin
    (write-file "sub/module.scm"
                "(define-module (of its own))\n(define inner-only 1)\n")
    (load-text (lines "(define outer 3)"
                      "(load \"sub/module.scm\")"
                      "(unless (defined? 'inner-only) (log! 'inner))"
                      "outer"))))

(test-equal "other modules load as configurations do"
  '(("sub/broken.scm:2:2") (1 2 3))
  (begin
    (write-file "sub/broken.scm" "(log! 1)\n(no-such-thing)\n(log! 2)\n")
    (let ((result (load-text
                   (lines "(define fresh (make-fresh-user-module))"
                          "(module-use! fresh (resolve-interface"
                          "                    '(tests user-module stand-in)))"
                          "(save-module-excursion"
                          " (lambda ()"
                          "   (set-current-module fresh)"
                          "   (load \"sub/broken.scm\")))"
                          "(log! 3)"))))
      (list (map (lambda (place)
                   (substring place (+ 1 (string-length (getcwd)))))
                 (places result))
            (third result)))))

(test-equal "a module on the load path may load files beside it"
  '(beside)
  (begin
    (mkdir "path")
    (mkdir "path/lib")
    (write-file "path/lib/loader.scm"
                (lines "(define-module (lib loader) #:declarative? #f"
                       "  #:export (load-it))"
                       "(define (load-it) (load \"part.scm\"))"))
    (write-file "path/lib/part.scm" "(log! 'beside)")
    (third (load-text
            (lines (string-append "(add-to-load-path \"" directory "/path\")")
                   "(use-modules (lib loader))"
                   "(load-it)")))))

(test-equal "include is relative to the including file"
  '(3 () (inner))
  (load-text "(include \"sub/inner.scm\") z"))

(test-equal "an error in a nested file is reported there; the rest of both runs"
  '(("./sub/broken.scm:2:2") (1 2 3))
  (begin
    (write-file "sub/broken.scm" "(log! 1)\n(no-such-thing)\n(log! 2)\n")
    (let ((result (load-text "(load \"sub/broken.scm\") (log! 3)")))
      (list (map (lambda (place)
                   (string-append
                    "." (substring place (string-length (getcwd)))))
                 (places result))
            (third result)))))

(test-equal "a missing file is an exception of the load form"
  '((system-error) (1))
  (let ((result (load-text "(load \"missing.scm\") (log! 1)")))
    (list (keys result) (third result))))

(test-equal "a file that loads itself"
  '((misc-error) (1))
  (let ((result (load-text "(load \"conf.scm\") (log! 1)")))
    (list (keys result) (third result))))

(test-equal "a missing file is an error that names the call"
  '(system-error "open-fdes" "~A" ("No such file or directory") (2))
  (catch 'system-error
    (lambda () (load-in-user-module "no-such-file.scm"))
    list))

(test-equal "primitive-load* raises the first error and stops"
  '(unbound-variable (1))
  (begin
    (write-file "first.scm"
                "((@ (tests user-module stand-in) log!) 1) (nope) (log! 2)")
    (take-events!)
    (let ((key (catch #t
                 (lambda () (primitive-load* "first.scm"))
                 (lambda (key . _) key))))
      (list key (take-events!)))))


;;; Reports.

(test-equal "the first error is raised at the end, all are output with places"
  '("conf.scm:1:2: error: Unbound variable: lgo!
conf.scm:1:2: hint: did you mean 'log!'?
conf.scm:2:1: error: Throw to key `oops' with args `()'.\n"
    unbound-variable (2))
  (let* ((key #f)
         (output (output-of
                  (write-file "conf.scm" "(lgo! 1)\n(throw 'oops)\n(log! 2)")
                  (take-events!)
                  (catch #t
                    (lambda () (load-in-user-module "conf.scm"))
                    (lambda (k . _) (set! key k))))))
    (list output key (take-events!))))

(define (configuration-output text)
  (write-file "conf.scm" text)
  (output-of (load-in-user-module* "conf.scm")))

(test-equal "a configuration without errors"
  "Configuration successfully loaded from 'conf.scm'.\n"
  (configuration-output "(log! 1)"))

(test-equal "an error in the configuration"
  "While loading configuration file 'conf.scm': \"Unbound variable: foobar\"
conf.scm:1:1: error: Unbound variable: foobar\n"
  (configuration-output "foobar"))

(test-equal "a syntax error in the configuration"
  "While loading configuration file 'conf.scm': \"Syntax error:\\n\
unknown location: source expression failed to match any pattern in form \
(define x y z)\"
conf.scm:1:1: error: syntax error: source expression failed to match any \
pattern in form (define x y z)\n"
  (configuration-output "(define x y z)"))

(test-equal "a message condition in the configuration"
  "Error while loading configuration file 'conf.scm': too bad
conf.scm:2:1: error: too bad\n"
  (configuration-output
   (lines "(use-modules (srfi srfi-34) (srfi srfi-35))"
          "(raise (condition (&message (message \"too bad\"))))")))

(test-equal "another object raised in the configuration"
  "Uncaught exception while loading configuration file 'conf.scm': (a 1)
conf.scm:1:1: error: (a 1)\n"
  (configuration-output "(raise-exception '(a 1))"))

(test-equal "a missing configuration"
  "While loading configuration file 'nowhere.scm': \
\"In procedure open-fdes: No such file or directory\"\n"
  (output-of (load-in-user-module* "nowhere.scm")))

(test-equal "an unclosed form in the configuration"
  "While loading configuration file 'conf.scm': \
\"conf.scm:2:1: unexpected end of input while searching for: )\"
conf.scm:1:1: error: unexpected end of input while searching for: )
conf.scm:1:1: hint: the form that begins here is not closed\n"
  (configuration-output "(define x\n"))

(test-equal "a failed configuration is mentioned on standard error"
  "shepherd: error: \"conf.scm\": exception thrown while loading \
configuration file\n"
  (call-with-output-string
    (lambda (port)
      (parameterize ((current-error-port port)
                     (current-output-port (%make-void-port "w")))
        (write-file "conf.scm" "nope")
        (load-in-user-module* "conf.scm")))))


;;; Expressions.

(test-equal "an expression sees the services' bindings and the core's"
  '(a 3)
  (eval-in-user-module '(list (car (service '(a))) (+ 1 2))))

(test-equal "definitions of one expression are not seen by the next"
  'unbound-variable
  (begin
    (eval-in-user-module '(define secret 1))
    (catch #t
      (lambda () (eval-in-user-module 'secret))
      (lambda (key . _) key))))

(test-equal "an expression without value"
  *unspecified*
  (eval-in-user-module '(values)))

(define (collected? thunk)
  "Return true if most of the modules that THUNK returns, in 20 calls, are garbage."
  (let ((guardian (make-guardian)))
    (let loop ((i 0))
      (when (< i 20)
        (guardian (thunk))
        (loop (+ i 1))))
    (gc)
    (let loop ((n 0))
      (if (guardian) (loop (+ n 1)) (> n 10)))))

(test-assert "modules of expressions can be collected"
  (collected? (lambda ()
                (eval-in-user-module '(begin (define x 1) (current-module))))))

(test-assert "so can modules of files"
  (begin
    (write-file "garbage.scm" "(define x 1) (current-module)")
    (collected? (lambda () (load-in-user-module "garbage.scm")))))

(test-equal "a macro works for as long as it is there"
  42
  (let ((module (eval-in-user-module
                 '(begin
                    (define (hidden x) (* 2 x))
                    (define-syntax-rule (visible x) (hidden x))
                    (current-module)))))
    (gc)
    (eval '(visible 21) module)))

(test-equal "also in another module"
  42
  (let ((module (eval-in-user-module
                 '(begin
                    (define (hidden x) (* 2 x))
                    (define-syntax-rule (visible x) (hidden x))
                    (current-module))))
        (other (eval-in-user-module '(current-module))))
    (module-define! other 'visible (module-ref module 'visible))
    (set! module #f)
    (gc)
    (eval '(visible 21) other)))


;;; Fibers.

(define (run-in-fibers . thunks)
  "Run THUNKS as fibers; return the list of their values."
  (define results (map (const #f) thunks))
  (define left (length thunks))
  (run-scheduler
   (lambda ()
     (for-each (lambda (thunk i)
                 (spawn-fiber
                  (lambda ()
                    (list-set! results i (thunk))
                    (set! left (- left 1))
                    (when (zero? left)
                      (stop-scheduler!)))))
               thunks (iota (length thunks))))
   #:wait (const '())
   #:now (const 0))
  results)

(test-equal "evaluation may suspend; each fiber has its own module and file"
  '((1 "one.scm:4") (2 "two.scm:4"))
  (begin
    (pause! yield-fiber)
    (for-each (lambda (name value)
                (write-file name
                            (lines (string-append "(define x " value ")")
                                   "((pause!))"
                                   "(define y x) ((pause!))"
                                   "(begin ((pause!)) (list y ((@ \
(shepherd user-module) current-load-location))))")))
              '("one.scm" "two.scm") '("1" "2"))
    (run-in-fibers (lambda () (load-in-user-module "one.scm"))
                   (lambda () (load-in-user-module "two.scm")))))

(test-assert "2 MB are read and evaluated in less than 2 seconds"
  (let ((start (get-internal-run-time)))
    (write-file "huge.scm"
                (string-concatenate
                 (cons "(define n 0)\n"
                       (make-list 30000
                                  "(set! n (+ n (length (list \"a\" #:b 'c (lambda (x) (* x 2))))))\n"))))
    (and (= 120000
            (load-in-user-module
             (begin
               (let ((port (open-file "huge.scm" "a")))
                 (display "n\n" port)
                 (close-port port))
               "huge.scm")))
         (< (- (get-internal-run-time) start)
            (* 2 internal-time-units-per-second)))))

(test-end "user-module")
