;;; bindings.scm -- what modules are to export, and what they do export.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; tests/bindings.tsv is the contract: the bindings that configuration files may
;;; rely on.  tests/bindings-extra.tsv has those of ours alone, and the full
;;; signature of what accepts more than the contract asks for.  Each line has a
;;; module, a name, a kind and a description, which for procedures and macros is
;;; how they are called: `(name required [optional ...] #:keyword ... . rest)',
;;; or several of these between bars.

(define-module (tests bindings)
  #:use-module (ice-9 match)
  #:use-module (ice-9 rdelim)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (system vm program)
  #:export (make-binding
            read-all
            read-bindings
            binding-module
            binding-name
            binding-kind
            binding-description
            modules-of
            bindings-of
            binding-problems
            unlisted-names))

(define-record-type <binding>
  (make-binding module name kind description)
  binding?
  (module      binding-module)          ;list of symbols
  (name        binding-name)            ;symbol
  (kind        binding-kind)            ;symbol, such as `procedure'
  (description binding-description))    ;string

(define (string->datum text)
  (call-with-input-string text read))

(define (line->binding line)
  (match (string-split line #\tab)
    ((module name kind description)
     (make-binding (string->datum module) (string->symbol name)
                   (string->symbol kind) description))))

(define (read-bindings file)
  "Return the bindings that FILE lists."
  (call-with-input-file file
    (lambda (port)
      (let loop ((bindings '()))
        (match (read-line port)
          ((? eof-object?) (reverse bindings))
          (line (loop (cons (line->binding line) bindings))))))))

(define (modules-of bindings)
  "Return the names of the modules of BINDINGS."
  (delete-duplicates (map binding-module bindings)))

(define (bindings-of module bindings)
  "Return those of BINDINGS that are of MODULE."
  (filter (lambda (binding)
            (equal? module (binding-module binding)))
          bindings))

(define (unlisted-names module . lists)
  "Return the names that MODULE exports and none of LISTS of bindings has."
  (let ((listed (map binding-name
                     (bindings-of module (concatenate lists)))))
    (sort (filter (lambda (name)
                    (not (memq name listed)))
                  (module-map (lambda (name variable) name)
                              (resolve-interface module)))
          (lambda (a b)
            (string<? (symbol->string a) (symbol->string b))))))


;;;
;;; Signatures.
;;;

(define-record-type <signature>
  (signature required optional keywords rest?)
  signature?
  (required signature-required)         ;number
  (optional signature-optional)         ;number
  (keywords signature-keywords)         ;list of keywords
  (rest?    signature-rest?))           ;Boolean

(define (datum->signature datum)
  (let loop ((rest (cdr datum)) (required 0) (optional 0) (keywords '()))
    (match rest
      (() (signature required optional keywords #f))
      (((? keyword? keyword) . rest)
       (loop rest required optional (cons keyword keywords)))
      (((names ...) . rest)
       (loop rest required (+ optional (length names)) keywords))
      ((_ . rest)
       (loop rest (+ 1 required) optional keywords))
      (_ (signature required optional keywords #t)))))

(define (read-all text)
  (call-with-input-string text
    (lambda (port)
      (let loop ((data '()))
        (match (read port)
          ((? eof-object?) (reverse data))
          (datum (loop (cons datum data))))))))

(define (binding-signatures binding)
  "Return the signatures that the description of BINDING tells."
  (map datum->signature
       (remove (lambda (datum) (eq? '| datum))
               (read-all (binding-description binding)))))

(define (procedure-signatures procedure)
  (map (lambda (alist)
         (signature (length (assq-ref alist 'required))
                    (length (assq-ref alist 'optional))
                    (map car (assq-ref alist 'keyword))
                    (->bool (assq-ref alist 'rest))))
       (program-arguments-alists procedure)))

(define (same-signature? a b)
  (and (= (signature-required a) (signature-required b))
       (= (signature-optional a) (signature-optional b))
       (lset= eq? (signature-keywords a) (signature-keywords b))
       (eq? (signature-rest? a) (signature-rest? b))))

(define (takes-positional? actual wanted)
  "Does ACTUAL take every number of arguments that WANTED takes?"
  (and (<= (signature-required actual) (signature-required wanted))
       (or (signature-rest? actual)
           (and (not (signature-rest? wanted))
                (>= (+ (signature-required actual)
                       (signature-optional actual))
                    (+ (signature-required wanted)
                       (signature-optional wanted)))))))

(define (takes? procedure actual wanted)
  (and (takes-positional? actual wanted)
       (or (lset<= eq? (signature-keywords wanted)
                   (signature-keywords actual))
           ;; They may be handed on to another procedure.
           (and (signature-rest? actual)
                (lset= eq? (signature-keywords wanted)
                       (keywords-taken procedure wanted))))))

(define (keyword-refused? procedure wanted keyword)
  "Does calling PROCEDURE with KEYWORD tell that there is no such keyword?  What
else is wrong with the call comes later."
  (catch #t
    (lambda ()
      (apply procedure
             (append (make-list (signature-required wanted) '())
                     (list keyword '())))
      #f)
    (lambda (key . arguments)
      (eq? 'keyword-argument-error key))))

(define (keywords-taken procedure wanted)
  "Return those of the keywords of WANTED, and of some that nothing has, that
PROCEDURE does not refuse."
  (remove (lambda (keyword)
            (keyword-refused? procedure wanted keyword))
          (cons #:no-such-keyword (signature-keywords wanted))))

(define (signature-problem binding extra procedure)
  "Return what is wrong with how PROCEDURE, the value of BINDING, is called.  EXTRA
is the binding that has its full signature."
  (let ((actual (procedure-signatures procedure)))
    (cond ((not (every (lambda (wanted)
                         (any (lambda (actual)
                                (takes? procedure actual wanted))
                              actual))
                       (binding-signatures binding)))
           (list 'takes actual))
          ((not (every (lambda (actual)
                         (any (lambda (wanted)
                                (same-signature? wanted actual))
                              (binding-signatures extra)))
                       actual))
           (list 'takes-more actual))
          (else #f))))


;;;
;;; Values.
;;;

(define (reference module name)
  "Return the value of NAME, also where that is inlined."
  (eval `(@ ,module ,name) (current-module)))

;; What descriptions that are no data mean: predicates.
(define descriptions
  `(("a number of bytes" . ,exact-integer?)
    ("an output port" . ,output-port?)
    ("gzip" . ,(lambda (value) (eq? 'gzip value)))
    ("hook of arity 0"
     . ,(lambda (value) ((reference '(shepherd support) 'hook?) value)))
    ("service"
     . ,(lambda (value) ((reference '(shepherd service) 'service?) value)))
    ("action named trigger"
     . ,(lambda (value)
          (eq? 'trigger
               ((reference '(shepherd service) 'action-name) value))))
    ("list (SIGCHLD SIGINT SIGHUP SIGTERM)"
     . ,(lambda (value)
          (equal? (list SIGCHLD SIGINT SIGHUP SIGTERM) value)))
    ("$SHEPHERD_SOCKET or default-socket-file"
     . ,(lambda (value)
          (equal? (or (getenv "SHEPHERD_SOCKET")
                      (reference '(shepherd support) 'default-socket-file))
                  value)))
    ("default-socket-dir/repl"
     . ,(lambda (value)
          (equal? (string-append (reference '(shepherd support)
                                            'default-socket-dir)
                                 "/repl")
                  value)))
    ("'() ; set to (environ) by the daemon at start-up"
     . ,(lambda (value)
          (equal? value (if (in-daemon?) (environ) '()))))))

(define (in-daemon?)
  (->bool ((reference '(shepherd scheduler) 'current-fiber))))

(define (fits? value description)
  "Is VALUE as DESCRIPTION says?"
  (match (assoc-ref descriptions description)
    (#f
     (if (or (string=? "string" description)
             (string-prefix? "string, " description)
             (string-prefix? "string " description))
         (string? value)
         (equal? value (string->datum description))))
    (fits? (fits? value))))

(define (fields description)
  (match (read-all description)
    (('fields fields) fields)))

(define (without-prefix prefix text)
  (if (string-prefix? prefix text)
      (substring text (string-length prefix))
      (error "no description of a" prefix text)))

(define (value-problem binding extra value)
  "Return what is wrong with VALUE, which BINDING has, or #f."
  (let ((description (binding-description binding)))
    (match (binding-kind binding)
      ('procedure
       (if (and (procedure? value) (not (parameter? value)))
           (signature-problem binding extra value)
           'no-procedure))
      ('parameter
       (cond ((not (parameter? value)) 'no-parameter)
             ((not (fits? (value) (without-prefix "default " description)))
              (list 'default-is (value)))
             (else #f)))
      ('variable
       (if (fits? value description)
           #f
           (list 'value-is value)))
      ((or 'record 'condition)
       (cond ((not (record-type-descriptor? value)) 'no-type)
             ((not (equal? (fields description) (record-type-fields value)))
              (list 'fields-are (record-type-fields value)))
             (else #f))))))

(define (record-type-descriptor? object)
  (false-if-exception (record-type-name object)))

(define (binding-problem binding extra)
  (match binding
    (($ <binding> module name kind)
     (let ((variable (module-variable (resolve-interface module) name)))
       (cond ((not variable) 'not-exported)
             ((eq? 'macro kind)
              (if (macro? (variable-ref variable)) #f 'no-macro))
             (else
              (value-problem binding extra (reference module name))))))))

(define (binding-problems bindings extra)
  "Return, as a list of (MODULE NAME PROBLEM), what is wrong with BINDINGS.  Those
of EXTRA with the same module and name have the full signature."
  (filter-map
   (lambda (binding)
     (match (binding-problem binding
                             (or (find (lambda (other)
                                         (and (equal? (binding-module binding)
                                                      (binding-module other))
                                              (eq? (binding-name binding)
                                                   (binding-name other))))
                                       extra)
                                 binding))
       (#f #f)
       (problem (list (binding-module binding) (binding-name binding)
                      problem))))
   bindings))
