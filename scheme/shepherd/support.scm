;;; (shepherd support) -- helpers that configuration files may import.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The forms are in (shepherd support syntax), file names in (shepherd
;;; support files); both are exported from here.  Loaded early in the start of
;;; the daemon: whatever is heavy is loaded on first use.

(define-module (shepherd support)
  #:use-module (shepherd config)
  #:use-module (shepherd support syntax)
  #:use-module (shepherd support files)
  #:use-module (srfi srfi-9)
  #:re-export (%gettext-domain
               l10n
               local-output
               format-message
               assert
               check-argument-types
               let-loop
               catch-system-error
               user-homedir
               %user-config-dir
               %user-log-dir
               %user-runtime-dir
               default-socket-dir
               default-socket-file
               %system-socket-file
               current-socket-file
               user-default-log-file
               system-default-log-file
               default-config-file
               mkdir-p
               with-directory-excursion
               with-atomic-file-output)
  #:re-export-and-replace (define define*)
  #:export (default-logfile-date-format
            program-name
            report-error
            report-hint
            exception-with-kind-and-args?
            list-predicate
            list-of-symbols?
            list-of-strings?
            ring-buffer
            ring-buffer?
            ring-buffer-limit
            ring-buffer-insert
            ring-buffer->list
            at-most
            buffering
            with-system-error-handling
            socket-address->string
            non-blocking-port
            blocking-port
            display-line
            display-version
            initialize-cli
            verify-dir
            primitive-load*
            load-in-user-module
            eval-in-user-module)
  #:replace (make-hook
             hook?
             add-hook!
             run-hook))

(define default-logfile-date-format "%Y-%m-%d %H:%M:%S ")

(define program-name
  (make-parameter "shepherd"))

(define (lazily module name)
  "Return a procedure that calls @var{name} of @var{module}, loaded then."
  (lambda args
    (apply (module-ref (resolve-interface module) name) args)))


;;;
;;; Reports on stderr.
;;;

