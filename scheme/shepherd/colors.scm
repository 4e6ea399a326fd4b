;;; (shepherd colors) -- text on terminals.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (shepherd colors)
  #:use-module (srfi srfi-9)
  #:use-module ((shepherd support syntax) #:select (diagnostic-word))
  #:export (color
            color?
            colorize-string
            color-output?
            isatty?*
            coloring-procedure
            highlight
            highlight/success
            highlight/warn
            highlight/error
            dim
            color-rules
            colorize-full-matches
            colorize-diagnostic
            supports-hyperlinks?
            hyperlink
            file-hyperlink))

(define-record-type <color>
  (make-color codes)
  color?
  (codes color-codes))                            ;string, such as "1;31"

(eval-when (expand load eval)
  (define %color-names
    '((CLEAR . 0) (RESET . 0) (BOLD . 1) (DARK . 2) (UNDERLINE . 4)
      (UNDERSCORE . 4) (BLINK . 5) (REVERSE . 7) (CONCEALED . 8)
      (BLACK . 30) (RED . 31) (GREEN . 32) (YELLOW . 33) (BLUE . 34)
      (MAGENTA . 35) (CYAN . 36) (WHITE . 37)
      (ON-BLACK . 40) (ON-RED . 41) (ON-GREEN . 42) (ON-YELLOW . 43)
      (ON-BLUE . 44) (ON-MAGENTA . 45) (ON-CYAN . 46) (ON-WHITE . 47))))

