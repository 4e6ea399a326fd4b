;;; (shepherd system) -- calls of the kernel that Guile lacks.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For services and configuration files; the daemon itself does these things
;;; in its core.  Functions of the C library are looked up when first called.

(define-module (shepherd system)
  #:use-module (rnrs bytevectors)
  #:use-module (shepherd file-contents)
  #:use-module (shepherd support)
  #:export (reboot
            halt
            power-off
            reboot-kexec
            kexec-supported?
            kexec-loaded?
            disable-reboot-on-ctrl-alt-del
            max-file-descriptors
            prctl
            PR_SET_CHILD_SUBREAPER
            getpgid
            ipv6-only
            mark-as-close-on-exec
            SFD_CLOEXEC
            SFD_NONBLOCK
            signalfd
            consume-signalfd-siginfo
            block-signals
            unblock-signals
            set-blocked-signals
            with-blocked-signals
            wait-for-file-deletion
            %gzip-program
            %zstd-program
            without-automatic-finalization))


;;;
;;; Calling C.
;;;

(define (foreign name)
  (module-ref (resolve-interface '(system foreign)) name))

(define (c-function name result . arguments)
  "Return a procedure that calls C function @var{name}, and returns its result
and errno.  Types are names in (system foreign), or @code{*}."
  (define (type name)
    (if (eq? name '*) '* (foreign name)))
  ((foreign 'pointer->procedure) (type result)
   (dynamic-func name (dynamic-link))
   (map type arguments)
   #:return-errno? #t))

(define (call-c message name arguments . types)
  "Call C function @var{name}, which returns an @code{int}; raise a
@code{system-error} with @var{message}, or with errno's, if it fails."
  (call-with-values
      (lambda ()
        (apply (apply c-function name 'int types) arguments))
    (lambda (result errno)
      (if (< result 0)
          (throw 'system-error name
                 (if message "~A: ~A" "~A")
                 (if message
                     (list (strerror errno) message)
                     (list (strerror errno)))
                 (list errno))
          result))))

(define (bytevector->address bytes)
  ((foreign 'bytevector->pointer) bytes))


;;;
;;; The machine.
;;;

(define RB_AUTOBOOT #x01234567)
(define RB_HALT_SYSTEM #xcdef0123)
(define RB_POWER_OFF #x4321fedc)
(define RB_KEXEC #x45584543)
(define RB_DISABLE_CAD 0)

(define (call-reboot how name)
  ;; The machine is the init's: a mere root daemon must not take it down.
  (unless (= 1 (getpid))
    (throw 'system-error "reboot" "~A: ~A"
           (list (strerror EPERM) name) (list EPERM)))
  (call-c name "reboot" (list how) 'uint32))

(define (reboot)
  "Restart the machine at once.  Only the init may."
  (sync)
  (call-reboot RB_AUTOBOOT "RB_AUTOBOOT"))

(define (halt)
  "Halt the machine at once.  Only the init may."
  (sync)
  (call-reboot RB_HALT_SYSTEM "RB_HALT_SYSTEM"))

(define (power-off)
  "Switch the machine off at once.  Only the init may."
  (sync)
  (call-reboot RB_POWER_OFF "RB_POWER_OFF"))

(define (reboot-kexec)
  "Jump into the kernel that was loaded.  Only the init may."
  (sync)
  (call-reboot RB_KEXEC "RB_KEXEC"))

(define (kexec-supported?)
  "Return true if the kernel could be replaced without a restart."
  #t)

(define (kexec-loaded?)
  "Return true if a kernel to replace this one was loaded."
  (->bool
   (catch-system-error
    (call-with-input-file "/sys/kernel/kexec_loaded"
      (lambda (port)
        (eqv? #\1 (read-char port)))))))

(define (disable-reboot-on-ctrl-alt-del)
  "Let ctrl-alt-del send SIGINT to the init.  Only the init may ask."
  (call-reboot RB_DISABLE_CAD "RB_DISABLE_CAD"))


;;;
;;; Processes and descriptors.
;;;

(define PR_SET_CHILD_SUBREAPER 36)

(define (prctl process operation)
  "Call prctl(2) with the operation @var{process} and the argument
@var{operation}, two integers."
  (call-c #f "prctl" (list process operation 0 0 0)
          'int 'unsigned-long 'unsigned-long 'unsigned-long 'unsigned-long))

(define (getpgid pid)
  "Return the process group of process @var{pid}."
  (call-c #f "getpgid" (list pid) 'int))

(define (max-file-descriptors)
  "Return how many descriptors a process may have."
  (call-with-values (lambda () (getrlimit 'nofile))
    (lambda (soft hard)
      ;; #f: no limit; then the kernel's own applies.
      (or soft 1048576))))

(define (ipv6-only port)
  "Keep the AF_INET6 socket @var{port} from handling IPv4; return it."
  (setsockopt port 41 26 1)             ;IPPROTO_IPV6, IPV6_V6ONLY
  port)

(define (mark-as-close-on-exec)
  "Keep programs that are executed from inheriting descriptors other than the
first three."
  (for-each (lambda (name)
              (let ((fd (string->number name)))
                (when (and fd (> fd 2))
                  (catch-system-error
                   (fcntl fd F_SETFD (logior FD_CLOEXEC (fcntl fd F_GETFD)))))))
            (directory-entries "/proc/self/fd")))


;;;
;;; Signals.
;;;

(define SFD_CLOEXEC #o2000000)
(define SFD_NONBLOCK #o4000)

(define %signal-set-size 128)
(define %signals 64)

(define (signals->set signals)
  (let ((set (make-bytevector %signal-set-size 0)))
    (for-each (lambda (signal)
                (let ((byte (quotient (- signal 1) 8)))
                  (bytevector-u8-set! set byte
                                      (logior (bytevector-u8-ref set byte)
                                              (ash 1 (remainder (- signal 1)
                                                                8))))))
              signals)
    set))

(define (set->signals set)
  (filter (lambda (signal)
            (logbit? (remainder (- signal 1) 8)
                     (bytevector-u8-ref set (quotient (- signal 1) 8))))
          (iota %signals 1)))

(define* (signalfd fd signals #:optional (flags SFD_CLOEXEC))
  "Return a file descriptor (a new one if @var{fd} is -1) on which
@var{signals}, a list, arrive once they are blocked."
  (call-c #f "signalfd"
          (list fd (bytevector->address (signals->set signals)) flags)
          'int '* 'int))

(define %siginfo-size 128)

(define (consume-signalfd-siginfo port)
  "Return the number of the next signal that arrives on @var{port}, the port of
a descriptor of @code{signalfd}.  May suspend."
  (let ((info ((module-ref (resolve-interface '(ice-9 binary-ports))
                           'get-bytevector-n)
               port %siginfo-size)))
    (bytevector-u32-native-ref info 0)))

(define (change-mask how signals)
  (let* ((old (make-bytevector %signal-set-size 0))
         (set (signals->set signals)))
    (call-c #f "sigprocmask"
            (list how (bytevector->address set) (bytevector->address old))
            'int '* '*)
    (set->signals old)))

(define (block-signals signals)
  "Block the list @var{signals} in this thread.  Return the list of those that
were blocked before."
  (change-mask 0 signals))

(define (unblock-signals signals)
  "Unblock the list @var{signals} in this thread.  Return the list of those
that were blocked before."
  (change-mask 1 signals))

(define (set-blocked-signals signals)
  "Block exactly the list @var{signals} in this thread.  Return the list of
those that were blocked before."
  (change-mask 2 signals))

(define (call-with-blocked-signals signals thunk)
  (let ((old #f))
    (dynamic-wind
      (lambda () (set! old (block-signals signals)))
      thunk
      (lambda () (set-blocked-signals old)))))

(define-syntax-rule (with-blocked-signals signals exp ...)
  "Evaluate EXP with the list SIGNALS blocked in this thread."
  (call-with-blocked-signals signals (lambda () exp ...)))


;;;
;;; Files.
;;;

(define IN_CLOEXEC #o2000000)
(define IN_NONBLOCK #o4000)
(define IN_ATTRIB #x4)
(define IN_DELETE_SELF #x400)
(define IN_MOVE_SELF #x800)

(define (watch-file file)
  "Return a port on which something arrives when @var{file} may have gone."
  (let ((fd (call-c #f "inotify_init1"
                    (list (logior IN_CLOEXEC IN_NONBLOCK)) 'int)))
    (catch #t
      (lambda ()
        (call-c #f "inotify_add_watch"
                (list fd ((foreign 'string->pointer) file)
                      (logior IN_ATTRIB IN_DELETE_SELF IN_MOVE_SELF))
                'int '* 'uint32)
        (fdopen fd "rb"))
      (lambda args
        (close-fdes fd)
        (apply throw args)))))

(define (wait-for-file-deletion file)
  "Return once there is no @var{file}.  Suspends."
  (define get-event
    (module-ref (resolve-interface '(ice-9 binary-ports)) 'get-bytevector-some))

  (catch 'system-error
    (lambda ()
      (let ((port (watch-file file)))
        (let loop ()
          (when (file-exists? file)
            (get-event port)
            (loop)))
        (close-port port)))
    (lambda args
      (unless (= ENOENT (system-error-errno args))
        (apply throw args)))))

(define-syntax build-time-program
  (lambda (form)
    "The absolute name of a program, looked up when this file is compiled."
    (syntax-case form ()
      ((_ name)
       (datum->syntax form
                      (let ((name (syntax->datum #'name)))
                        (or (search-path (parse-path (getenv "PATH")) name)
                            name)))))))

(define %gzip-program (build-time-program "gzip"))
(define %zstd-program (build-time-program "zstd"))

(define (set-automatic-finalization! enabled?)
  "Return whether it was enabled."
  (call-with-values
      (lambda ()
        ((c-function "scm_set_automatic_finalization_enabled" 'int 'int)
         (if enabled? 1 0)))
    (lambda (result errno)
      (not (zero? result)))))

(define (call-without-automatic-finalization thunk)
  (let ((enabled? #t))
    (dynamic-wind
      (lambda () (set! enabled? (set-automatic-finalization! #f)))
      thunk
      (lambda () (set-automatic-finalization! enabled?)))))

(define-syntax-rule (without-automatic-finalization exp ...)
  "Evaluate EXP without a thread for finalization."
  (call-without-automatic-finalization (lambda () exp ...)))
