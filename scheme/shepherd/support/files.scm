;;; (shepherd support files) -- where things are, and making directories.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Names follow the XDG base directory specification; they are computed
;;; once, from the environment that the program starts with.

(define-module (shepherd support files)
  #:use-module (shepherd config)
  #:use-module ((shepherd support syntax) #:select (l10n catch-system-error))
  #:export (user-homedir
            %user-config-dir
            %user-log-dir
            %user-cache-dir
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
            with-atomic-file-output))

(define (environment-directory variable)
  "Return the value of environment variable @var{variable}, #f if it is unset
or empty."
  (let ((value (getenv variable)))
    (and value (not (string-null? value)) value)))

(define user-homedir
  (or (environment-directory "HOME")
      ;; May consult the name services: only where the environment is silent.
      (false-if-exception (passwd:dir (getpwuid (getuid))))
      "/"))

(define (under-home variable default)
  (string-append (or (environment-directory variable)
                     (string-append user-homedir default))
                 "/shepherd"))

(define %user-config-dir (under-home "XDG_CONFIG_HOME" "/.config"))
(define %user-log-dir (under-home "XDG_STATE_HOME" "/.local/state"))
(define %user-cache-dir (under-home "XDG_CACHE_HOME" "/.cache"))

(define %user-runtime-dir
  (or (environment-directory "XDG_RUNTIME_DIR")
      (string-append "/run/user/" (number->string (getuid)))))

(define %system-socket-file
  (string-append %runstatedir "/shepherd/socket"))

(define default-socket-dir
  (string-append (if (zero? (getuid)) %runstatedir %user-runtime-dir)
                 "/shepherd"))

(define default-socket-file
  (string-append default-socket-dir "/socket"))

(define current-socket-file
  (make-parameter (or (environment-directory "SHEPHERD_SOCKET")
                      default-socket-file)))


;;;
;;; Directories.
;;;

(define (make-directory dir mode)
  "Make directory @var{dir}; give it exactly @var{mode}, if not #f.  Return
true if it was made, #f if it existed."
  (catch 'system-error
    (lambda ()
      ;; Never wider than asked for, not even for an instant.
      (if mode (mkdir dir mode) (mkdir dir))
      (when mode (chmod dir mode))
      #t)
    (lambda args
      (if (and (memv (system-error-errno args) (list EEXIST EISDIR EROFS))
               (file-exists? dir)
               (file-is-directory? dir))
          #f
          (apply throw args)))))

(define* (mkdir-p dir #:optional mode)
  "Make directory @var{dir} and the parents that it lacks.  If @var{dir} was
made, give it @var{mode}; what existed before keeps its mode."
  (let loop ((dir dir) (mode mode))
    (unless (catch 'system-error
              (lambda () (make-directory dir mode) #t)
              (lambda args
                (if (= ENOENT (system-error-errno args))
                    #f
                    (apply throw args))))
      (let ((parent (dirname dir)))
        (when (string=? parent dir)
          (throw 'system-error "mkdir" "~A: ~A"
                 (list dir (strerror ENOENT)) (list ENOENT)))
        (loop parent #f)
        (make-directory dir mode)))))

(define-syntax-rule (with-directory-excursion dir body ...)
  "Run BODY with DIR as the working directory; go back whenever control
leaves, be it to another fiber."
  (let ((inside dir) (outside #f))
    (dynamic-wind
      (lambda ()
        (set! outside (getcwd))
        (chdir inside)
        (set! inside (getcwd)))
      (lambda () body ...)
      (lambda () (chdir outside)))))

(define (with-atomic-file-output file proc)
  "Call @var{proc} with an output port; let what it writes replace @var{file}
at once when it returns, and leave @var{file} alone if it raises."
  (let* ((port (mkstemp (string-append file ".XXXXXX")))
         (temporary (port-filename port)))
    (fcntl port F_SETFD FD_CLOEXEC)
    (catch #t
      (lambda ()
        (call-with-values (lambda () (proc port))
          (lambda results
            (close-port port)
            (rename-file temporary file)
            (apply values results))))
      (lambda args
        (catch-system-error (close-port port))
        (catch-system-error (delete-file temporary))
        (apply throw args)))))


;;;
;;; Default files.
;;;

(define (user-default-log-file)
  "Return the name of a user's log file; make its directory."
  (mkdir-p %user-log-dir #o700)
  (string-append %user-log-dir "/shepherd.log"))

(define (system-default-log-file)
  "Return the name of the system's log file; make its directory."
  (let ((dir (string-append %localstatedir "/log")))
    (mkdir-p dir)
    (string-append dir "/shepherd.log")))

(define (configuration-template)
  (string-append
   ";; " (l10n "Configuration of the Shepherd.") "\n"
   "\n"
   ";; " (l10n "Services to know about: (list (service '(NAME) ...) ...).") "\n"
   "(register-services '())\n"
   "\n"
   ";; " (l10n "Send the Shepherd to the background.") "\n"
   "(perform-service-action root-service 'daemonize)\n"
   "\n"
   ";; " (l10n "Names of the services to start.") "\n"
   "(start-in-the-background '())\n"))

(define (default-config-file)
  "Return the name of the configuration file.  A user who has none gets a
first one."
  (if (zero? (getuid))
      (string-append %sysconfdir "/shepherd.scm")
      (let ((file (string-append %user-config-dir "/init.scm")))
        (mkdir-p %user-config-dir #o700)
        (unless (file-exists? file)
          (call-with-output-file file
            (lambda (port) (display (configuration-template) port))))
        file)))