(define (%report kind control args)
  (let ((port (current-error-port)))
    (display (string-append
              ;; TRANSLATORS: a program's name, and `error' or `hint'.
              (format-message (l10n "~a: ~a: ")
                              (program-name)
                              (if (isatty? port)
                                  ((lazily '(shepherd colors)
                                           'colorize-diagnostic)
                                   kind port)
                                  (diagnostic-word kind)))
              (apply format-message control args) "\n")
             port)
    (force-output port)))

(define-syntax report-error
  (syntax-rules (l10n)
    "Print an error message on stderr, headed by the program's name."
    ((_ (l10n message ...) arg ...)
     (%report 'error (l10n message ...) (list arg ...)))))

(define-syntax report-hint
  (syntax-rules (l10n)
    "Print a hint on stderr, headed by the program's name."
    ((_ (l10n message ...) arg ...)
     (%report 'hint (l10n message ...) (list arg ...)))))

(define (report-system-error args)
  (let ((control (list-ref args 2))
        (parameters (list-ref args 3)))
    (report-error (l10n "~a")
                  (if (and (string? control) (list? parameters))
                      (apply format-message control parameters)
                      (strerror (system-error-errno args))))))

(define-syntax-rule (with-system-error-handling body ...)
  "Evaluate BODY.  On a system error, report it and quit with status 1."
  (catch 'system-error
    (lambda () body ...)
    (lambda args
      (report-system-error args)
      (quit 1))))

(define (exception-with-kind-and-args? obj)
  "Return true if @var{obj} is an exception that @code{throw} made, with a key
and arguments."
  (and (exception? obj)
       (not (eq? '%exception (exception-kind obj)))))


;;;
;;; Predicates.
;;;

(define (list-predicate predicate)
  "Return a procedure that tells whether its argument is a list whose elements
all satisfy @var{predicate}."
  (lambda (obj)
    (and (list? obj) (and-map predicate obj))))

(define list-of-symbols? (list-predicate symbol?))
(define list-of-strings? (list-predicate string?))


;;;
;;; The latest N of a sequence.
;;;

;; A queue as two lists; FRONT is newest first, BACK oldest first.
(define-record-type <ring-buffer>
  (make-ring-buffer limit length front back)
  ring-buffer?
  (limit  ring-buffer-limit)                      ;exact integer
  (length ring-buffer-length)                     ;exact integer
  (front  ring-buffer-front)                      ;list
  (back   ring-buffer-back))                      ;list

(define (ring-buffer size)
  "Return an empty buffer, never changed in place, for @var{size} elements."
  (make-ring-buffer size 0 '() '()))

(define (ring-buffer-insert element buffer)
  "Return @var{buffer} with @var{element} as its newest; the oldest is left out
if there are too many."
  (let ((limit (ring-buffer-limit buffer))
        (length (ring-buffer-length buffer))
        (front (cons element (ring-buffer-front buffer)))
        (back (ring-buffer-back buffer)))
    (cond ((< length limit)
           (make-ring-buffer limit (+ length 1) front back))
          ((pair? back)
           (make-ring-buffer limit length front (cdr back)))
          (else
           (make-ring-buffer limit length '() (cdr (reverse front)))))))

(define (ring-buffer->list buffer)
  "Return the elements of @var{buffer}, newest first."
  (append (ring-buffer-front buffer) (reverse (ring-buffer-back buffer))))

(define (at-most max-length lst)
  "Return two values: the first @var{max-length} elements of @var{lst}, or all
of them if there are fewer, and the rest."
  (let loop ((n max-length) (lst lst) (head '()))
    (if (or (<= n 0) (null? lst))
        (values (reverse head) lst)
        (loop (- n 1) (cdr lst) (cons (car lst) head)))))


;;;
;;; Hooks.
;;;

;; The core ones run their procedures from C, where these can't suspend.
;; Hooks that the core made are handed on to it.
(define-record-type <hook>
  (%make-hook arity procedures)
  suspendable-hook?
  (arity      hook-arity)                         ;exact integer
  (procedures hook-procedures set-hook-procedures!))

(define* (make-hook #:optional (arity 0))
  "Return a hook whose procedures take @var{arity} arguments."
  (%make-hook arity '()))

(define (hook? obj)
  "Return true if @var{obj} is a hook."
  (or (suspendable-hook? obj)
      ((@@ (guile) hook?) obj)))

(define* (add-hook! hook proc #:optional append?)
  "Add @var{proc} to @var{hook}: at the end if @var{append?} is true, else at
the beginning.  A procedure that it holds already only changes place."
  (if (suspendable-hook? hook)
      (let ((others (delq proc (hook-procedures hook))))
        (set-hook-procedures! hook
                              (if append?
                                  (append others (list proc))
                                  (cons proc others))))
      ((@@ (guile) add-hook!) hook proc append?)))

(define (run-hook hook . args)
  "Call each procedure of @var{hook} with @var{args}.  May suspend."
  (cond ((not (suspendable-hook? hook))
         (apply (@@ (guile) run-hook) hook args))
        ((= (length args) (hook-arity hook))
         (for-each (lambda (proc) (apply proc args))
                   (hook-procedures hook)))
        (else
         (scm-error 'misc-error 'run-hook
                    "Hook ~S requires ~A arguments"
                    (list hook (hook-arity hook)) #f))))


;;;
;;; Ports and addresses.
;;;

(define (buffering port type . args)
  "Set the buffering of @var{port} as @code{setvbuf} does; return it."
  (apply setvbuf port type args)
  port)

(define (set-blocking port blocking?)
  (let* ((flags (fcntl port F_GETFL))
         (wanted (if blocking?
                     (logand flags (lognot O_NONBLOCK))
                     (logior flags O_NONBLOCK))))
    (unless (= wanted flags)
      (fcntl port F_SETFL wanted))
    port))

(define (non-blocking-port port)
  "Make the description behind @var{port} non-blocking; return @var{port}."
  (set-blocking port #f))

(define (blocking-port port)
  "Make the description behind @var{port} blocking; return @var{port}."
  (set-blocking port #t))

(define (socket-address->string address)
  "Return the usual notation of socket address @var{address}:
@code{127.0.0.1:80}, @code{[::1]:80} or a file name."
  (let ((family (sockaddr:fam address)))
    (cond ((= family AF_UNIX)
           (or (sockaddr:path address) ""))
          ((or (= family AF_INET) (= family AF_INET6))
           (let ((host (inet-ntop family (sockaddr:addr address)))
                 (port (number->string (sockaddr:port address))))
             (if (= family AF_INET6)
                 (string-append "[" host "]:" port)
                 (string-append host ":" port))))
          (else
           (object->string address)))))


;;;
;;; Programs.
;;;

(define* (display-line message #:optional (port (current-output-port)))
  "Display @var{message} and a newline on @var{port}."
  (display (format-message "~a\n" message) port))

(define* (display-version #:optional (name (program-name)))
  "Display what @code{--version} of program @var{name} prints."
  (display-line (string-append name " (" package-name ") " Version))
  (display-line (l10n "Copyright (C) 2026 The Shepherd authors"))
  (display-line (l10n "License GPLv3+: GNU GPL version 3 or later \
<https://gnu.org/licenses/gpl.html>.
This is free software: you are free to change and redistribute it.
There is NO WARRANTY, to the extent permitted by law.")))

(define (initialize-cli)
  "Prepare messages in the user's language."
  (catch-system-error (setlocale LC_ALL ""))
  (bindtextdomain %gettext-domain (or (getenv "TEXTDOMAINDIR") %localedir))
  (textdomain %gettext-domain)
  (unless (isatty? (current-output-port))
    (setvbuf (current-output-port) 'block)))

(define* (verify-dir dir #:key (secure? #t))
  "Check that @var{dir} can hold the socket: with @var{secure?}, it must be
the user's own and closed to others.  Else report that and exit with status
1.  The default directory is made if needed."
  (when (string=? dir default-socket-dir)
    (catch-system-error (mkdir-p dir #o700)))
  (when secure?
    (let ((info (catch 'system-error
                  (lambda () (lstat dir))
                  (lambda args
                    (report-error (l10n "cannot access directory of socket \
'~a': ~a")
                                  dir (strerror (system-error-errno args)))
                    (exit 1)))))
      (unless (and (= (stat:uid info) (getuid))
                   (eq? (stat:type info) 'directory)
                   (= (stat:perms info) #o700))
        (report-error (l10n "~a: socket directory has insecure permissions")
                      dir)
        (exit 1)))))


;;;
;;; Loading code: in (shepherd user-module), which imports this module.
;;;

(define (primitive-load* file)
  "Evaluate the data in @var{file} in the current module; return the value of
the last one.  Errors are raised.  May suspend."
  ((lazily '(shepherd user-module) 'primitive-load*) file))

(define (load-in-user-module file)
  "Evaluate the data in @var{file} in a fresh module, as those of a configuration
file; return the value of the last one.  May suspend."
  ((lazily '(shepherd user-module) 'load-in-user-module) file))

(define (eval-in-user-module exp)
  "Evaluate @var{exp} in a fresh module; return its first value.  May suspend."
  ((lazily '(shepherd user-module) 'eval-in-user-module) exp))
