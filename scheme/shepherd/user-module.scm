;;; (shepherd user-module) -- evaluating what users write.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Each file and each expression is evaluated in a module of its own, datum by
;;; datum, by the interpreter: everything here may suspend.  An error in a datum
;;; is reported with its place, and evaluation goes on with the next one.

(define-module (shepherd user-module)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd output)
  #:use-module (shepherd source)
  #:use-module (shepherd support)
  #:use-module (shepherd replacements)
  #:autoload   (shepherd diagnostics hints) (definition-place
                                              exception-place exception-hint)
  #:export (user-module-interfaces
            make-user-module
            current-load-location
            definition-locator
            file-loaded?
            first-note?
            load-in-user-module*
            load-in-vicinity*)
  #:replace (load-in-user-module
             eval-in-user-module
             primitive-load*)
  #:re-export (install-core-replacements!
               restore-core-bindings!))

;; Names of the modules that user code sees, beside the core's bindings.
(define user-module-interfaces
  (make-parameter '((shepherd service))))

;; A module gets a name with its interface, and is in the tree of modules from
;; then on.  What macros expand to is looked up in the module of that name, so
;; the name lasts as long as there is code of the module; but no longer.
(define names (make-weak-value-hash-table)) ;symbol -> module

(let ((root (resolve-module '() #f)))
  (set-module-submodule-binder! root
                                (lambda (root name)
                                  (hashq-ref names name))))

(define (keep-name-only! module)
  "Have @var{module} found by its name, but not kept for it."
  (match (module-name module)
    ((name)
     (hashq-set! names name module)
     (hashq-remove! (module-submodules (resolve-module '() #f)) name))))

(define (make-user-module)
  "Return a fresh module for user code."
  (let ((module (make-module)))
    (beautify-user-module! module)
    (keep-name-only! module)
    (set-module-declarative?! module #f)
    (for-each (lambda (name)
                (module-use! module (resolve-interface name)))
              (user-module-interfaces))
    (module-define! module 'current-filename
                    (module-ref this-module 'current-filename/as-given))
    module))

(define this-module (current-module))

(define (call-in-module module thunk)
  "Call @var{thunk} with @var{module} as the current one.  It may suspend: other
fibers have their own current module."
  (save-module-excursion
   (lambda ()
     (set-current-module module)
     (thunk))))

(define (evaluate form)
  "Evaluate @var{form} in the current module; return its first value, or the
unspecified one if it has none."
  (call-with-values (lambda () (primitive-eval form))
    (case-lambda
      (() *unspecified*)
      ((value . _) value))))


;;;
;;; Loading, datum by datum.
;;;

;; A file being loaded.
(define-record-type <load>
  (make-load source name report parent form location)
  load?
  (source load-source)                            ;<source>
  (name   load-name)                              ;absolute file name
  (report load-report)                            ;key args place hint ->
  (parent load-parent)                            ;<load> or #f
  (form   load-form set-load-form!)               ;syntax object or #f
  ;; "FILE:LINE" of FORM, once somebody asked; or #f.
  (location load-location set-load-location!))

(define current-load
  (make-parameter #f))

(define (current-load-location)
  "Return where the top-level form is that is being evaluated, as
\"FILE:LINE\", or @code{#f} if that is not from a file."
  (let ((load (current-load)))
    (and load
         (or (load-location load)
             (let ((location (form-location load)))
               ;; One form may make a thousand services.
               (set-load-location! load location)
               location)))))

(define (form-location load)
  (let* ((form (load-form load))
         (source (and form (syntax-source form))))
    (and source
         (string-append (source-file (load-source load)) ":"
                        (number->string (+ 1 (assq-ref source 'line)))))))

(define (definition-locator)
  "Return a procedure that, called with a location, \"FILE:LINE\", of a top-level
form and the name of a service, returns where in that form the service is defined,
if its file tells; else it returns the location."
  (define forms (make-hash-table))      ;file -> list of syntax objects

  (define (forms-of file)
    (or (hash-ref forms file)
        (hash-set! forms file (all-forms (open-source file)))))

  (define (locate location name)
    (let* ((colon (string-rindex location #\:))
           (file (substring location 0 colon))
           (line (string->number (substring location (+ colon 1))))
           (form (or-map (lambda (form)
                           (and (= (- line 1)
                                   (assq-ref (syntax-source form) 'line))
                                form))
                         (forms-of file))))
      (match (definition-place name form)
        ((_ line _) (simple-format #f "~a:~a" file line)))))

  (lambda (location name)
    (or (false-if-exception (locate location name))
        location)))

(define all-noted (make-hash-table))    ;file name -> #t
(define noted (make-parameter all-noted))

(define (first-note? file)
  "Return true if this was not called with @var{file} before: while the
configuration that is being loaded was, or else ever."
  (let ((first? (not (hash-ref (noted) file))))
    (hash-set! (noted) file #t)
    (hash-set! all-noted file #t)
    first?))

(define (absolute file)
  (if (absolute-file-name? file)
      file
      (in-vicinity (getcwd) file)))

(define loaded-files (make-hash-table)) ;absolute name -> #t

(define (file-loaded? file)
  "Return true if user code has loaded @var{file} in this image of the process, or
has begun to."
  (hash-ref loaded-files (absolute file)))

(define (check-not-loading name)
  (let loop ((load (current-load)))
    (when load
      (when (string=? name (load-name load))
        (scm-error 'misc-error 'load (l10n "~A loads itself") (list name) #f))
      (loop (load-parent load)))))

(define (place->string place)
  (match place
    ((file line column)
     (simple-format #f "~a:~a:~a" file line column))))

(define (form-place load)
  "Return the place of the form that LOAD evaluates."
  (let ((source (syntax-source (load-form load))))
    (if source
        (list (source-file (load-source load))
              (+ 1 (assq-ref source 'line))
              (+ 1 (assq-ref source 'column)))
        (list (source-file (load-source load)) 1 1))))

(define (all-forms source)
  "Return the forms of @var{source} that can be read, for a search."
  (let ((source (rewind-source source)))
    (let loop ((forms '()))
      (let ((form (catch #t
                    (lambda () (read-source-datum source))
                    (lambda _
                      (and (resynchronise-source! source) 'again)))))
        (cond ((or (not form) (eof-object? form)) (reverse forms))
              ((eq? form 'again) (loop forms))
              (else (loop (cons form forms))))))))

(define (report-evaluation-error load key args)
  (let ((place (or (catch #t
                     (lambda ()
                       (exception-place key args (load-form load)
                                        (lambda ()
                                          (all-forms (load-source load)))))
                     (lambda _ #f))
                   (form-place load))))
    ((load-report load) key args (place->string place)
     (exception-hint key args (load-form load) (current-module)))))

(define (place-in-message message file)
  "Return the place that the reader put at the head of @var{message}, or
@code{#f}."
  (and (string? message)
       (string-prefix? (string-append file ":") message)
       (match (string-split (substring message (+ 1 (string-length file)))
                            #\:)
         (((= string->number (? integer? line))
           (= string->number (? integer? column)) . _)
          ;; It is counted after the character that was wrong.
          (list file line (max 1 (- column 1))))
         (_ #f))))

(define (report-reading-error load key args)
  (call-with-values (lambda () (source-error-place (load-source load)))
    (lambda (start next)
      (let* ((file (source-file (load-source load)))
             (message (match args ((_ message . _) message) (_ #f)))
             (unfinished? (and (string? message)
                               (string-contains message "end of input")))
             (start (list file (+ 1 (car start)) (+ 1 (cdr start)))))
        ((load-report load) key args
         (place->string (or (and (not unfinished?)
                                 (place-in-message message file))
                            start))
         (and unfinished?
              (if next
                  (format-message (l10n "the form that begins here is not \
closed; a closing parenthesis or quote may be missing before line ~a")
                                  (+ 1 (car next)))
                  (l10n "the form that begins here is not closed"))))))))

(define (load-next load value)
  "Read and evaluate a datum.  Return its value (VALUE if it failed), and
whether that was the last datum."
  (let* ((source (load-source load))
         (form (catch #t
                 (lambda () (read-source-datum source))
                 (lambda (key . args)
                   (report-reading-error load key args)
                   (if (resynchronise-source! source)
                       load             ;stands for nothing
                       the-end)))))
    (cond ((eq? form load)
           (values value #f))
          ((eof-object? form)
           (values value #t))
          (else
           (set-load-form! load form)
           (set-load-location! load #f)
           (values (catch #t
                     (lambda () (evaluate form))
                     (lambda (key . args)
                       (report-evaluation-error load key args)
                       value))
                   #f)))))

(define the-end (call-with-input-string "" read))

(define (load-forms file report)
  "Evaluate the data in @var{file} in the current module; call @var{report} with
the key, the arguments, the place and the hint of each error.  Return the value
of the last datum."
  (let ((name (absolute file)))
    (check-not-loading name)
    (hash-set! loaded-files name #t)
    (let* ((source (open-source file))
           (load (make-load source name report (current-load) #f #f)))
      (when (source-invalid-line source)
        (local-output (l10n "~a:~a: warning: not UTF-8; a 'coding:' comment \
can tell the encoding, such as iso-8859-1")
                      file (source-invalid-line source)))
      (parameterize ((current-load load))
        (let loop ((value *unspecified*))
          (call-with-values (lambda () (load-next load value))
            (lambda (value last?)
              (if last? value (loop value)))))))))

(define (raise-error key args . _)
  (apply throw key args))

(define (beside-current file)
  "Return the name of @var{file}, which may be one in the directory of the file
being loaded if there is no such file in the current directory."
  (let* ((load (current-load))
         (other (and load
                     (not (absolute-file-name? file))
                     (in-vicinity (dirname (load-name load)) file))))
    (if (and other (not (file-exists? file)) (file-exists? other))
        other
        file)))

(define (primitive-load* file)
  "Evaluate the data in @var{file} in the current module; return the value of
the last one.  Errors are raised.  May suspend."
  (load-forms (beside-current file) raise-error))

(define (file-in-vicinity directory file)
  "Return the name of @var{file}, relative to @var{directory}, which in turn is
relative to the current directory or, for a module, to one of the load path."
  (if (absolute-file-name? file)
      file
      (let* ((file (if (string=? directory ".")
                       file
                       (in-vicinity directory file)))
             (name (absolute file)))
        (or (and (not (file-exists? name))
                 (%search-load-path file))
            name))))

(define* (load-in-vicinity* directory file #:optional reader)
  "Do what @code{(load FILE)} in a file of @var{directory} does: evaluate it in the
current module, which is the same again afterwards.  While a file is being
loaded, errors are reported as they are there.  May suspend."
  (let ((file (file-in-vicinity directory file))
        (load (current-load)))
    (save-module-excursion
     (lambda ()
       (with-fluids ((current-reader reader))
         (load-forms file (if load (load-report load) raise-error)))))))

(define-syntax current-filename/as-given
  (lambda (form)
    "Expand to the name of the file that FORM is in, as it was given, or #f."
    (datum->syntax form (assq-ref (or (syntax-source form) '()) 'filename))))


;;;
;;; Reports.
;;;

(define (error-text key args)
  (match (cons key args)
    (('syntax-error who what _ form subform . _)
     (let ((what (if (and who (symbol? who))
                     (format-message "~a: ~a" who what)
                     what)))
       (if form
           (format-message (l10n "syntax error: ~a in form ~a")
                           what (shorten form))
           (format-message (l10n "syntax error: ~a") what))))
    (('%exception object)
     (or (service-error-text object)
         (exception-message object)
         (object->string object)))
    (('read-error _ (? string? message) . rest)
     (exception->string key (cons* #f (without-place message) rest)))
    (_
     (exception->string key args))))

(define (service-error-text object)
  "Return the text for @var{object} if it is a service error, or @code{#f}."
  (let ((module (resolve-module '(shepherd conditions) #f #:ensure #f)))
    (and module
         ((module-ref module 'condition->string) object))))

(define (without-place message)
  "Return @var{message} without the FILE:LINE:COLUMN that it begins with."
  (match (string-split message #\:)
    ((_ (? string->number) (? string->number) . rest)
     (string-trim (string-join rest ":")))
    (_ message)))

(define (shorten form)
  (let ((text (object->string (syntax->datum form))))
    (if (> (string-length text) 70)
        (string-append (substring text 0 67) "...")
        text)))

(define (exception-message object)
  "Return the message in condition @var{object}, followed by the strings that it
holds as irritants, or @code{#f} if there is none."
  (let* ((conditions (resolve-interface '(ice-9 exceptions)))
         (field (lambda (name)
                  ((module-ref conditions name) object))))
    (and (field 'exception-with-message?)
         (string-join (cons (field 'exception-message)
                            (if (field 'exception-with-irritants?)
                                (filter string? (field 'exception-irritants))
                                '()))
                      ": "))))

(define (action-error-text object)
  "Return the text for an exception in a service's method, @code{#f} for any
other @var{object}."
  (let* ((module (resolve-module '(shepherd conditions) #f #:ensure #f))
         (field (lambda (name)
                  ((module-ref module name) object))))
    (and module
         (field 'action-runtime-error?)
         (format-message
          (l10n "action '~a' on service '~a' failed: ~s")
          (field 'action-runtime-error-action)
          ((module-ref (resolve-interface '(shepherd records))
                       'service-canonical-name)
           (field 'action-runtime-error-service))
          (cons (field 'action-runtime-error-key)
                (field 'action-runtime-error-arguments))))))

(define (report-place key args place hint)
  (flush-partial-line!)
  (local-output (l10n "~a: error: ~a") place (error-text key args))
  (when hint
    (local-output (l10n "~a: hint: ~a") place hint)))

(define (report-configuration-error file key args)
  (flush-partial-line!)
  (match (cons key args)
    (('%exception object)
     (local-output "~a"
                   (or (action-error-text object)
                       (and=> (exception-message object)
                              (lambda (message)
                                (format-message
                                 (l10n "Error while loading configuration \
file '~a': ~a")
                                 file message)))
                       (format-message
                        (l10n "Uncaught exception while loading \
configuration file '~a': ~s")
                        file object))))
    (_
     (local-output (l10n "While loading configuration file '~a': ~s")
                   file (exception->string key args)))))


;;;
;;; In a module of its own.
;;;

(define (load-in-fresh-module file report)
  (let ((value (parameterize ((noted (make-hash-table)))
                 (call-in-module (make-user-module)
                                 (lambda ()
                                   (load-forms file report))))))
    (flush-partial-line!)
    value))

(define* (load-in-user-module file #:key on-error)
  "Evaluate the data in @var{file} in a fresh module; return the value of the
last one.  Each error is output with its place, evaluation goes on, and the
first one is raised at the end; with @var{on-error}, that is called instead, with
the key, the arguments, the place and the hint, a string or @code{#f}, of each
error.  May suspend."
  (define first-error #f)

  (let ((value (load-in-fresh-module
                file
                (or on-error
                    (lambda (key args place hint)
                      (report-place key args place hint)
                      (unless first-error
                        (set! first-error (cons key args))))))))
    (when first-error
      (apply throw first-error))
    value))

(define (load-in-user-module* file)
  "Load the configuration @var{file}; output how that went, and on stderr that
it failed if it did.  Return the list of errors, each a list of the key, the
arguments, the place and the hint.  Raises nothing.  May suspend."
  (define errors '())

  (define (report key args place hint)
    (set! errors (cons (list key args place hint) errors))
    (report-configuration-error file key args)
    (when place
      (report-place key args place hint)))

  (catch #t
    (lambda () (load-in-fresh-module file report))
    ;; The file can't be read.
    (lambda (key . args) (report key args #f #f)))
  (if (null? errors)
      (local-output (l10n "Configuration successfully loaded from '~a'.")
                    file)
      (report-error (l10n "~s: exception thrown while loading configuration \
file")
                    file))
  (reverse errors))

(define (eval-in-user-module exp)
  "Evaluate @var{exp} in a fresh module; return its first value.  May suspend."
  (call-in-module (make-user-module) (lambda () (evaluate exp))))
