;;; (shepherd service-maker) -- actions that make transient services.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A client gives words, a command and what stands before it, and options.  The
;;; service that comes of them requires the one with the action, and is gone when
;;; that stops, when its work is done, or when it could not be started.  A
;;; successor of this process makes it again of the same words and options.

(define-module (shepherd service-maker)
  #:use-module (ice-9 match)
  #:use-module ((srfi srfi-1) #:select (fold-right span))
  #:use-module (srfi srfi-11)
  #:use-module (shepherd conditions)
  #:use-module (shepherd controller)
  #:use-module (shepherd credentials)
  #:use-module (shepherd definition)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd process)
  #:use-module (shepherd publication)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd registration)
  #:use-module (shepherd registry)
  #:use-module (shepherd root)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (declare-service-maker!
            words-and-options
            make-and-start))

(define kinds (make-hash-table))        ;kind -> procedure

;; Service -> (KIND WORDS . OPTIONS), which it was made of.
(define requests (make-weak-key-hash-table))

(define (declare-service-maker! kind methods)
  "Let @code{make-and-start} make services of @var{kind}, a symbol that their
names begin with.  @code{(@var{methods} WORDS LOG-FILE . KEYWORDS)} returns four
values for such a service: its start and stop methods, its actions and its
documentation.  KEYWORDS say whom a process runs as, where, and in which
environment, as those of @code{fork+exec-command} do."
  (hashq-set! kinds kind methods))


;;;
;;; Making one.
;;;

(define (with-variable variable environment)
  "Return @var{environment} with @var{variable}, a string, in place of another of
that name."
  (match (string-split variable #\=)
    ((name value ..1)
     (cons variable (without-variables (list name) environment)))
    (_
     (raise-message #f (l10n "~s: invalid environment variable; expected \
NAME=VALUE")
                    variable))))

(define* (request->service kind words
                           #:key name requirement directory log-file user group
                           (extra-environment-variables '()))
  "Return the service that runs what @var{words} say, in the home directory of
@var{user}, if not @code{#f}, unless @var{directory} is given."
  (define entry
    (and user (user-entry user)))

  ;; If there is no such group, now is the time to tell.
  (when group
    (group->gid group))
  (let-values (((start stop actions documentation)
                ((hashq-ref kinds kind)
                 words log-file
                 #:user user
                 #:group group
                 #:directory
                 (cond (directory)
                       (entry (directory-or-root (passwd:dir entry)))
                       (else (default-service-directory)))
                 #:environment-variables
                 (fold-right with-variable
                             (if entry
                                 (user-environment-variables user)
                                 (default-environment-variables))
                             extra-environment-variables))))
    (service (list name)
             #:requirement requirement
             #:transient? #t
             #:start start
             #:stop stop
             #:actions actions
             #:documentation documentation)))

(define (fresh-name kind)
  "Return a symbol that names no service, and named none that was made before."
  (let ((number (+ 1 (or (recall kind) 0))))
    (remember! kind number)
    (publish-service! root-service)
    (let ((name (symbol-append kind '-
                               (string->symbol (number->string number)))))
      (if (lookup-service name)
          (fresh-name kind)
          name))))

(define (register-unless-taken! new)
  (let ((name (service-canonical-name new)))
    (without-preemption
     (when (lookup-service name)
       (raise-message #f (l10n "~a: there is a service of that name already")
                      name))
     (register-services (list new)))))

(define (start-or-forget new)
  "Start the service @var{new}; unregister it and throw if that fails."
  (define (forget)
    (unregister-services (list new)))

  (unless (catch #t
            (lambda ()
              (start-service new))
            (lambda exception
              (forget)
              (apply throw exception)))
    (forget)
    (raise-message #f (l10n "~a could not be started")
                   (service-canonical-name new))))


;;;
;;; Actions.
;;;

(define (words-and-options arguments)
  "Return two values: the strings that the list @var{arguments} begins with, and
the rest."
  (span string? arguments))

(define (make-and-start kind words options)
  "Make, register and start a service of @var{kind}, which requires the current
one, of the list of strings @var{words} and the keywords @var{options}:
@code{#:name}, @code{#:requirement}, @code{#:directory}, @code{#:log-file},
@code{#:user}, @code{#:group} and @code{#:extra-environment-variables}.  Return
its name.  Throw @code{misc-error} if that name is in use; what cannot be started
is unregistered.  Suspends."
  (let* ((options `(#:requirement ,(list (service-canonical-name
                                          (current-service)))
                    ,@(if (memq #:name options)
                          '()
                          `(#:name ,(fresh-name kind)))
                    ,@options))
         (new (apply request->service kind words options)))
    (hashq-set! requests new (cons* kind words options))
    (register-unless-taken! new)
    (start-or-forget new)
    (service-canonical-name new)))


;;;
;;; For a successor of this process.
;;;

(define (service->request service)
  (hashq-ref requests service))

(define (await-start request service)
  "Do for @var{service}, if it is starting, what the action was doing when this
process was replaced."
  (when (eq? 'starting (service-status service))
    (spawn-fiber (lambda ()
                   (catch #t
                     (lambda ()
                       (start-or-forget service))
                     (const #f)))       ;the log tells
                 #:name (symbol->string (service-canonical-name service)))))

(define (request->successor name request)
  "Return the service that @var{request} makes, or @code{#f} if it would not be
made any more."
  (catch #t
    (lambda ()
      (let ((new (apply request->service request)))
        (hashq-set! requests new request)
        new))
    (const #f)))

(declare-saved-part! 'request service->request await-start
                     request->successor)
