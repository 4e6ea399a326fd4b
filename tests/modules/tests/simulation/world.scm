;;; (tests simulation world) -- a simulated core, over virtual time.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; What the interpreter asks goes through one queue, what it is told through
;;; another: within each, order is kept, and everything else is up to chance.
;;; A spawn lands any time after it was asked for; a process that ended is
;;; reaped any time later, and is told of after its spawn; a question about
;;; killing is answered before or after that end, as it happened.
;;;
;;; Time passes while nothing can run, and a little while something does.

(define-module (tests simulation world)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (shepherd host)
  #:use-module (tests simulation chance)
  #:use-module (tests simulation preemption)
  #:export (make-world
            world-time
            world-processes
            world-rings
            world-publications
            world-shutdown
            world-calm?
            calm-world!
            install-world!
            wait-in-world
            time-in-world
            at!
            tell!
            deliver!
            end-process!
            crash-world!
            world-inheritance

            make-profile
            profile?
            profile-program
            profile-owner
            process-pid
            process-group
            process-profile
            process-helper?
            process-alive?))

(define-record-type <world>
  (%make-world chance observe idle time agenda asked told ready
               processes pid publications rings shutdown calm? profiles image)
  world?
  (chance       world-chance)
  (observe      world-observe)          ;symbol, arguments -> unspecified
  (idle         world-idle)             ;thunk: nothing will ever happen
  (time         world-time set-world-time!)       ;ns
  (agenda       world-agenda set-world-agenda!)   ;list of (NS TIE . THUNK)
  (asked        world-asked set-world-asked!)     ;requests, oldest first
  (told         world-told set-world-told!)       ;events, oldest first
  (ready        world-ready set-world-ready!)     ;events, latest first
  (processes    world-processes set-world-processes!)
  (pid          world-pid set-world-pid!)         ;the latest
  (publications world-publications)     ;name -> (NAMES HEAD TAIL RING SAVED)
  (rings        world-rings)            ;ring -> program
  (shutdown     world-shutdown set-world-shutdown!)
  (calm?        world-calm? set-world-calm!)
  (profiles     world-profiles)         ;program -> profile
  (image        world-image set-world-image!)) ;number of crashes

(define %start-of-time (* 1000000 1000000000))

;; Above what Linux gives out: none of these is in /proc.
(define %first-pid 10000000)

