;;; (shepherd repl code) -- compiling what clients of the REPL evaluate.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Guile never gives back code that it compiled and loaded, and the collector
;;; ends the process when there are some thousand pieces of it.  With many of
;;; them, expressions are interpreted.

(define-module (shepherd repl code)
  #:use-module (ice-9 textual-ports)
  #:use-module ((system base compile) #:select (default-optimization-level
                                                default-warning-level
                                                read-and-compile))
  #:use-module ((system base language) #:select (default-environment
                                                 language-printer
                                                 lookup-language))
  #:use-module (system repl common)
  #:use-module ((system vm loader) #:select (all-mapped-elf-images))
  #:use-module (shepherd repl errors)
  #:use-module (shepherd repl guile)
  #:use-module (shepherd support)
  #:use-module ((shepherd support files) #:select (%user-cache-dir)))

(define %most-images 1500)

(define (count-images)
  (length (all-mapped-elf-images)))

(define loaded (count-images))          ;images, apart from some modules

(define (room-for-code?)
  (when (>= loaded %most-images)
    (set! loaded (count-images)))
  (< loaded %most-images))

(define (refuse-code)
  (scm-error 'misc-error #f
             (l10n "too many pieces of compiled code were loaded; \
'herd reexec root' makes room")
             '() #f))

(define (load-if-room load)
  (lambda (code)
    "Load compiled code, unless there is too much of it already."
    (unless (room-for-code?)
      (refuse-code))
    (set! loaded (+ 1 loaded))
    (load code)))

(replace! '(system vm loader) 'load-thunk-from-memory load-if-room)
(replace! '(system vm loader) 'load-thunk-from-file load-if-room)

(define (interpret-if-full repl)
  (unless (or (repl-option-ref repl 'interp) (room-for-code?))
    (display-line (l10n "note: compiled code has used up its room; \
expressions are interpreted from now on")
                  (current-warning-port))
    (repl-option-set! repl 'interp #t)))

(replace! '(system repl common) 'repl-prepare-eval-thunk
          (lambda (prepare)
            (lambda (repl form)
              "Return a thunk that evaluates FORM: compiled, if there is room."
              (interpret-if-full repl)
              (let ((thunk (prepare repl form)))
                (lambda ()
                  (call-with-values thunk
                    (lambda results
                      (await-client)
                      (apply values results))))))))


;;;
;;; Files.
;;;

;; The daemon does not look for compiled files in the user's cache.  Who compiles
;; one all the same, and does not say where to, finds it in our own.
(define (cached-file-name file)
  (string-append %user-cache-dir "/compiled" (canonicalize-path file) ".go"))

(define (open-source file canonicalization)
  "Return a port with the text of @var{file}, which is closed again already."
  (let ((port (open-input-string
               (call-with-input-file file get-string-all
                                     #:guess-encoding #t
                                     #:encoding "UTF-8"))))
    (set-port-filename! port (if (eq? 'absolute canonicalization)
                                 (canonicalize-path file)
                                 file))
    port))

(define* (compile-file file #:key output-file
                       (from (current-language))
                       (to 'bytecode)
                       (env (default-environment from))
                       (optimization-level (default-optimization-level))
                       (warning-level (default-warning-level))
                       (opts '())
                       (canonicalization 'relative))
  "Compile @var{file} and return the name of the compiled file.  Like Guile's, which
cannot be preempted."
  (let ((output-file (or output-file (cached-file-name file)))
        (code (read-and-compile (open-source file canonicalization)
                                #:env env #:from from #:to to
                                #:optimization-level optimization-level
                                #:warning-level warning-level
                                #:opts (cons* #:to-file? #t opts))))
    (mkdir-p (dirname output-file))
    (with-atomic-file-output output-file
      (lambda (port)
        ((language-printer (lookup-language to)) code port)))
    output-file))

(replace! '(system base compile) 'compile-file
          (const compile-file))
