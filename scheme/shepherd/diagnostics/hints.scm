;;; (shepherd diagnostics hints) -- where an error is and what to do about it.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Interpreted code carries no source locations at run time.  What an
;;; exception tells (a variable, a keyword, the procedure that complained) is
;;; therefore looked for in the source of what was being evaluated.

(define-module (shepherd diagnostics hints)
  #:use-module (ice-9 match)
  #:use-module ((ice-9 control) #:select (let/ec))
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd diagnostics names)
  #:use-module (shepherd support syntax)
  #:export (definition-place
            exception-place
            exception-hint))


;;;
;;; Places.
;;;

(define (source->place source)
  "Return (FILE LINE COLUMN), counted from 1, for source properties."
  (match source
    ((? pair?)
     (let ((line (assq-ref source 'line))
           (column (assq-ref source 'column)))
       (and line column
            (list (assq-ref source 'filename) (+ line 1) (+ column 1)))))
    (_ #f)))

(define (syntax-place form)
  (source->place (syntax-source form)))

(define (for-each-form proc form)
  "Call @var{proc} with each form in the syntax object @var{form} that has a
place and is not quoted, outermost first, from left to right."
  (let walk ((form form))
    (proc form)
    (syntax-case form ()
      ((head . _)
       (not (eq? 'quote (syntax->datum #'head)))
       (let loop ((rest form))
         (syntax-case rest ()
           ((first . rest)
            (begin (walk #'first) (loop #'rest)))
           (_ #f))))
      (_ #f))))

(define (head form)
  "Return the operator of @var{form} if it is a symbol."
  (syntax-case form ()
    ((operator . _)
     (let ((datum (syntax->datum #'operator)))
       (and (symbol? datum) datum)))
    (_ #f)))

(define (has-element? form datum)
  (let ((elements (syntax->datum form)))
    (and (list? elements) (memv datum elements))))

(define (first-place matching? form)
  "Return the place of the first part of @var{form} that is
@var{matching?}."
  (let/ec return
    (for-each-form (lambda (form)
                     (when (matching? form)
                       (and=> (syntax-place form) return)))
                   form)
    #f))

(define (only-place matching? form)
  "Return the place of the part of @var{form} that is @var{matching?}, if there
is exactly one."
  (let/ec return
    (let ((place #f))
      (for-each-form (lambda (form)
                       (when (matching? form)
                         (when place (return #f))
                         (set! place (syntax-place form))))
                     form)
      place)))

(define (definition-place name form)
  "Return the place in @var{form}, as @code{exception-place} does, of the call
whose first argument is a quoted list with @var{name} in it, such as
@code{(service '(@var{name}))}; or @code{#f}."
  (first-place (lambda (form)
                 (syntax-case form ()
                   ((_ (quotation names) . _)
                    (let ((datum (syntax->datum #'names)))
                      (and (eq? 'quote (syntax->datum #'quotation))
                           (list? datum)
                           (memq name datum))))
                   (_ #f)))
               form))

(define (datum=? datum)
  (lambda (form)
    (eq? datum (syntax->datum form))))

(define (headed-by name)
  (lambda (form)
    (eq? name (head form))))

(define (call-with-bad-arity name procedure)
  (match (and (procedure? procedure)
              (procedure-minimum-arity procedure))
    ((required optional rest?)
     (lambda (form)
       (and (eq? name (head form))
            (let ((count (- (length+ (syntax->datum form)) 1)))
              (or (< count required)
                  (and (not rest?) (> count (+ required optional))))))))
    (_ (const #f))))

(define (length+ obj)
  (if (list? obj) (length obj) 0))

(define (subr->symbol subr)
  (cond ((string? subr) (string->symbol subr))
        ((symbol? subr) subr)
        (else #f)))

(define (place-finders key args)
  "Return the list of procedures that find the culprit of an exception in a
form; the earlier ones are to be tried first."
  (match (cons key args)
    (('unbound-variable _ _ (name) . _)
     (list (lambda (form) (first-place (datum=? name) form))))
    (('keyword-argument-error procedure _ _ (culprit . _))
     (let ((name (and (procedure? procedure) (procedure-name procedure))))
       (list (lambda (form)
               (first-place (lambda (form)
                              (and (or (not name) (eq? name (head form)))
                                   (has-element? form culprit)))
                            form))
             (lambda (form) (first-place (datum=? culprit) form)))))
    (('wrong-number-of-args _ _ ((? procedure? procedure) . _) . _)
     (let ((name (procedure-name procedure)))
       (list (lambda (form)
               (first-place (call-with-bad-arity name procedure) form))
             (lambda (form) (only-place (headed-by name) form)))))
    ((_ (or (? string? subr) (? symbol? subr)) . _)
     (list (lambda (form)
             (only-place (headed-by (subr->symbol subr)) form))))
    (_ '())))

(define (exception-place key args form other-forms)
  "Return where in the source the exception @var{key} with @var{args} comes
from, as a list (FILE LINE COLUMN), if that can be told.  @var{form} is the
syntax object that was evaluated, @var{other-forms} a thunk that returns those
of its file, where the procedures it calls may be defined."
  (define (try finders forms)
    (let/ec return
      (for-each (lambda (find)
                  (for-each (lambda (form) (and=> (find form) return))
                            forms))
                finders)
      #f))

  (match (cons key args)
    (('syntax-error _ _ source . _)
     (source->place source))
    (_
     (let ((finders (place-finders key args)))
       (and (pair? finders)
            (or (try finders (list form))
                (let ((places (filter-map* (lambda (form)
                                             (try finders (list form)))
                                           (other-forms))))
                  (and (or (eq? key 'unbound-variable)
                           (= 1 (length places)))
                       (pair? places)
                       (car places)))))))))

(define (filter-map* proc lst)
  (filter identity (map proc lst)))


;;;
;;; Hints.
;;;

(define (module-names module)
  (let ((names '()))
    (module-for-each (lambda (name variable)
                       (set! names (cons name names)))
                     module)
    (sort-names names)))

(define (sort-names names)
  (sort names (lambda (a b)
                (string<? (symbol->string a) (symbol->string b)))))

(define (visible-names module)
  "Return the names bound in @var{module}, its own first, the core's last."
  (append (module-names module)
          (append-map* module-names (module-uses module))))

(define (append-map* proc lst)
  (apply append (map proc lst)))

(define (unbound-variable-hint name module)
  (let ((home (known-module name)))
    (if home
        (format-message (l10n "'~a' is in ~a; add (use-modules ~a)")
                        name home home)
        (let ((near (nearest-name name (visible-names module))))
          (if near
              (format-message (l10n "did you mean '~a'?") near)
              (let ((near (nearest-name name (append-map* cdr %known-names))))
                (and near
                     (format-message (l10n "did you mean '~a' from ~a?")
                                     near (known-module near)))))))))

(define (procedure-formals procedure)
  "Return the argument lists of @var{procedure}, an association list, or
@code{#f}."
  (false-if-exception
   ((module-ref (resolve-interface '(ice-9 session)) 'procedure-arguments)
    procedure)))

(define (accepted-keywords procedure)
  (let ((formals (procedure-formals procedure)))
    (map (lambda (entry)
           (match entry
             ((keyword . _) keyword)
             (keyword keyword)))
         (or (and formals (assq-ref formals 'keyword)) '()))))

(define (usage procedure name)
  "Return how @var{procedure} is called, as text, or @code{#f}."
  (let ((formals (procedure-formals procedure)))
    (and formals
         (let ((part (lambda (kind)
                       (match (assq-ref formals kind)
                         ((? list? names) names)
                         (_ '())))))
           (string-append
            "("
            (string-join
             `(,(symbol->string name)
               ,@(map display-name (part 'required))
               ,@(map (lambda (name)
                        (string-append "[" (display-name name) "]"))
                      (part 'optional))
               ,@(map (lambda (keyword)
                        (object->string keyword))
                      (accepted-keywords procedure))
               ,@(match (assq-ref formals 'rest)
                   ((? symbol? rest) (list ". " (symbol->string rest)))
                   (_ '()))))
            ")")))))

(define (display-name name)
  (match name
    ((name . _) (object->string name))
    (_ (object->string name))))

(define (called-with culprit form module)
  "Return the procedure that @var{form} calls with the argument
@var{culprit}, or @code{#f}.  For what is interpreted, the exception does not
tell."
  (let/ec return
    (for-each-form
     (lambda (form)
       (when (has-element? form culprit)
         (let* ((name (head form))
                (variable (and name (module-variable module name)))
                (value (and variable (variable-bound? variable)
                            (variable-ref variable))))
           (when (procedure? value)
             (return value)))))
     form)
    #f))

(define (keyword-hint procedure culprit)
  (let ((name (or (procedure-name procedure) 'lambda))
        (accepted (accepted-keywords procedure)))
    (cond ((null? accepted) #f)
          ((string? culprit)
           (format-message (l10n "~s is where a keyword should be; the words of \
a command make up one list, as in '(\"PROGRAM\" \"ARGUMENT\")")
                           culprit))
          ((and (keyword? culprit) (nearest-name culprit accepted))
           => (lambda (near)
                (format-message (l10n "did you mean ~s?") near)))
          (else
           (format-message (l10n "'~a' accepts ~a") name
                           (string-join (map object->string accepted)))))))

(define (module-hint name)
  "Return the hint about module @var{name}, for which there is no code."
  (let* ((text object->string)
         (near (nearest-name (text name)
                             (map (lambda (entry) (text (car entry)))
                                  %known-names))))
    (if near
        (format-message (l10n "did you mean ~a?") near)
        (format-message (l10n "there is no file ~a.scm in the directories of \
%load-path; (add-to-load-path \"DIRECTORY\") adds one")
                        (string-join (map symbol->string name) "/")))))

(define (wrong-type-hint argument value)
  "Return the hint about @var{value}, which @var{argument} of a procedure cannot
be, or @code{#f}."
  (define (did-you-mean convert items)
    (and (and-map (lambda (item)
                    (or (string? item) (symbol? item) (number? item)))
                  items)
         (let ((meant (map convert items)))
           (and (not (equal? meant value))
                (format-message (l10n "did you mean ~a?")
                                (format-message "'~s" meant))))))

  (define (->string item)
    (format-message "~a" item))

  (let ((items (cond ((list? value) value)
                     ((string? value) (string-tokenize value))
                     (else (list value)))))
    (cond ((and (list? value) (find-keyword value))
           => (lambda (keyword)
                (format-message (l10n "~s is in the list, not in the call \
before it: a parenthesis closes too early or too late")
                                keyword)))
          ((eq? argument 'command)
           (did-you-mean ->string items))
          ((memq argument '(provision requirement names))
           (did-you-mean (compose string->symbol ->string) items))
          (else #f))))

(define (find-keyword items)
  (or-map (lambda (item) (and (keyword? item) item))
          items))

(define (no-record-hint value)
  "Return the hint about @var{value}, which is no record, such as a service, or
@code{#f}."
  (match value
    (#f
     (l10n "a service is expected; (lookup-service 'NAME) returns #f for a name \
that no service has"))
    ((? symbol?)
     (format-message (l10n "did you mean ~a?")
                     (string-append "(lookup-service '"
                                    (symbol->string value) ")")))
    (_ #f)))

(define (exception-hint key args form module)
  "Return a text that may help to mend what raised @var{key} with @var{args}
when the syntax object @var{form} was evaluated in @var{module}, or
@code{#f}."
  (catch #t
    (lambda ()
      (match (cons key args)
        (('unbound-variable _ _ (name) . _)
         (unbound-variable-hint name module))
        (('keyword-argument-error procedure _ _ (culprit . _))
         (and=> (if (procedure? procedure)
                    procedure
                    (called-with culprit form module))
                (lambda (procedure)
                  (keyword-hint procedure culprit))))
        (('wrong-number-of-args _ _ ((? procedure? procedure) . _) . _)
         (and=> (procedure-name procedure)
                (lambda (name)
                  (and=> (usage procedure name)
                         (lambda (usage)
                           (format-message (l10n "usage: ~a") usage))))))
        (('misc-error _ "no code for module ~S" (name) . _)
         (module-hint name))
        (('wrong-type-arg "struct-vtable" _ _ (value))
         (no-record-hint value))
        (('wrong-type-arg _ _ ((? symbol? argument) value) . _)
         (wrong-type-hint argument value))
        (_ #f)))
    ;; A hint is not worth another error.
    (lambda _ #f)))
