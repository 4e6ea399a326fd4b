;;; definitions.scm -- what the manual documents, and where.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A line "@c module (a b)" says that the definitions that follow are of that
;;; module, "@c end module" that they are not.

(define-module (tests definitions)
  #:use-module (ice-9 match)
  #:use-module (ice-9 rdelim)
  #:use-module (ice-9 regex)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (tests manual)
  #:export (manual-definitions
            definition-module
            definition-name
            definition-node))

(define-record-type <definition>
  (make-definition module name node)
  definition?
  (module definition-module)            ;list of symbols
  (name   definition-name)              ;symbol
  (node   definition-node))             ;string

(define definition-rx
  ;; The class may be in braces.
  (make-regexp
   "^@def(fn|fnx|vr|vrx|tp|tpx) (\\{[^}]*\\}|[^ ]+) ([^ ]+)"))

(define module-rx
  (make-regexp "^@c module (\\(.*\\))$"))

(define node-rx
  (make-regexp "^@node ([^,]*)"))

(define (file-definitions file)
  (call-with-input-file file
    (lambda (port)
      (let loop ((module #f) (node #f) (result '()))
        (define line (read-line port))
        (define (matched rx)
          (regexp-exec rx line))

        (cond ((eof-object? line)
               (reverse result))
              ((string=? "@c end module" line)
               (loop #f node result))
              ((matched module-rx)
               => (lambda (m)
                    (loop (call-with-input-string (match:substring m 1) read)
                          node result)))
              ((matched node-rx)
               => (lambda (m)
                    (loop module (match:substring m 1) result)))
              ((and module (matched definition-rx))
               => (lambda (m)
                    (loop module node
                          (cons (make-definition
                                 module
                                 (string->symbol (match:substring m 3))
                                 node)
                                result))))
              (else
               (loop module node result)))))
    #:encoding "UTF-8"))

(define (another-form? a b)
  "Do A and B, which follow each other, define the same?"
  (and (equal? (definition-module a) (definition-module b))
       (eq? (definition-name a) (definition-name b))))

(define (manual-definitions directory)
  "Return the definitions in the manual in DIRECTORY, in order."
  (reverse
   (fold (lambda (definition result)
           (if (and (pair? result)
                    (another-form? definition (car result)))
               result
               (cons definition result)))
         '()
         (append-map file-definitions (manual-files directory)))))
