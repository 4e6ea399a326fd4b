;;; manual.scm -- the examples of the manual, and how they are to be tested.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The line before an example, a comment, tells what it is:
;;;
;;;   @c run: config           Scheme, for the daemon of the machine
;;;   @c run: config of alice  the same, for alice's own daemon
;;;   @c run: file NAME        what is written to a file
;;;   @c run: append NAME      what is added to a file
;;;   @c run: change NAME      what takes the place, there, of what begins with
;;;                            the same line, up to the next empty one
;;;   @c run: shell            a transcript: `$ ' is the prompt of alice,
;;;                            `# ' that of root.  `, numbers vary': any number
;;;                            stands for any other
;;;   @c run: output of # ...  what a command prints, in one of these shells
;;;   @c run: guile            Scheme, for a plain Guile; what an expression
;;;                            evaluates to follows @result{}
;;;   @c not run: REASON
;;;
;;; All services of a `config' are started then, unless it says `, not
;;; started'.  Lines `@c with: TEXT' above that one are what the example needs
;;; and readers do not: Scheme that comes before it, or commands that are run
;;; before, by root, or after `$ ' by alice.
;;;
;;; The examples of a node are run in order, on a machine of their own.  A node
;;; that says `@c same machine' goes on with that of the node before.

(define-module (tests manual)
  #:use-module (ice-9 match)
  #:use-module (ice-9 rdelim)
  #:use-module (ice-9 regex)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:export (manual-files
            manual-examples
            example?
            example-file
            example-line
            example-machine
            example-kind
            example-argument
            example-with
            example-text
            example-place))

(define-record-type <example>
  (make-example file line machine kind argument with text)
  example?
  (file     example-file)       ;string, without directory
  (line     example-line)       ;integer, of the @example
  (machine  example-machine)    ;string, the first node whose examples it runs
  (kind     example-kind)       ;string, or #f: nobody says
  (argument example-argument)   ;string
  (with     example-with)       ;list of strings
  (text     example-text))      ;string, without Texinfo's markup

(define (example-place example)
  "Return where @var{example} is, as \"FILE:LINE\"."
  (string-append (example-file example) ":"
                 (number->string (example-line example))))

(define (file-lines file)
  (call-with-input-file file
    (lambda (port)
      (let loop ((lines '()))
        (match (read-line port)
          ((? eof-object?) (reverse lines))
          (line (loop (cons line lines))))))
    #:encoding "UTF-8"))

(define (line-matcher rx)
  "Return a procedure that returns the groups of @var{rx} in a line, or
@code{#f}."
  (let ((rx (make-regexp rx)))
    (lambda (line)
      (let ((m (regexp-exec rx line)))
        (and m
             (map (lambda (i) (match:substring m i))
                  (iota (- (match:count m) 1) 1)))))))

(define included (line-matcher "^@include (.*)$"))
(define node (line-matcher "^@node ([^,]*)"))
(define begun (line-matcher "^@(small)?(example|lisp)$"))
(define ended (line-matcher "^@end (small)?(example|lisp)$"))
(define with (line-matcher "^@c with: (.*)$"))
(define not-run (line-matcher "^@c not run: (.*)$"))
(define run
  (line-matcher
   "^@c run: (config|file|append|change|shell|output of|guile)(, | |$)(.*)$"))

(define (manual-files directory)
  "Return the files of the manual in @var{directory}, in the order in which it
includes them."
  (map (lambda (name) (string-append directory "/" name))
       (delete "version.texi"
               (append-map (lambda (line) (or (included line) '()))
                           (file-lines (string-append directory
                                                      "/shepherd.texi"))))))

;; What stands for something else in examples.
(define %markup
  '(("@(end )?group\n" . "") ("@(dots|result|minus|tie)\\{\\}" . #f)
    ("@value\\{[A-Z]*\\}" . "...") ("@([@{}])" . 1)))

(define %symbols
  '(("dots" . "...") ("result" . "=>") ("minus" . "-") ("tie" . " ")))

(define (plain-text text)
  (define (replace rx replacement text)
    (regexp-substitute/global
     #f rx text
     'pre
     (lambda (m)
       (match replacement
         ((? string? text) text)
         (1 (match:substring m 1))
         (#f (assoc-ref %symbols (match:substring m 1)))))
     'post))

  (fold (match-lambda*
          (((rx . replacement) text)
           (replace rx replacement text)))
        text
        %markup))

(define (classified line)
  "Return the kind of example and its argument that @var{line} tells."
  (cond ((not-run line)
         => (match-lambda ((reason) (list "not run" reason))))
        ((run line)
         => (match-lambda ((kind _ argument)
                           (list kind argument))))
        (else (list #f ""))))

(define (with-lines lines)
  "Return what the lines `@c with:' that begin @var{lines}, latest first, say."
  (reverse (append-map with (take-while with lines))))

(define (file-examples file machine)
  "Return two values: the examples in @var{file}, and the machine of the last
node; that of the last node before @var{file} is @var{machine}."
  (let loop ((lines (file-lines file)) (number 1) (above '())
             (machine machine) (previous machine) (examples '()))
    (match lines
      (()
       (values (reverse examples) machine))
      (((? begun) . rest)
       (let-values (((body rest) (break ended rest)))
         (match (classified (if (null? above) "" (car above)))
           ((kind argument)
            (loop rest (+ 1 number (length body)) '()
                  machine previous
                  (cons (make-example
                         (basename file) number machine kind argument
                         (with-lines (if (null? above) '() (cdr above)))
                         (plain-text (string-join body "\n" 'suffix)))
                        examples))))))
      (("@c same machine" . rest)
       (loop rest (+ 1 number) '() previous previous examples))
      ((line . rest)
       (match (node line)
         ((name)
          (loop rest (+ 1 number) '() name machine examples))
         (#f
          (loop rest (+ 1 number) (cons line above)
                machine previous examples)))))))

(define (manual-examples directory)
  "Return the examples of the manual in @var{directory}, in order."
  (let loop ((files (manual-files directory)) (machine #f) (result '()))
    (match files
      (() (concatenate (reverse result)))
      ((file . rest)
       (let-values (((examples machine) (file-examples file machine)))
         (loop rest machine (cons examples result)))))))
