;;; documentation-test.scm -- the documentation says what is there

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 format)
             (ice-9 match)
             (ice-9 popen)
             (ice-9 rdelim)
             (ice-9 regex)
             (srfi srfi-1)
             (srfi srfi-64)
             (tests bindings)
             (tests manual))

(define source-directory
  (or (getenv "abs_top_srcdir")
      (dirname (dirname (canonicalize-path (car (command-line)))))))

(define build-directory
  (or (getenv "abs_top_builddir") source-directory))

(define (source-file . components)
  (string-join (cons source-directory components) "/"))

(define (directory-files directory suffix)
  (map (lambda (name) (string-append directory "/" name))
       (let ((dir (opendir directory)))
         (let loop ((names '()))
           (match (readdir dir)
             ((? eof-object?)
              (closedir dir)
              (sort names string<?))
             (name
              (loop (if (string-suffix? suffix name)
                        (cons name names)
                        names))))))))

(define (read-lines port)
  (let loop ((lines '()))
    (match (read-line port)
      ((? eof-object?) (reverse lines))
      (line (loop (cons line lines))))))

(define (file-lines file)
  (call-with-input-file file read-lines #:encoding "UTF-8"))


;;; The manual: what it documents, by module.  A line "@c module (a b)" says
;;; that the definitions that follow are of that module.

(define definition-rx
  ;; The class may be in braces.
  (make-regexp
   "^@def(fn|fnx|vr|vrx|tp|tpx) (\\{[^}]*\\}|[^ ]+) ([^ ]+)"))

(define module-rx
  (make-regexp "^@c module (\\(.*\\))$"))

(define (documented-names)
  "Return a list of (MODULE NAME ...), all symbols, from the manual."
  (define (add result module name)
    (match (or (assoc-ref result module) '())
      ;; Another form of the same macro.
      (((? (lambda (last) (eq? last name))) . _) result)
      (names (alist-cons module (cons name names)
                         (alist-delete module result)))))
  (let loop ((lines (append-map file-lines
                                (directory-files (source-file "doc")
                                                 ".texi")))
             (module #f)
             (result '()))
    (match lines
      (() result)
      (("@c end module" . rest)
       (loop rest #f result))
      ((line . rest)
       (cond ((regexp-exec module-rx line)
              => (lambda (m)
                   (loop rest
                         (call-with-input-string (match:substring m 1) read)
                         result)))
             ((and module (regexp-exec definition-rx line))
              => (lambda (m)
                   (loop rest module
                         (add result module
                              (string->symbol (match:substring m 3))))))
             (else (loop rest module result)))))))

(define documented (documented-names))

(define (exported-names module)
  (module-map (lambda (name variable) name)
              (resolve-interface module)))

(define (sorted-difference a b)
  (sort (map symbol->string (lset-difference eq? a b)) string<?))

(define-syntax-rule (with-skip condition reason body ...)
  (begin
    (when condition
      (format #t "skipped: ~a~%" reason)
      (test-skip 1))
    body ...))

(test-begin "documentation")

(define (test-module module)
  (let* ((present? (false-if-exception (resolve-interface module)))
         (exported (if present? (exported-names module) '()))
         (names (or (assoc-ref documented module) '())))
    (test-assert (format #f "module ~s can be loaded" module)
      present?)
    (with-skip (not present?) "the module cannot be loaded"
      (test-equal (format #f "every name that ~s exports is in the manual"
                          module)
        '()
        (sorted-difference exported names)))
    (with-skip (not present?) "the module cannot be loaded"
      (test-equal (format #f "every name in the manual of ~s is exported"
                          module)
        '()
        (sorted-difference names exported)))
    (test-equal (format #f "no name of ~s is documented twice" module)
      '()
      (let loop ((names names) (twice '()))
        (match names
          (() twice)
          ((name . rest)
           (loop rest (if (memq name rest) (cons name twice) twice))))))))

(define public-modules
  (remove (lambda (module)
            (member module pending-modules))
          (append-map (lambda (table)
                        (modules-of
                         (read-bindings (source-file "tests" table))))
                      '("bindings.tsv" "bindings-extra.tsv"))))

(for-each test-module
          (delete-duplicates
           (append public-modules (map first documented))))


;;; The examples.

(define (read-all file)
  "Return the number of data in FILE; raise an exception if it cannot be read."
  (call-with-input-file file
    (lambda (port)
      (let loop ((count 0))
        (if (eof-object? (read port))
            count
            (loop (+ 1 count)))))
    #:encoding "UTF-8"))

(let ((files (directory-files (source-file "doc" "examples") ".scm")))
  (test-assert "there are examples"
    (pair? files))
  (for-each (lambda (file)
              (test-assert (string-append (basename file) " is valid Scheme")
                (positive? (read-all file))))
            files))

;; What is not listed is not distributed.
(test-equal "every file of the manual, manual page and example is in local.mk"
  '()
  (let ((list (string-join (file-lines (source-file "doc" "local.mk"))
                           "\n")))
    (remove (lambda (file)
              (or (string-suffix? "/version.texi" file)
                  (string-contains list
                                   (string-drop file
                                                (+ 1 (string-length
                                                      source-directory))))))
            (append-map (match-lambda
                          ((directory suffix)
                           (directory-files (source-file directory) suffix)))
                        '(("doc" ".texi") ("doc" ".1") ("doc" ".5")
                          ("doc" ".8") ("doc/examples" ".scm"))))))


;;; The manual's examples, which manual-test.scm runs.

(define examples (manual-examples (source-file "doc")))

(test-equal "every example says how it is tested (see tests/modules/tests/manual.scm)"
  '()
  (map example-place (remove example-kind examples)))


;;; What the tools for the manual and the manual pages say.

(define (installed? program)
  (search-path (parse-path (getenv "PATH")) program))

(define (complaints program . arguments)
  "Return what PROGRAM writes to standard output and standard error."
  (let* ((port (apply open-pipe* OPEN_READ "/bin/sh" "-c"
                      "exec \"$@\" 2>&1 </dev/null" "sh" program arguments))
         (lines (read-lines port)))
    (close-pipe port)
    lines))

(with-skip (not (installed? "makeinfo")) "there is no makeinfo"
  (test-equal "makeinfo has nothing to say about the manual"
    '()
    (begin
      ;; The build makes one; the source may be without.
      (call-with-output-file "version.texi"
        (lambda (port)
          (for-each (lambda (name)
                      (format port "@set ~a x~%" name))
                    '("VERSION" "EDITION" "UPDATED" "UPDATED-MONTH"))))
      (complaints "makeinfo" "-I" "." "-I" (source-file "doc")
                  "-o" "manual.info"
                  (source-file "doc" "shepherd.texi")))))

(for-each
 (lambda (page)
   (with-skip (not (installed? "groff")) "there is no groff"
     (test-equal (string-append "groff has nothing to say about " page)
       '()
       (complaints "groff" "-ww" "-mandoc" "-Tutf8" "-z"
                   (source-file "doc" page)))))
 '("shepherd.8" "herd.1" "halt.8" "reboot.8" "shutdown.8"
   "shepherd.scm.5"))


;;; The options of commands, as they print them and in their manual pages.

(define (help-options program)
  "Return the options that PROGRAM lists with --help, as \"-s\", \"--socket\"."
  (let* ((port (open-pipe* OPEN_READ program "--help"))
         (lines (map string-trim (read-lines port))))
    (close-pipe port)
    (append-map
     (lambda (line)
       ;; The description is set off by two blanks.
       (map (lambda (m) (match:substring m 2))
            (list-matches "(^|[ ,])(--[a-z][a-z-]*|-[A-Za-z])"
                          (string-take line
                                       (or (string-contains line "  ")
                                           (string-length line))))))
     (filter (lambda (line) (string-prefix? "-" line)) lines))))

(define (manual-page-options file)
  "Return the options that the manual page FILE, in mdoc, describes."
  (append-map
   (lambda (line)
     (let loop ((words (string-tokenize line)) (options '()))
       (match words
         (("Fl" option . rest)
          (loop rest (cons (string-append "-" option) options)))
         ((_ . rest)
          (loop rest options))
         (() options))))
   (filter (lambda (line) (string-prefix? ".It Fl" line))
           (file-lines file))))

(for-each
 (match-lambda
   ((name page)
    ;; Never one of the same name elsewhere: this one may halt a machine.
    (let ((program (string-append build-directory "/" name)))
      (with-skip (not (file-exists? program))
          (string-append program " has not been built")
        (test-equal (string-append name " --help and " page
                                   " know the same options")
          '(() ())
          (let ((printed (help-options program))
                (described (manual-page-options (source-file "doc" page))))
            (list (lset-difference string=? printed described)
                  (lset-difference string=? described printed))))))))
 '(("shepherd" "shepherd.8")
   ("herd" "herd.1")
   ("halt" "halt.8")
   ("reboot" "reboot.8")
   ("shutdown" "shutdown.8")))

(test-end "documentation")