(define* (make-world chance #:key observe idle profiles)
  "Return a world where OBSERVE is called with all that happens, and IDLE when
nothing will ever happen again.  PROFILES maps programs to profiles."
  (%make-world chance observe idle %start-of-time '() '() '() '()
               '() %first-pid (make-hash-table) (make-hash-table) #f #f
               profiles 0))

;; How the processes of a program behave.
(define-record-type <profile>
  (make-profile program owner failure life status on-term helper)
  profile?
  (program profile-program)             ;string
  (owner   profile-owner)               ;any object
  (failure profile-failure)             ;#f or (STEP . ERRNO)
  ;; Nanoseconds until it ends by itself, save in calm; (certain . NS), even
  ;; then; #f, never.
  (life    profile-life)
  (status  profile-status)              ;wait status then
  (on-term profile-on-term)             ;ns from SIGTERM to its end, or #f
  (helper  profile-helper))             ;#f or (NS . PROFILE) forked so late

(define-record-type <process>
  (make-process pid group profile service ring helper? state status told?
                watched?)
  process?
  (pid      process-pid)
  (group    process-group)
  (profile  process-profile)
  (service  process-service)            ;name of whom it was spawned for, or ""
  (ring     process-ring)               ;of its output; 0: none
  (helper?  process-helper?)            ;not spawned by the core
  (state    process-state set-process-state!) ;alive | zombie
  (status   process-status set-process-status!)
  (told?    process-told? set-process-told!)  ;of its spawn
  (watched? process-watched? set-process-watched!))

(set-record-type-printer! <process>
  (lambda (process port)
    (simple-format port "<~a~a ~a group ~a~a>"
                   (profile-program (process-profile process))
                   (if (process-helper? process) " helper" "")
                   (process-pid process) (process-group process)
                   (if (process-status process)
                       (simple-format #f " ended ~a" (process-status process))
                       ""))))

(define (process-alive? process)
  "Return true unless PROCESS has ended."
  (eq? 'alive (process-state process)))

(define (observe world . what)
  (apply (world-observe world) what))


;;;
;;; Time.
;;;

(define (at! world delay thunk)
  "Have THUNK called DELAY nanoseconds from now; what happens at one time
happens in any order."
  (define entry
    (cons* (+ delay (world-time world))
           (below (world-chance world) 1000000)
           thunk))

  (define (later? other)
    (or (> (car other) (car entry))
        (and (= (car other) (car entry))
             (>= (cadr other) (cadr entry)))))

  (set-world-agenda! world
                     (let insert ((agenda (world-agenda world)))
                       (match agenda
                         (() (list entry))
                         ((first . rest)
                          (if (later? first)
                              (cons entry agenda)
                              (cons first (insert rest))))))))

(define (after-a-while! world thunk)
  (at! world (delay-of-chance (world-chance world)) thunk))

(define (time-in-world world)
  "Return the time, which passes a little between two looks at the clock."
  (let ((chance (world-chance world)))
    (when (zero? (below chance 4))
      (set-world-time! world
                       (+ (world-time world)
                          (below chance (if (zero? (below chance 8))
                                            (milliseconds 3)
                                            200000))))))
  (world-time world))

(define (take-ready! world)
  (let ((events (reverse (world-ready world))))
    (set-world-ready! world '())
    (for-each (lambda (event)
                (observe world 'event event))
              events)
    events))

;; For so long after the core was asked to end the daemon things go on: more
;; than any delay of a service.
(define %aftermath (* 60 1000000000))

(define (wait-in-world world nanoseconds)
  "Return the events that come within NANOSECONDS, as %wait does."
  (define deadline
    (if (< nanoseconds 0)
        (inf)
        (+ nanoseconds (world-time world))))

  (let loop ()
    (match (world-agenda world)
      ((((? (lambda (time) (<= time (world-time world)))) _ . thunk) . rest)
       (set-world-agenda! world rest)
       (thunk)
       (loop))
      (agenda
       (cond ((pair? (world-ready world))
              (take-ready! world))
             ((and (pair? agenda) (<= (caar agenda) deadline))
              (set-world-time! world (caar agenda))
              (loop))
             ((inf? deadline)
              ((world-idle world))
              (if (null? (world-agenda world))
                  '()
                  (loop)))
             (else
              (set-world-time! world (max deadline (world-time world)))
              '()))))))


;;;
;;; The two queues.
;;;

(define (ask! world thunk)
  "Have the core perform THUNK, after what it was asked before."
  (set-world-asked! world (append (world-asked world) (list thunk)))
  (after-a-while! world
                  (lambda ()
                    (match (world-asked world)
                      (() #f)           ;there was a crash
                      ((first . rest)
                       (set-world-asked! world rest)
                       (first))))))

(define (deliver! world event)
  "Have the interpreter be told EVENT now."
  (set-world-ready! world (cons event (world-ready world))))

(define (tell! world event)
  "Have the interpreter be told EVENT, after what it was told before."
  (set-world-told! world (append (world-told world) (list event)))
  (after-a-while! world
                  (lambda ()
                    (match (world-told world)
                      (() #f)
                      ((first . rest)
                       (set-world-told! world rest)
                       (deliver! world first))))))


;;;
;;; Processes.
;;;

(define (find-process world pid)
  (find (lambda (process)
          (= pid (process-pid process)))
        (world-processes world)))

(define* (start-process! world profile group #:key helper? (service "")
                         (ring 0))
  "Start a process of PROFILE in GROUP, its own if #f, for SERVICE, which prints
to RING; return it."
  (let* ((pid (+ 1 (world-pid world)))
         (process (make-process pid (or group pid) profile service ring helper?
                                'alive #f helper? #f)))
    (set-world-pid! world pid)
    (set-world-processes! world (cons process (world-processes world)))
    (observe world 'process process)
    (match (profile-life profile)
      (#f #f)
      (('certain . life)
       (at! world life
            (lambda ()
              (end-process! world process (profile-status profile)))))
      (life
       (at! world life
            (lambda ()
              (unless (world-calm? world)
                (end-process! world process (profile-status profile)))))))
    (match (profile-helper profile)
      (#f #f)
      ((delay . helper)
       (at! world delay
            (lambda ()
              (when (process-alive? process)
                (start-process! world helper (process-group process)
                                #:helper? #t))))))
    process))

(define (end-process! world process status)
  "Let PROCESS end with STATUS, unless it has ended."
  (when (process-alive? process)
    (set-process-state! process 'zombie)
    (set-process-status! process status)
    (observe world 'end process)
    (when (process-told? process)
      (after-a-while! world
                      (lambda ()
                        (reap! world process))))))

(define (reap! world process)
  (set-world-processes! world (delq process (world-processes world)))
  (when (or (process-watched? process) (not (process-helper? process)))
    (tell! world `(exited ,(process-pid process)
                          ,(if (process-helper? process)
                               0
                               (process-status process))))))

(define (calm-world! world)
  "From now on, let no process end by itself."
  (set-world-calm! world #t))

(define %daemon-group 1)

(define (spawn! world id command options)
  (let ((profile (hash-ref (world-profiles world) (last command)))
        (service (vector-ref options 0))
        (session? (vector-ref options 2))
        (image (world-image world))
        (ring (match (vector-ref options (- (vector-length options) 1))
                (#f 0)
                (target (vector-ref target 0)))))
    (match (profile-failure profile)
      (#f
       (let ((process (start-process! world profile
                                      (if session? #f %daemon-group)
                                      #:service service
                                      #:ring ring)))
         (unless (zero? ring)
           (hashv-set! (world-rings world) ring (profile-program profile)))
         (after-a-while! world
                         (lambda ()
                           (when (= image (world-image world))
                             (tell! world
                                    `(spawned ,id ,(process-pid process))))
                           (set-process-told! process #t)
                           (unless (process-alive? process)
                             (reap! world process))))))
      ((step . errno)
       (after-a-while! world
                       (lambda ()
                         (when (= image (world-image world))
                           (tell! world
                                  `(spawn-failed ,id ,step ,errno)))))))))

(define (targets world pid)
  (filter (lambda (process)
            (if (negative? pid)
                (= (- pid) (process-group process))
                (= pid (process-pid process))))
          (world-processes world)))

(define (signal! world id pid signal)
  (let ((targets (targets world pid)))
    (tell! world `(killed ,id ,(if (null? targets) ESRCH 0)))
    (for-each (lambda (process)
                (take-signal! world process signal))
              targets)))

(define (take-signal! world process signal)
  (let ((delay (if (= signal SIGKILL)
                   (below (world-chance world) (milliseconds 50))
                   (profile-on-term (process-profile process)))))
    (when (and delay (not (zero? signal)))
      (at! world delay
           (lambda ()
             (end-process! world process signal))))))

(define (watch! world pid)
  (match (find-process world pid)
    (#f (unless (= pid (getpid))        ;the daemon's own
          (tell! world `(exited ,pid 0))))
    (process (set-process-watched! process #t))))

(define (group-of world pid)
  (if (zero? pid)
      %daemon-group
      (match (find-process world pid)
        (#f (scm-error 'system-error "getpgid" "~A"
                       (list (strerror ESRCH)) (list ESRCH)))
        (process (process-group process)))))


;;;
;;; What the interpreter sees of it.
;;;

(define (operations world)
  "Return an alist: the operations of (shepherd host) that WORLD performs."
  `((host-now . ,(lambda () (world-time world)))
    (host-time . ,(lambda () (world-time world)))
    (host-spawn!
     . ,(lambda (id command environment options)
          (ask! world (lambda () (spawn! world id command options)))))
    (host-kill!
     . ,(lambda (id pid signal patient?)
          (observe world 'kill pid signal)
          (ask! world (lambda () (signal! world id pid signal)))))
    (host-watch-process!
     . ,(lambda (pid)
          (ask! world (lambda () (watch! world pid)))))
    (host-process-group . ,(lambda (pid) (group-of world pid)))
    (host-group-members
     . ,(lambda (group)
          (map process-pid (targets world (- group)))))
    (host-publish!
     . ,(lambda (flags ring names head tail saved)
          (hashq-set! (world-publications world) (car names)
                      (list names head tail ring saved))
          (observe world 'publish names head tail ring)))
    (host-unpublish!
     . ,(lambda (name)
          (hashq-remove! (world-publications world) name)
          (observe world 'unpublish name)))
    (host-reply! . ,(lambda (client datum)
                      (observe world 'reply client datum)))
    (host-reply-service!
     . ,(lambda (client name messages)
          (match (hashq-ref (world-publications world) name)
            ((_ head tail _ ...)
             (observe world 'reply client
                      `(reply (version 0)
                              (result (,@head (recent-messages ()) ,@tail))
                              (error #f)
                              (messages ,messages)))))))
    (host-close-client! . ,(lambda (client)
                             (observe world 'reply client #f)))
    (host-take-culprit! . ,(const #f))
    (host-inherited-descriptors . ,(const '()))
    (host-log! . ,(lambda (text stdout?)
                    (observe world 'log text)))
    (host-query-log!
     . ,(lambda (id ring)
          (ask! world (lambda () (tell! world `(log-history ,id ()))))))
    (host-detach-log! . ,(lambda (ring)
                           (observe world 'detach ring)
                           (hashv-remove! (world-rings world) ring)))
    (host-flush-log!
     . ,(lambda (id)
          (ask! world (lambda () (tell! world `(log-answer ,id 0))))))
    (host-shutdown-begins! . ,(lambda (how seconds)
                                (observe world 'shutdown-begins how)))
    (host-shutdown! . ,(lambda (how)
                         (set-world-shutdown! world how)
                         (at! world %aftermath (world-idle world))
                         (observe world 'shutdown how)))))

;;;
;;; Crashes.
;;;

(define (crash-world! world)
  "The interpreter is gone; the core does what it was still asked for.  What it
told is lost."
  (let ((asked (world-asked world)))
    (set-world-asked! world '())
    (for-each (lambda (thunk)
                (thunk))
              asked))
  (set-world-told! world '())
  (set-world-ready! world '())
  (set-world-image! world (+ 1 (world-image world)))
  ;; A ring that no service could learn of is none.
  (let ((known (append (hash-map->list (match-lambda*
                                         ((_ (names head tail ring saved))
                                          ring))
                                       (world-publications world))
                       (filter-map (lambda (process)
                                     (and (not (string-null?
                                                (process-service process)))
                                          (process-ring process)))
                                   (world-processes world)))))
    (for-each (lambda (ring)
                (unless (memv ring known)
                  (hashv-remove! (world-rings world) ring)))
              (hash-map->list (lambda (ring _) ring) (world-rings world)))))

(define (world-inheritance world)
  "Return what %inheritance returns in the next image of the daemon."
  (list 'crash
        (object->string
         `((client 0)
           (services ,@(hash-map->list
                        (match-lambda*
                          ((_ (names head tail ring saved))
                           (list ring (or saved '()) (append head tail))))
                        (world-publications world)))
           (processes ,@(filter-map (lambda (process)
                                      (and (not (process-helper? process))
                                           (list (process-pid process)
                                                 (process-service process)
                                                 (process-pid process)
                                                 (process-ring process)
                                                 "")))
                                    (world-processes world)))))))

(define (install-world! world)
  "Let (shepherd host) act on WORLD."
  (for-each (match-lambda
              ((name . procedure)
               (install-host! name (undisturbed procedure))))
            (operations world)))