(define-syntax color
  (lambda (form)
    "Return the color with the given attributes, such as @code{BOLD},
@code{RED} or @code{ON-BLUE}."
    (syntax-case form ()
      ((_ name ...)
       (let ((codes (map (lambda (name)
                           (or (assq-ref %color-names (syntax->datum name))
                               (syntax-violation 'color "unknown color"
                                                 form name)))
                         #'(name ...))))
         #`(make-color #,(string-join (map number->string codes) ";")))))))

(define (colorize-string str color)
  "Return @var{str} with the control sequences that show it in @var{color}."
  (string-append "\x1b[" (color-codes color) "m" str "\x1b[0m"))


;;;
;;; Terminals.
;;;

(define terminals (make-weak-key-hash-table 7))

(define (isatty?* port)
  "Return true if @var{port} is a terminal; ask only once for each port."
  (let ((known (hashq-ref terminals port 'unknown)))
    (if (eq? known 'unknown)
        (let ((terminal? (and (file-port? port)
                              (not (port-closed? port))
                              (isatty? port))))
          (hashq-set! terminals port terminal?)
          terminal?)
        known)))

(define (color-output? port)
  "Return true if colors are welcome on @var{port}."
  (and (not (getenv "NO_COLOR"))
       (isatty?* port)))

(define (coloring-procedure color)
  "Return a procedure that returns the string it is given, in @var{color} if its
second argument, a port, wants colors; the default is the current output."
  (lambda* (str #:optional (port (current-output-port)))
    (if (color-output? port)
        (colorize-string str color)
        str)))

(define highlight (coloring-procedure (color BOLD)))
(define highlight/success (coloring-procedure (color BOLD GREEN)))
(define highlight/warn (coloring-procedure (color BOLD MAGENTA)))
(define highlight/error (coloring-procedure (color BOLD RED)))
(define dim (coloring-procedure (color DARK)))

(define highlight/hint (coloring-procedure (color BOLD CYAN)))

(define (colorize-diagnostic kind port)
  "Return the word for @var{kind}, @code{error} or @code{hint}, as messages on
@var{port} show it."
  ((if (eq? kind 'error) highlight/error highlight/hint)
   (diagnostic-word kind) port))


;;;
;;; Patterns.
;;;

;; A match is #(STRING (START . END) ...), the whole first, then the groups;
;; -1 stands for a group that did not take part.
(define (match-groups match)
  (cdr (vector->list match)))

(define (colorize-spans str spans)
  "Return @var{str} with each span ((START . END) . COLOR), in order, colored."
  (let loop ((spans spans) (start 0) (parts '()))
    (if (null? spans)
        (string-concatenate-reverse (cons (substring str start) parts))
        (let* ((span (car spans))
               (from (caar span))
               (to (cdar span)))
          (if (< from start)                      ;within another, or absent
              (loop (cdr spans) start parts)
              (loop (cdr spans) to
                    (cons* (colorize-string (substring str from to)
                                            (cdr span))
                           (substring str start from)
                           parts)))))))

(define (pair-up groups colors)
  (if (or (null? groups) (null? colors))
      '()
      (acons (car groups) (car colors)
             (pair-up (cdr groups) (cdr colors)))))

(define (colorize-groups rules)
  "RULES is a list of (REGEXP COLOR ...)."
  (lambda (str)
    (or (or-map (lambda (rule)
                  (let ((match (regexp-exec (car rule) str)))
                    (and match
                         (colorize-spans
                          str (pair-up (cdr (match-groups match))
                                       (cdr rule))))))
                rules)
        str)))

(define-syntax color-rules
  (lambda (form)
    "Return a procedure that colors strings: those that match a REGEXP have its
first group in the first COLOR, and so on.  A COLOR is the name of one, or a
list of names.  The first rule that matches counts."
    (define (color-expression spec)
      (syntax-case spec ()
        ((name ...) #'(color name ...))
        (name #'(color name))))
    (syntax-case form ()
      ((_ (regexp spec ...) ...)
       (with-syntax ((((expression ...) ...)
                      (map (lambda (specs)
                             (map color-expression specs))
                           #'((spec ...) ...))))
         #'(colorize-groups
            (list (list (make-regexp regexp) expression ...) ...)))))))

(define (colorize-full-matches rules)
  "Return a procedure that colors what matches in a string.  @var{rules} is a
list of pairs of a regexp and a color; the first rule that matches counts."
  (lambda (str)
    (or (or-map (lambda (rule)
                  (let ((match (regexp-exec (car rule) str)))
                    (and match
                         (colorize-spans
                          str (list (cons (car (match-groups match))
                                          (cdr rule)))))))
                rules)
        str)))


;;;
;;; Links.
;;;

(define* (supports-hyperlinks? #:optional (port (current-output-port)))
  "Return true if links are likely to be understood on @var{port}."
  (and (isatty?* port)
       ;; Emacs's terminals show the control sequence.
       (not (getenv "INSIDE_EMACS"))
       (not (equal? "dumb" (getenv "TERM")))))

(define (hyperlink uri text)
  "Return @var{text} as a link to @var{uri} (control sequence OSC 8)."
  (string-append "\x1b]8;;" uri "\x1b\\" text "\x1b]8;;\x1b\\"))

(define (uri-path file)
  "Return @var{file} as it stands in a URI."
  (define (plain? chr)
    (or (and (char-ascii? chr) (or (char-alphabetic? chr) (char-numeric? chr)))
        (memv chr '(#\/ #\- #\_ #\. #\~ #\+))))
  (define (encode byte)
    (let ((chr (integer->char byte)))
      (if (plain? chr)
          (string chr)
          (string-append "%" (if (< byte 16) "0" "")
                         (string-upcase (number->string byte 16))))))
  (string-concatenate (map encode (string->bytes file))))

(define (char-ascii? chr)
  (char<? chr #\delete))

(define (string->bytes str)
  (array->list
   ((module-ref (resolve-interface '(rnrs bytevectors)) 'string->utf8) str)))

(define* (file-hyperlink file #:optional (text file))
  "Return @var{text} as a link to @var{file}, or as it is if @var{file} is not
an absolute name."
  (if (string-prefix? "/" file)
      (hyperlink (string-append "file://" (gethostname) (uri-path file))
                 text)
      text))
