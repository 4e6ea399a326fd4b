;;; marks-test.scm -- no message is said that was not marked for translation

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 ftw)
             (ice-9 match)
             (ice-9 regex)
             (ice-9 textual-ports)
             (srfi srfi-1)
             (srfi srfi-64))

(define top (getenv "abs_top_srcdir"))

(define (sources directory extension)
  "Return the names of the files in DIRECTORY and below that end in EXTENSION."
  (sort (let walk ((name (string-append top "/" directory)))
          (if (file-is-directory? name)
              (append-map (lambda (entry)
                            (walk (string-append name "/" entry)))
                          (scandir name
                                   (lambda (entry)
                                     (not (string-prefix? "." entry)))))
              (if (string-suffix? extension name) (list name) '())))
        string<?))

(define (relative name)
  (substring name (+ 1 (string-length top))))

;; Two letters in a row, apart from directives, make a word.
(define directive (make-regexp "~[a-zA-Z%~]|%[-0-9.*]*(PRI[a-z0-9]+|l*[a-z])"))
(define word (make-regexp "[a-z][a-z]"))

(define (words? text)
  (regexp-exec word (regexp-substitute/global #f directive text 'pre 'post)))


;;;
;;; Scheme.
;;;

;; What says something to people, and where its message is among its
;; arguments.
(define speakers
  '((local-output . 0) (log-message . 0) (format-message . 0)
    (report-error . 0) (report-hint . 0) (error . 0) (display-line . 0)
    (scm-error . 2) (raise-message . 1) (local-error . 0)))

;; Words of Guile itself, which we repeat, and names.
(define known
  '("Wrong type argument in position 1: ~S"
    "Wrong type argument in position 2: ~S"
    "Hook ~S requires ~A arguments"
    "string contains #\\\\nul character: ~S"
    "~a ~a (Guile ~a, ~a)"))

(define (unmarked form)
  "Return the messages in FORM, a datum of a program, that are plain strings."
  (match form
    (((? symbol? head) . (? list? arguments))
     (let* ((place (assq-ref speakers head))
            (message (and place (< place (length arguments))
                          (list-ref arguments place)))
            (rest (append-map unmarked arguments)))
       (if (and (string? message) (words? message)
                (not (member message known)))
           (cons message rest)
           rest)))
    ((head . tail)
     (append (unmarked head) (unmarked tail)))
    (#(elements ...)
     (append-map unmarked elements))
    (_ '())))

(define (read-all file)
  (call-with-input-file file
    (lambda (port)
      (let loop ((forms '()))
        (match (read port)
          ((? eof-object?) (reverse forms))
          (form (loop (cons form forms))))))
    #:encoding "UTF-8"))

(define (scheme-offenders file)
  (map (lambda (message)
         (list (relative file) message))
       (append-map unmarked (read-all file))))


;;;
;;; C.
;;;

(define call
  (make-regexp "\\<(report_error|report_hint|room_log|room_check|main_log|\
logger_say|display_line|display_part|scm_misc_error|complain) \\("))
(define mark (make-regexp "\\<[NPR]?_ ?\\((,?\\s*\"([^\"\\\\]|\\\\.)*\")+"))
(define literal (make-regexp "\"(([^\"\\\\]|\\\\.)*)\""))


(define (c-offenders file)
  (let ((text (call-with-input-file file get-string-all #:encoding "UTF-8")))
    (let loop ((start 0) (result '()))
      (match (regexp-exec call text start)
        (#f result)
        (found
         (let* ((from (match:end found))
                (to (or (string-contains text ";\n" from)
                        (string-length text)))
                (arguments (regexp-substitute/global
                            #f mark (substring text from to) 'pre 'post)))
           (loop to
                 (append (filter-map
                          (lambda (found)
                            (let ((string (match:substring found 1)))
                              (and (words? string)
                                   ;; Single words are names.
                                   (string-index string #\space)
                                   (not (member string known))
                                   (list (relative file) string))))
                          (list-matches literal arguments))
                         result))))))))


(test-begin "marks")

(test-equal "messages in Scheme are in a form of l10n (see po/README)"
  '()
  (append-map scheme-offenders (sources "scheme" ".scm")))

(test-equal "messages in C are in _, P_ or R_ (see include/i18n.h)"
  '()
  (append-map c-offenders (sources "src" ".c")))

(test-end "marks")
