;;; (shepherd support syntax) -- forms that the other modules are written in.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; `define' and `define*' remember, at expansion time only, the name of the
;;; procedure being defined; `assert' and `check-argument-types' put it in
;;; their messages.  Nothing here is paid for at run time.

(define-module (shepherd support syntax)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module ((shepherd diagnostics) #:select (fill-in))
  #:use-module ((shepherd scheduler fiber) #:select (without-preemption))
  #:export (%gettext-domain
            l10n
            local-output
            simple-format?
            format-message
            diagnostic-word
            assert
            check-argument-types
            let-loop
            match-tagged
            catch-system-error)
  #:replace ((define/named . define)
             (define*/named . define*)))

(define %gettext-domain "shepherd")

(define-syntax l10n
  (syntax-rules ()
    ((_ message)
     (gettext message %gettext-domain))
    ((_ singular plural n)
     (ngettext singular plural n %gettext-domain))))


;;;
;;; Messages.
;;;

(define (simple-format? control)
  "Return true if @code{simple-format} knows each directive of @var{control}."
  (let ((end (string-length control)))
    (let loop ((i 0))
      (let ((tilde (string-index control #\~ i)))
        (cond ((not tilde) #t)
              ((= (+ tilde 1) end) #f)
              ((memv (string-ref control (+ tilde 1)) '(#\a #\A #\s #\S #\% #\~))
               (loop (+ tilde 2)))
              (else #f))))))

(define (format-message control . args)
  "Return the text that @code{format} of @code{(ice-9 format)} makes of
@var{control} and @var{args}.  That module is loaded only for directives
that need it."
  (or (fill-in control args object->string)
      (apply (if (simple-format? control)
                 simple-format
                 (module-ref (resolve-interface '(ice-9 format)) 'format))
             #f control args)))

(define (%local-output control . args)
  ;; One write for the whole line, so that no other fiber's text gets in: not
  ;; into the port's own buffer either, hence no preemption.
  (let ((line (string-append (apply format-message control args) "\n")))
    (without-preemption
     (put-string (current-output-port) line))))

(define-syntax-rule (local-output control arg ...)
  (%local-output control arg ...))

(define (diagnostic-word kind)
  "Return the word for @var{kind}, @code{error} or @code{hint}."
  (if (eq? kind 'error) (l10n "error") (l10n "hint")))


;;;
;;; Definitions that know their name.
;;;

(define-syntax-parameter procedure-name
  (identifier-syntax #f))

(eval-when (expand load eval)
  (define (has-keyword? formals)
    (syntax-case formals ()
      ((first . rest)
       (or (keyword? (syntax->datum #'first)) (has-keyword? #'rest)))
      (_ #f)))

  (define (split-body forms)
    ;; Docstring and property lists are only such at the head of a lambda.
    (let loop ((head '()) (forms forms))
      (syntax-case forms ()
        ((form next . rest)
         (let ((datum (syntax->datum #'form)))
           (or (string? datum) (vector? datum)))
         (loop (cons #'form head) #'(next . rest)))
        (rest
         (values (reverse head) #'rest)))))

  (define (named-definition definer name formals body)
    (call-with-values (lambda () (split-body body))
      (lambda (head rest)
        (with-syntax ((definer definer)
                      (name name)
                      (formals formals)
                      ((head ...) head)
                      ((body ...) rest))
          #'(definer (name . formals)
              head ...
              (syntax-parameterize ((procedure-name (identifier-syntax 'name)))
                body ...)))))))

(define-syntax define/named
  (lambda (form)
    "Like the core @code{define}; also accepts the formals of
@code{define*}."
    (syntax-case form ()
      ((_ (name . formals) body ...)
       (and (identifier? #'name) (pair? #'(body ...)))
       (named-definition (if (has-keyword? #'formals) #'define* #'define)
                         #'name #'formals #'(body ...)))
      ((_ . rest)
       #'(define . rest)))))

(define-syntax define*/named
  (lambda (form)
    "Like the core @code{define*}."
    (syntax-case form ()
      ((_ (name . formals) body ...)
       (and (identifier? #'name) (pair? #'(body ...)))
       (named-definition #'define* #'name #'formals #'(body ...)))
      ((_ . rest)
       #'(define* . rest)))))


;;;
;;; Checks.
;;;

(define (assertion-failed location expression procedure)
  (if procedure
      (local-output (l10n "~a: Assertion ~a failed in procedure '~a'.")
                    location expression procedure)
      (local-output (l10n "~a: Assertion ~a failed.") location expression))
  (throw 'assertion-failed))

(define-syntax assert
  (lambda (form)
    "Evaluate EXP.  If it is false, output its place and throw
@code{assertion-failed}."
    (syntax-case form ()
      ((_ exp)
       (let ((source (syntax-source form)))
         (with-syntax ((location
                        (if source
                            (string-append
                             (or (assq-ref source 'filename) "<unknown>") ":"
                             (number->string (+ 1 (assq-ref source 'line))))
                            "<unknown>")))
           #'(unless exp
               (assertion-failed location 'exp procedure-name))))))))

(define (wrong-argument-type procedure argument value predicate)
  (local-output (l10n "In call to '~a', value ~s of argument '~a' has the \
wrong type (it should match '~a').")
                (or procedure "?") value argument predicate)
  (throw 'wrong-type-arg procedure "Wrong type for argument '~a': ~S"
         (list argument value) (list value)))

(define-syntax-rule (check-argument-types (predicate argument) ...)
  (begin
    (unless (predicate argument)
      (wrong-argument-type procedure-name 'argument argument 'predicate))
    ...))

(define-syntax-rule (catch-system-error exp ...)
  (catch 'system-error
    (lambda () exp ...)
    (lambda _ #f)))


;;;
;;; Choice by a tag.
;;;

;; In `match', what tries the patterns that follow is a procedure, made anew each
;; time with all that these need.
(define-syntax match-tagged
  (syntax-rules (quote)
    "Like @code{match} with patterns that are lists, each with another symbol,
quoted, as its first element."
    ((_ datum (('tag . pattern) body ...) ...)
     (let ((tagged datum))
       (case (car tagged)
         ((tag)
          (match (cdr tagged)
            (pattern body ...)))
         ...
         (else
          ;; As `match' does.
          (throw 'match-error "match" "no matching pattern" tagged)))))))


;;;
;;; Loops with many variables.
;;;

(define-syntax let-loop
  (lambda (form)
    "Named let in whose body @code{(LOOP (VAR NEW) @dots{})} may leave out the
variables that stay the same.  LOOP on its own is the procedure, which takes
all values by position."
    (syntax-case form ()
      ((_ loop ((var init) ...) body ...)
       (and (identifier? #'loop) (and-map identifier? #'(var ...)))
       #'(let proc ((var init) ...)
           (let-syntax
               ((loop
                 (lambda (call)
                   (define (check-names names)
                     (for-each
                      (lambda (name)
                        (unless (or-map (lambda (known)
                                          (eq? (syntax->datum known)
                                               (syntax->datum name)))
                                        (list #'var ...))
                          (syntax-violation 'loop "no such loop variable"
                                            call name)))
                      names))
                   (define (new-value known changes)
                     (syntax-case changes ()
                       (() known)
                       (((name value) . rest)
                        (if (eq? (syntax->datum #'name)
                                 (syntax->datum known))
                            #'value
                            (new-value known #'rest)))))
                   (syntax-case call ()
                     ((_ (name value) (... ...))
                      (begin
                        (check-names #'(name (... ...)))
                        (with-syntax (((new (... ...))
                                       (map (lambda (known)
                                              (new-value
                                               known
                                               #'((name value) (... ...))))
                                            (list #'var ...))))
                          #'(proc new (... ...)))))
                     (id (identifier? #'id) #'proc)))))
             (let () body ...)))))))
