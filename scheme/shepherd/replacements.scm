;;; (shepherd replacements) -- core bindings that the daemon can't do with.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Some of the core's procedures block, wait for children that the daemon
;;; reaps, or call Scheme from C, where a fiber can't suspend.  Inside the
;;; daemon all code gets others of the same name: the variables of (guile)
;;; themselves are changed, so code that was compiled before gets them too.

(define-module (shepherd replacements)
  #:use-module (ice-9 textual-ports)
  #:use-module ((shepherd core) #:select (%reset-signals))
  #:use-module ((shepherd scheduler fiber) #:select (current-fiber leave-scheduler!))
  #:use-module ((shepherd support syntax) #:select (simple-format?))
  #:export (install-core-replacements!
            restore-core-bindings!))

;; Association list: name -> original value; empty while those are in force.
(define originals (make-variable '()))

(define (core-variable name)
  (module-variable (resolve-module '(guile)) name))

(define (original name)
  "Return the core's own value of @var{name}."
  (or (assq-ref (variable-ref originals) name)
      (variable-ref (core-variable name))))

(define (replace! name value)
  (let ((variable (core-variable name)))
    (unless (assq name (variable-ref originals))
      (variable-set! originals
                     (acons name (variable-ref variable)
                            (variable-ref originals))))
    (variable-set! variable value)))

(define (restore-core-bindings!)
  "Undo @code{install-core-replacements!}."
  (for-each (lambda (entry)
              (variable-set! (core-variable (car entry)) (cdr entry)))
            (variable-ref originals))
  (variable-set! originals '()))

(define* (newline/suspendable #:optional (port (current-output-port)))
  "Write a newline to @var{port}.  May suspend."
  (put-char port #\newline)
  *unspecified*)

(define (call-with-file port proc)
  (call-with-values (lambda () (proc port))
    (lambda results
      (close-port port)
      (apply values results))))

(define (open-port file flags mode guess-encoding encoding)
  "Return a port on @var{file}, close-on-exec from the first; errors are those
of @code{open-file}."
  (let* ((fd (catch 'system-error
               (lambda ()
                 (open-fdes file (logior flags O_CLOEXEC O_NOCTTY)))
               (lambda args
                 (let ((errno (system-error-errno args)))
                   (throw 'system-error "open-file" "~A: ~S"
                          (list (strerror errno) file) (list errno))))))
         (port (fdopen fd mode)))
    (set-port-filename! port file)
    (let ((encoding (or (and guess-encoding (file-encoding port))
                        encoding
                        (and (string-suffix? "b" mode) "ISO-8859-1"))))
      (when encoding
        (set-port-encoding! port encoding)))
    port))

(define* (call-with-input-file/cloexec file proc
                                       #:key guess-encoding encoding binary)
  "Call @var{proc} with an input port on @var{file}; close it afterwards.  No
child inherits it."
  (call-with-file (open-port file O_RDONLY (if binary "rb" "r")
                             guess-encoding encoding)
                  proc))

(define* (call-with-output-file/cloexec file proc #:key encoding binary)
  "Call @var{proc} with an output port on @var{file}, emptied; close it
afterwards.  No child inherits it."
  (call-with-file (open-port file (logior O_WRONLY O_CREAT O_TRUNC)
                             (if binary "wb" "w") #f encoding)
                  proc))

(define (primitive-load/suspendable file)
  "Evaluate the data in @var{file} in the current module.  May suspend."
  ((module-ref (resolve-interface '(shepherd user-module)) 'primitive-load*)
   file))

(define* (load-in-vicinity/suspendable directory file #:optional reader)
  "Evaluate the data in @var{file}, which is in @var{directory}, in the current
module; @code{load} is a macro that calls this.  May suspend."
  ((module-ref (resolve-interface '(shepherd user-module)) 'load-in-vicinity*)
   directory file reader))

(define (format/complete destination . arguments)
  "Do what @code{simple-format} does, or @code{format} of @code{(ice-9 format)},
which is loaded for what needs it."
  (apply (if (and (pair? arguments)
                  (string? (car arguments))
                  (simple-format? (car arguments)))
             simple-format
             (module-ref (resolve-interface '(ice-9 format)) 'format))
         destination arguments))

(define (eval/suspendable expression module)
  "Return the values of @var{expression}, evaluated in @var{module}.  May suspend."
  (unless (module? module)
    (scm-error 'wrong-type-arg "eval" "Wrong type argument in position 2: ~S"
               (list module) (list module)))
  (save-module-excursion
   (lambda ()
     (set-current-module module)
     (primitive-eval expression))))

(define (load-compiled/suspendable file)
  "Run the compiled code in @var{file}; return its values.  May suspend."
  (((module-ref (resolve-interface '(system vm loader)) 'load-thunk-from-file)
    file)))

(define (make-sleep suspend)
  (lambda (seconds)
    "Wait for @var{seconds}, a real number that is not negative.  Suspends."
    (unless (and (real? seconds) (>= seconds 0))
      (scm-error 'wrong-type-arg "sleep"
                 "Wrong type argument in position 1: ~S"
                 (list seconds) (list seconds)))
    (if (current-fiber)
        (suspend seconds)
        ((original 'sleep) (inexact->exact (ceiling seconds))))
    0))

(define (make-exit exit)
  (lambda* (#:optional (status 0))
    "Throw @code{quit} with @var{status}, as @code{exit} does: the daemon ends in
order or not at all.  A child of @code{primitive-fork} exits."
    (if (current-fiber)
        (throw 'quit status)
        (exit status))))

(define (make-fork fork)
  (lambda* (#:key preserve-replacement-bindings?)
    "Fork.  The child is an ordinary process, with the core's own bindings again,
unless @var{preserve-replacement-bindings?} is true."
    (let ((pid (fork)))
      (when (zero? pid)
        (false-if-exception (%reset-signals)) ;only shepherd has it
        (leave-scheduler!)
        (current-output-port (fdes->outport 1))
        (current-error-port (fdes->outport 2))
        (unless preserve-replacement-bindings?
          (restore-core-bindings!)))
      pid)))

(define (make-load-path load call-to-load)
  (lambda arguments
    "Load a file of the load path; its module may take its time."
    (call-to-load (lambda ()
                    (apply load arguments)))))

(define* (install-core-replacements! #:key sleep spawn-command
                                     spawn-shell-command call-to-load)
  "Replace bindings of the core: those that wait by @var{sleep}, which takes
seconds, @var{spawn-command} and @var{spawn-shell-command}, which return wait
statuses, where given.  What loads modules is called by way of
@var{call-to-load}."
  (when call-to-load
    (replace! 'primitive-load-path
              (make-load-path (original 'primitive-load-path)
                              call-to-load)))
  (when sleep
    (replace! 'sleep (make-sleep sleep)))
  (when spawn-command
    (replace! 'system*
              (lambda args
                (spawn-command args #:directory (getcwd)))))
  (when spawn-shell-command
    (replace! 'system
              (lambda (command)
                (spawn-shell-command command))))
  (replace! 'newline newline/suspendable)
  (replace! 'primitive-load primitive-load/suspendable)
  (replace! 'load-in-vicinity load-in-vicinity/suspendable)
  (replace! 'format format/complete)
  (replace! 'load-compiled load-compiled/suspendable)
  (replace! 'eval eval/suspendable)
  (replace! 'call-with-input-file call-with-input-file/cloexec)
  (replace! 'call-with-output-file call-with-output-file/cloexec)
  (replace! 'primitive-exit (make-exit (original 'primitive-exit)))
  (replace! 'primitive-_exit (make-exit (original 'primitive-_exit)))
  (replace! 'primitive-fork (make-fork (original 'primitive-fork))))
