;;; (shepherd args) -- command lines.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The programs of this package parse their command lines in C; this module
;;; follows the same rules, for programs in Scheme.

(define-module (shepherd args)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd config)
  #:use-module (shepherd support)
  #:export (option
            option?
            process-args))

(define-record-type <option>
  (make-option long-name short-name takes-argument? argument-name
               argument-is-optional? description action)
  option?
  (long-name             option-long-name)        ;string or #f
  (short-name            option-short-name)       ;character or #f
  (takes-argument?       option-takes-argument?)
  (argument-name         option-argument-name)    ;string, for --help
  (argument-is-optional? option-argument-is-optional?)
  (description           option-description)      ;string, for --help
  (action                option-action))          ;procedure

(define* (option #:key long-name short-name takes-argument?
                 (argument-name (l10n "ARG")) argument-is-optional?
                 (description "") (action (const #t)))
  "Return an option called @code{--@var{long-name}}, a string, or
@code{-@var{short-name}}, a character.  @var{action} is called with its
argument, @code{#f} if that is missing, or without any if it takes none."
  (make-option long-name short-name takes-argument? argument-name
               argument-is-optional? description action))

(define (needs-argument? option)
  (and (option-takes-argument? option)
       (not (option-argument-is-optional? option))))


;;;
;;; Help.
;;;

(define %column 30)

(define (option-syntax option)
  "Return the names of @var{option} as --help shows them."
  (let ((long (option-long-name option))
        (short (option-short-name option))
        (name (option-argument-name option)))
    (string-append
     "  "
     (if short (string #\- short) "  ")
     (cond ((and short long) ", --")
           (long "  --")
           (else ""))
     (or long "")
     (cond ((not (option-takes-argument? option)) "")
           ((option-argument-is-optional? option)
            (string-append "[=" name "]"))
           (long (string-append "=" name))
           (else (string-append " " name))))))

(define (display-option option)
  (let* ((syntax (option-syntax option))
         (padding (- %column (string-length syntax))))
    (display-line
     (string-append syntax
                    (if (>= padding 2)
                        (make-string padding #\space)
                        (string-append "\n" (make-string %column #\space)))
                    (option-description option)))))

(define (display-help program-name args-syntax args-desc options)
  (display-line (string-append program-name " " (l10n "[OPTIONS...]") " "
                               args-syntax))
  (display-line args-desc)
  (for-each display-option options)
  (newline)
  (unless (string-null? bug-address)
    (local-output (l10n "Report bugs to: ~a.") bug-address))
  (unless (string-null? package-url)
    (local-output (l10n "~a home page: <~a>.") package-name package-url)))

(define (display-usage program-name args-syntax options)
  (define (part option)
    (let ((long (option-long-name option))
          (short (option-short-name option))
          (name (option-argument-name option)))
      (cond ((and short (needs-argument? option))
             (string-append "[-" (string short) " " name "]"))
            ((not long) "")
            ((not (option-takes-argument? option))
             (string-append "[--" long "]"))
            ((option-argument-is-optional? option)
             (string-append "[--" long "[=" name "]]"))
            (else
             (string-append "[--" long "=" name "]")))))

  (let ((flags (list->string
                (filter identity
                        (map (lambda (option)
                               (and (not (option-takes-argument? option))
                                    (option-short-name option)))
                             options)))))
    (display-line
     (string-join
      (filter (negate string-null?)
              `(,program-name
                ,(if (string-null? flags) "" (string-append "[-" flags "]"))
                ,@(map part options)
                "[--]"
                ,args-syntax))))))


;;;
;;; Parsing.
;;;

(define-syntax-rule (fail (message argument ...) hint?)
  (begin
    (report-error message argument ...)
    (when hint?
      (report-hint (l10n "Try '--help'.")))
    (exit 1)))

(define (find-long name options)
  "Return the option that the long name @var{name} stands for: it or a prefix
of it.  Exit if there is none or more than one."
  (let ((exact (filter (lambda (option)
                         (equal? name (option-long-name option)))
                       options))
        (near (filter (lambda (option)
                        (and (option-long-name option)
                             (string-prefix? name (option-long-name option))))
                      options)))
    (cond ((pair? exact) (car exact))
          ((null? near)
           (fail ((l10n "unknown option '--~a'") name) #t))
          ((pair? (cdr near))
           (fail ((l10n "option '--~a' is ambiguous") name) #t))
          (else (car near)))))

(define (find-short char options)
  (or (or-map (lambda (option)
                (and (eqv? char (option-short-name option)) option))
              options)
      (fail ((l10n "unknown option '-~a'") char) #f)))

(define (run-option option argument)
  (if (option-takes-argument? option)
      ((option-action option) argument)
      ((option-action option))))

(define (value-word? word)
  "Return true if @var{word} can be the argument of the option before it."
  (or (not (string-prefix? "-" word))
      (string=? "-" word)))

(define (process-long word rest options)
  "Handle the long option @var{word}.  Return the words left of @var{rest}."
  (let* ((equals (string-index word #\=))
         (name (substring word 2 (or equals (string-length word))))
         (option (find-long name options)))
    (cond (equals
           (unless (option-takes-argument? option)
             (fail ((l10n "option '--~a' takes no argument") name) #t))
           (run-option option (substring word (+ equals 1)))
           rest)
          ((not (needs-argument? option))
           (run-option option #f)
           rest)
          ((and (pair? rest) (value-word? (car rest)))
           (run-option option (car rest))
           (cdr rest))
          (else
           (fail ((l10n "option '--~a' requires an argument") name) #t)))))

(define (process-short word rest options)
  "Handle the cluster of short options @var{word}.  Return the words left of
@var{rest}."
  (let loop ((i 1))
    (if (= i (string-length word))
        rest
        (let ((option (find-short (string-ref word i) options))
              (tail (substring word (+ i 1))))
          (cond ((not (option-takes-argument? option))
                 (run-option option #f)
                 (loop (+ i 1)))
                ((not (string-null? tail))
                 (run-option option tail)
                 rest)
                ((option-argument-is-optional? option)
                 (run-option option #f)
                 rest)
                ((and (pair? rest) (value-word? (car rest)))
                 (run-option option (car rest))
                 (cdr rest))
                (else
                 (fail ((l10n "option '-~a' requires an argument")
                        (string-ref word i))
                       #f)))))))

(define (standard-options program-name args-syntax args-desc options)
  "Return @var{options} and those that every program has."
  (define (show proc)
    (lambda ()
      (proc)
      (exit 0)))

  (letrec ((all (append
                 options
                 (list (option #:long-name "version"
                               #:description (l10n "display version \
information and exit")
                               #:action (show (lambda ()
                                                (display-version
                                                 program-name))))
                       (option #:long-name "usage"
                               #:description (l10n "display short usage \
message and exit")
                               #:action (show (lambda ()
                                                (display-usage program-name
                                                               args-syntax
                                                               all))))
                       (option #:long-name "help"
                               #:description (l10n "display this help and \
exit")
                               #:action (show (lambda ()
                                                (display-help program-name
                                                              args-syntax
                                                              args-desc
                                                              all))))))))
    all))

(define (process-args name args args-syntax args-desc default . options)
  "Parse @var{args}, the words of the command line of program @var{name}, by
@var{options}, beside @code{--help}, @code{--usage} and @code{--version}.
@var{default} is called with each other word; if it returns false the program
takes no such words, and exits.  @var{args-syntax} describes these words and
@var{args-desc} the program, for @code{--help}."
  (let ((options (standard-options name args-syntax args-desc options)))
    (define (positional word)
      (unless (default word)
        (display-help name args-syntax args-desc options)
        (exit 1)))

    (parameterize ((program-name name))
      (let loop ((args args))
        (unless (null? args)
          (let ((word (car args))
                (rest (cdr args)))
            (cond ((string=? "--" word)
                   (for-each positional rest))
                  ((string-prefix? "--" word)
                   (loop (process-long word rest options)))
                  ((value-word? word)
                   (positional word)
                   (loop rest))
                  (else
                   (loop (process-short word rest options))))))))))
