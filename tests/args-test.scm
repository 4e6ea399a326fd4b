;;; args-test.scm -- command lines of programs in Scheme

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (tests args)
  #:use-module (srfi srfi-64)
  #:use-module (shepherd args))

(define seen '())

(define (note . item)
  (set! seen (cons item seen)))

(define options
  (list (option #:long-name "socket" #:short-name #\s
                #:takes-argument? #t #:argument-name "FILE"
                #:description "use FILE"
                #:action (lambda (file) (note 'socket file)))
        (option #:long-name "silent" #:short-name #\S
                #:action (lambda () (note 'silent)))
        (option #:long-name "pid" #:short-name #\p
                #:takes-argument? #t #:argument-is-optional? #t
                #:action (lambda (file) (note 'pid file)))))

(define (run . args)
  "Parse ARGS; return what was seen, the output, the errors and the status."
  (let* ((errors (open-output-string))
         (status #f)
         (output
          (call-with-output-string
            (lambda (output)
              (set! seen '())
              (parameterize ((current-output-port output)
                             (current-error-port errors))
                (catch 'quit
                  (lambda ()
                    (apply process-args "prog" args "WORD..." "Do it."
                           (lambda (word)
                             (note 'word word)
                             (not (string=? word "bad")))
                           options))
                  (lambda (key code) (set! status code))))))))
    (list (reverse seen) output (get-output-string errors) status)))

(test-begin "args")

(test-equal "long options, with prefixes and values"
  '(((socket "x") (socket "y") (socket "") (silent) (pid #f) (pid "1")) "" "" #f)
  (run "--socket=x" "--soc" "y" "--socket=" "--silent" "--pid" "--pid=1"))

(test-equal "short options, in clusters and with values"
  '(((socket "x") (socket "y") (silent) (silent) (socket "-")) "" "" #f)
  (run "-s" "x" "-sy" "-SS" "-s" "-"))

(test-equal "words may be mixed with options; all is a word after two dashes"
  '(((word "a") (silent) (word "-") (word "--socket") (word "-x")) "" "" #f)
  (run "a" "-S" "-" "--" "--socket" "-x"))

(for-each
 (lambda (words errors)
   (test-equal (string-append "refused: " (string-join words))
     (list errors 1)
     (let ((result (apply run words)))
       (list (list-ref result 2) (list-ref result 3)))))
 '(("--bogus") ("--s") ("-Z") ("--socket") ("--socket" "-S") ("-s")
   ("--silent=x"))
 '("prog: error: unknown option '--bogus'\nprog: hint: Try '--help'.\n"
   "prog: error: option '--s' is ambiguous\nprog: hint: Try '--help'.\n"
   "prog: error: unknown option '-Z'\n"
   "prog: error: option '--socket' requires an argument\nprog: hint: Try '--help'.\n"
   "prog: error: option '--socket' requires an argument\nprog: hint: Try '--help'.\n"
   "prog: error: option '-s' requires an argument\n"
   "prog: error: option '--silent' takes no argument\nprog: hint: Try '--help'.\n"))

(test-equal "a word that the program does not take [weak 41]"
  '(#t 1)
  (let ((result (run "bad")))
    (list (string-prefix? "prog [OPTIONS...] WORD...\nDo it.\n"
                          (list-ref result 1))
          (list-ref result 3))))

(test-equal "help begins with the synopsis and lists options in columns"
  '(#t #t 0)
  (let ((result (run "--help")))
    (list (string-prefix? "prog [OPTIONS...] WORD...\nDo it.
  -s, --socket=FILE           use FILE\n" (list-ref result 1))
          (and (string-contains (list-ref result 1) "\n  -p, --pid[=ARG]") #t)
          (list-ref result 3))))

(test-equal "the version's first line"
  '(#t 0)
  (let ((result (run "--version")))
    (list (string-prefix? "prog (" (list-ref result 1))
          (list-ref result 3))))

(test-equal "usage is a line"
  '("prog [-S] [-s FILE] [--silent] [--pid[=ARG]] [--version] [--usage] \
[--help] [--] WORD...\n" 0)
  (let ((result (run "--usage")))
    (list (list-ref result 1) (list-ref result 3))))

(test-equal "options are objects"
  '(#t #f)
  (list (option? (car options)) (option? "--socket")))

(test-end "args")
