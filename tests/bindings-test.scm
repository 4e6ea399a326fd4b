;;; bindings-test.scm -- modules export what configuration files rely on

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (getenv "abs_top_srcdir") "/tests/modules"))

(use-modules (ice-9 format)
             (ice-9 ftw)
             (ice-9 match)
             (ice-9 textual-ports)
             (srfi srfi-1)
             (srfi srfi-64)
             (tests bindings))

(define tests-directory
  (string-append (getenv "abs_top_srcdir") "/tests"))

(define bindings
  (read-bindings (string-append tests-directory "/bindings.tsv")))

(define extra-bindings
  (read-bindings (string-append tests-directory "/bindings-extra.tsv")))

(define modules
  (modules-of (append bindings extra-bindings)))

(test-begin "bindings")

(for-each
 (lambda (module)
   (test-assert (format #f "~s can be loaded by a plain guile" module)
     (resolve-interface module))
   (test-equal (format #f "~s exports what it should, called as it should be"
                       module)
     '()
     (binding-problems (bindings-of module bindings) extra-bindings))
   (test-equal (format #f "so do those exports of ~s that are ours alone"
                       module)
     '()
     (binding-problems (bindings-of module extra-bindings) '()))
   (test-equal (format #f "bindings-extra.tsv lists all that ~s adds" module)
     '()
     (unlisted-names module bindings extra-bindings)))
 modules)


;;; What is wrong is noticed.

(define (renamed binding)
  (make-binding (binding-module binding)
                (symbol-append (binding-name binding) '-of-old)
                (binding-kind binding) (binding-description binding)))

(define (with-keyword binding)
  "Return BINDING as if the procedure took one keyword more."
  (define (add datum)
    (match datum
      ((head . rest) (cons head (add rest)))
      (rest (cons #:of-old rest))))

  (make-binding (binding-module binding) (binding-name binding) 'procedure
                (string-join (map (lambda (datum)
                                    (object->string (if (pair? datum)
                                                        (add datum)
                                                        datum)))
                                  (read-all (binding-description binding))))))

(define (unnoticed bindings)
  (remove (lambda (binding)
            (pair? (binding-problems (list binding) extra-bindings)))
          bindings))

(test-equal "a name that is missing is noticed, whichever it is"
  '()
  (map binding-name (unnoticed (map renamed bindings))))

(test-equal "a keyword that is missing is noticed, whichever procedure lacks it"
  '()
  (map binding-name
       (unnoticed (filter-map (lambda (binding)
                                (and (eq? 'procedure (binding-kind binding))
                                     (with-keyword binding)))
                              bindings))))


;;; Somewhere, each is put to use.

(define (test-files)
  "Return the names of all files that are tests or parts of such."
  (filter (lambda (file)
            (and (any (lambda (suffix) (string-suffix? suffix file))
                      '(".scm" ".sh" ".c"))
                 (not (string-contains (basename file) "bindings"))))
          (let ((files '()))
            (nftw tests-directory
                  (lambda (name stat flag base level)
                    (when (eq? 'regular flag)
                      (set! files (cons name files)))
                    #t))
            files)))

(define test-text
  (string-join (map (lambda (file)
                      (call-with-input-file file get-string-all
                        #:encoding "UTF-8"))
                    (test-files))
               "\n"))

(define name-characters
  (char-set-complement (string->char-set " \t\n()[]'`,\"@;#")))

(define (named? name text)
  "Does the word NAME occur in TEXT?"
  (let ((end (string-length text)))
    (let loop ((start 0))
      (let ((found (string-contains text name start)))
        (and found
             (let ((after (+ found (string-length name))))
               (if (or (and (> found 0)
                            (char-set-contains? name-characters
                                                (string-ref text (- found 1))))
                       (and (< after end)
                            (char-set-contains? name-characters
                                                (string-ref text after))))
                   (loop (+ found 1))
                   #t)))))))

(test-equal "each binding is used by a test"
  '()
  (delete-duplicates
   (filter-map (lambda (binding)
                 (let ((name (symbol->string (binding-name binding))))
                   (and (not (named? name test-text))
                        name)))
               (append bindings extra-bindings))))

(test-end "bindings")
