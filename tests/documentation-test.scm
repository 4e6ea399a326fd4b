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
             (tests definitions)
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


(define definitions
  (manual-definitions (source-file "doc")))

(define (documented-names module)
  (filter-map (lambda (definition)
                (and (equal? module (definition-module definition))
                     (definition-name definition)))
              definitions))

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
         (names (documented-names module)))
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

(define public-bindings
  (append-map (lambda (table)
                (read-bindings (source-file "tests" table)))
              '("bindings.tsv" "bindings-extra.tsv")))

(for-each test-module
          (delete-duplicates
           (append (modules-of public-bindings)
                   (map definition-module definitions))))


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


;;; The appendix that lists all bindings.

(define bindings-table
  (let* ((port (open-pipe* OPEN_READ (or (getenv "GUILE") "guile") "-s"
                           (source-file "build-aux" "bindings-table")
                           source-directory))
         (text (string-join (read-lines port) "\n" 'suffix)))
    (close-pipe port)
    text))

(test-equal "there is a row for each binding, and it says yes"
  (length public-bindings)
  (length (list-matches "\n@item [^\n]* @tab yes @tab @ref" bindings-table)))


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
      ;; The build makes these; the source may be without.
      (call-with-output-file "version.texi"
        (lambda (port)
          (for-each (lambda (name)
                      (format port "@set ~a x~%" name))
                    '("VERSION" "EDITION" "UPDATED" "UPDATED-MONTH"))))
      (call-with-output-file "bindings-table.texi"
        (lambda (port)
          (display bindings-table port)))
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
