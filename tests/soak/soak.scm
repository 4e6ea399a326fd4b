;;; soak.scm -- a day's work for a daemon, and what it holds in the end
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Usage: soak.scm SOCKET PID DIRECTORY SEED CHOICES CALM CRASHING
;;;
;;; The daemon runs town.scm.  A round of work is a number of things done to it
;;; at random, several at a time; then all is brought back to where it was, and
;;; what the daemon holds is counted.  In the first phase it is one and the same
;;; image that works; in the second each round begins with a crash, or an
;;; upgrade.  CALM and CRASHING tell how long the phases are: a number of rounds,
;;; such as 6, or of seconds, such as 600s.
;;;
;;; What is counted in whole numbers grows if its least in the last third of a
;;; phase is above its most in the first, with some slack for fibers.  Memory is
;;; never the same twice: it grows if its slope over the last half says so, when
;;; what takes time to fill has filled.  In a phase of a few rounds it is not judged.
;;;
;;; Before all that, CHOICES choices between a message and a timeout are to leave
;;; nothing behind.

(add-to-load-path (string-append (getenv "abs_top_srcdir") "/tests/modules"))

(use-modules (ice-9 ftw)
             (ice-9 match)
             (rnrs bytevectors)
             (srfi srfi-1)
             (srfi srfi-11)
             (tests daemon)
             (tests simulation chance)
             (tests slope))

(define-values (socket-file pid directory seed choices calm crashing)
  (match (command-line)
    ((_ socket pid directory seed choices calm crashing)
     (values socket (string->number pid) directory (string->number seed)
             (string->number choices) calm crashing))))

(define chance (make-chance 'soak seed))
(define (file . parts)
  (string-append directory "/" (string-concatenate parts)))

(define failures 0)
(define (fail! format . arguments)
  (set! failures (+ 1 failures))
  (display (string-append "FAIL: " (apply simple-format #f format arguments)
                          "\n"))
  (force-output)
  (when (> failures 20)
    (exit 1)))


;;;
;;; Clients.
;;;

(define clients '())
(define actions 0)

(define (hear! ms)
  (let-values (((done rest) (hear clients ms)))
    (for-each (lambda (client)
                (let ((text (client-text client)))
                  (close-port (client-port client))
                  (unless (or (whole? text) (interrupted? text))
                    (fail! "~a ~a got ~s" (client-action client)
                           (client-name client) text))))
              done)
    (set! clients rest)))

(define (ask! action name . arguments)
  (set! clients (cons (apply ask socket-file action name arguments) clients)))

(define (wait-for-clients!)
  (unless (within 120 (lambda ()
                        (hear! 20)
                        (null? clients))
                  0)
    (fail! "no answer: ~s" (map (lambda (client)
                                  (list (client-action client)
                                        (client-name client)))
                                clients))
    (for-each (lambda (client) (close-port (client-port client))) clients)
    (set! clients '())))

(define* (evaluate expression #:optional (seconds 60))
  "Return the value of EXPRESSION, from the daemon, or #f if that was not to be had."
  (define client (ask socket-file 'eval 'root (object->string expression)))
  (define complete?
    (within seconds
            (lambda ()
              (let-values (((done rest) (hear (list client) 1000)))
                (pair? done)))
            0))

  (close-port (client-port client))
  (and complete?
       (whole? (client-text client))
       (match (call-with-input-string (client-text client) read)
         (('reply _ ('result (value)) . _) value)
         (_ #f))))

(define (herd . arguments)
  "Run the program; what it says is of no interest here."
  (apply system* "sh" "-c" "exec herd -s \"$0\" \"$@\" >out 2>&1" socket-file
         arguments))


;;;
;;; What is done.
;;;

(define (numbered prefix count)
  (map (lambda (i) (string-append prefix (number->string i))) (iota count)))
(define %steady
  (append (numbered "idle-" 8) (numbered "line-" 2) (numbered "fork-" 2)
          '("repl" "system-log" "log-rotation" "monitoring" "timer" "transient")))
(define %talking
  (append (numbered "inetd-" 2) (numbered "lazy-" 2) (numbered "eager-" 2)))
(define %restless                       ;run only while others work
  (append (numbered "flap-" 2) (numbered "timer-" 3)))
(define %idle
  (append (numbered "off-" 2) (numbered "disabled-" 2) (numbered "broken-" 2)))
(define %acted-on
  (append (numbered "act-" 3) (numbered "slow-" 2) (numbered "stub-" 2)
          %restless))
(define %all
  (append %steady %talking %acted-on %idle (numbered "once-" 2)))

(define (workers name)
  "Return the processes of the service called NAME."
  (filter (lambda (child)
            (match (arguments child)
              ((_ (? (lambda (other) (equal? other name))) . _) #t)
              (_ #f)))
          (children pid)))

(define (kill-worker name)
  (match (workers name)
    (() #f)
    ((process . _)
     ;; It may be gone meanwhile, and is nobody else's then: the daemon reaps it.
     (false-if-exception (kill process SIGKILL)))))

(define (talk-to name)
  "Return true if a service with a socket echoes a line."
  (catch 'system-error
    (lambda ()
      (let* ((port (connect-to (file name ".sock")))
             (echoed? (echoes? port "hello")))
        (close-port port)
        echoed?))
    (const #f)))

(define (log-something)
  (let ((port (socket AF_UNIX SOCK_DGRAM 0)))
    (false-if-exception             ;not while the service is restarted
     (sendto port (string->utf8 (simple-format #f "<13>soak: ~a" actions))
             AF_UNIX (file "log")))
    (close-port port)))

(define (write-generation)
  "Change the definition of a service that is there, or not yet."
  (call-with-output-file (file "generation.scm")
    (lambda (port)
      (write `(register-services
               (list (service '(replaced)
                       #:start (make-forkexec-constructor
                                '("sleep" ,(number->string (+ 1000 actions))))
                       #:stop (make-kill-destructor))))
             port))))

(define (passing-service)
  "Return an expression that registers a service of a new name, and unregisters it."
  (let ((name (string->symbol (simple-format #f "passing-~a" actions))))
    `(let ((passing (service '(,name)
                      #:start (make-forkexec-constructor '("sleep" "1000"))
                      #:stop (make-kill-destructor))))
       (register-services (list passing))
       (start-service passing)
       (stop-service passing)
       (unregister-services (list passing))
       'passed)))

(define (leave-early)
  "Be a client that says half of a command, or does not wait for the answer."
  (let ((port (connect-to socket-file)))
    (send port (string->utf8
                (one-of chance
                        '("(shepherd-command (version 0) (action st" "garbage)"
                          "(shepherd-command (version 0) (action status) \
(service root) (arguments ()) (directory \"/\"))"))))
    (close-port port)))

(define (use-repl)
  "Have a session, to its end or not; unless the service is restarted."
  (catch 'system-error
    (lambda ()
      (let ((port (connect-to (file "repl.sock"))))
        ;; Guile keeps what it compiles, up to a limit of (shepherd repl code).
        (send port (string->utf8 ",option interp #t\n(define x 1)\n(car x)\n"))
        (unless (odds? chance 1 3)
          (send port (string->utf8 ",q\n,q\n"))
          (let loop ()
            (match (select (list port) '() '() 60)
              ((() _ _) (fail! "the REPL hangs"))
              (_ (unless (zero? (bytevector-length (receive port 65536)))
                   (loop))))))
        (close-port port)))
    (const #f)))

(define (act!)
  (set! actions (+ 1 actions))
  (chance-case chance
    (30 (ask! (one-of chance '(start start stop restart enable disable))
              (one-of chance %acted-on)))
    (6 (ask! 'restart (one-of chance (append %steady %talking))))
    (6 (ask! 'status (one-of chance (cons "root" %all))))
    (4 (ask! 'start (one-of chance (numbered "broken-" 2))))
    (2 (ask! 'start "no-such-service"))
    (6 (ask! 'eval 'root "(fold + 0 (iota 1000))"))
    (2 (ask! 'eval 'root "(throw 'soaked)"))
    (2 (ask! 'eval 'root "(let loop ((i 0)) (when (< i 100000) (loop (+ i 1))))"))
    (4 (ask! 'eval 'root (object->string (passing-service))))
    (4 (write-generation)
       (ask! 'load 'root (file "generation.scm")))
    (2 (ask! 'restart 'replaced))
    (2 (ask! 'unload 'root "replaced"))
    (3 (ask! 'trigger 'log-rotation))
    (3 (ask! 'trigger (one-of chance (numbered "timer-" 3))))
    (3 (ask! 'spawn 'transient "--" "sleep" "0.1"))
    (2 (ask! 'schedule 'timer "at" "23:59" "--" "true"))
    (5 (kill-worker (one-of chance (append (numbered "idle-" 8)
                                           (numbered "line-" 2)))))
    (6 (talk-to (one-of chance %talking))) ;unless it is restarted
    (6 (log-something))
    (3 (use-repl))
    (4 (leave-early))
    (4 (herd (one-of chance '("log" "status" "detailed-status" "graph"
                              "backtrace" "help"))))
    (1 (herd "reload" "root" (file "../config.scm")))))

(define (ask-for-all! action names)
  (for-each (lambda (name) (ask! action name)) names)
  (wait-for-clients!))

(define (settle!)
  "Bring all services back to where they were in the beginning."
  (wait-for-clients!)
  (ask! 'restart 'timer)                ;forgets what was scheduled
  (ask! 'restart 'transient)            ;and what was spawned
  (ask! 'unload 'root "replaced")
  (wait-for-clients!)
  (ask-for-all! 'enable (append %steady %talking %acted-on))
  (ask-for-all! 'start (append %steady %talking %acted-on))
  (ask-for-all! 'stop (append %restless %idle))
  (for-each (lambda (name)
              (unless (talk-to name)
                (fail! "~a does not echo" name)))
            %talking)
  (unless (within 60 (lambda () (null? (zombies pid))))
    (fail! "zombies: ~s" (zombies pid))))


;;;
;;; What it holds.
;;;

(define (private-dirty)
  (let ((text (file-text (proc pid "smaps_rollup"))))
    (string->number
     (second (string-tokenize
              (substring text (string-contains text "Private_Dirty:")))))))

(define* (entry-count name #:optional (counts? (const #t)))
  (length (or (scandir name counts?) '())))

(define (no-archive? name)
  (not (string-contains name ".log.")))

(define %census '((@ (tests census) census)))

(define (look)
  "Return what there is now."
  (match (evaluate %census)
    ((bytes . numbers)
     (append (list (entry-count (proc pid "fd"))
                   (length (threads pid))
                   (length (children pid))
                   (entry-count directory no-archive?))
             numbers
             (list (quotient bytes 1024))))
    (_ (fail! "no census")
       #f)))

(define %slack
  ;; The collector takes some dead fibers for living ones, not always the same.
  '(("descriptors" . 0) ("threads" . 0) ("children" . 0) ("files" . 0)
    ("fibers" . 10) ("waiters" . 10) ("timers" . 10) ("service names" . 0)))
(define %sizes
  '("live heap, KiB" "private dirty, KiB"))

(define (sample)
  "Return what there is at rest: the least of several looks."
  (let ((dirty (private-dirty)))
    (append (apply map min (filter-map (lambda (_)
                                         (usleep 100000)
                                         (log-something)
                                         (look))
                                       (iota 3)))
            (list dirty))))


;;;
;;; Phases.
;;;

(define samples-port (open-file "samples" "wl"))
(define table (crash-table pid))
(define crashes 0)
(define upgrades 0)

(define (undisturbed)
  "Return the processes that nothing but the daemon acts on."
  (append-map workers (numbered "idle-" 8)))

(define (crash!)
  (match-let (((_ . number) (one-of chance %crash-signals))
              ((thread . name) (one-of chance (threads pid))))
    (forgive! table)
    (signal-thread pid thread number)
    (set! crashes (+ 1 crashes))
    (unless (within 10 (lambda () (crashed? table)))
      (fail! "no crash by signal ~a to ~a" number name))))

(define (become-another-image!)
  (let ((before (undisturbed)))
    (cond ((odds? chance 1 5)
           (set! upgrades (+ 1 upgrades))
           (herd "reexec" "root"))
          (else
           (crash!)))
    (unless (within 60 (lambda ()
                         (eqv? 3 (false-if-exception (evaluate '(+ 1 2))))))
      (fail! "it does not go on"))
    (unless (equal? before (undisturbed))
      (fail! "services were restarted: ~a, ~a" before (undisturbed)))))

(define (work-round!)
  (ask-for-all! 'start %restless)
  (let loop ((left 60))
    (unless (zero? left)
      (act!)
      (hear! (between chance 1 40))
      ;; No more than ten at a time.
      (within 30 (lambda ()
                   (hear! 5)
                   (< (length clients) 10))
              0)
      (loop (- left 1))))
  (settle!))

(define (clean-up!)
  "Remove the workers' own files: one for each process that there was."
  (for-each (lambda (name) (delete-file (file name)))
            (scandir directory
                     (lambda (name) (string-contains name ".count.")))))

(define (phase limit before-round!)
  "Work for LIMIT; return the samples, (SECONDS NUMBER ...)."
  (define start (milliseconds-now))
  (define over?
    (if (string-suffix? "s" limit)
        (let ((seconds (string->number (string-drop-right limit 1))))
          (lambda (round)
            (and (>= round 3)           ;or there is no last third
                 (> (- (milliseconds-now) start) (* 1000 seconds)))))
        (lambda (round)
          (= round (string->number limit)))))

  (let loop ((round 0) (samples '()))
    (if (over? round)
        (reverse samples)
        (begin
          (before-round!)
          (work-round!)
          (clean-up!)
          (let ((sample (cons (/ (- (milliseconds-now) start) 1000)
                              (sample))))
            (write sample samples-port)
            (newline samples-port)
            (loop (+ 1 round) (cons sample samples)))))))


;;;
;;; The table.
;;;

(define (rounded number)
  (number->string (inexact->exact (round number))))

(define (row name times values judge)
  (define third (quotient (length values) 3))
  (define half (quotient (length values) 2))
  (define line (fit (drop times half) (drop values half)))
  (define grown? (judge (take values third) (take-right values third) line))

  (define (an-hour slope)
    (rounded (* 3600 slope)))

  (when grown?
    (fail! "~a: it grows" name))
  (display (string-append
            (string-pad-right name 20)
            (string-pad (rounded (mean (take values third))) 10)
            (string-pad (rounded (mean (take-right values third))) 10)
            (string-pad (an-hour (fit-slope line)) 10)
            (string-pad (string-append (an-hour (fit-low line)) " to "
                                       (an-hour (fit-high line)))
                        20)
            (if grown? "  FAIL" "")
            "\n")))

(define (more? slack)
  (lambda (early late line)
    (> (apply min late) (+ slack (apply max early)))))
(define (larger? early late line)
  (and (>= (length late) 10)
       (grows? line 16)))

(define (report title samples)
  (match samples
    (((times . _) ...)
     (simple-format #t "\n~a: ~a rounds in ~a seconds\n" title (length samples)
                    (rounded (last times)))
     (display "                    first 1/3  last 1/3    an hour  \
99 % sure it is in\n")
     (for-each (lambda (name i)
                 (row name times (map (lambda (sample) (list-ref sample i))
                                      samples)
                      (match (assoc-ref %slack name)
                        (#f larger?)
                        (slack (more? slack)))))
               (append (map car %slack) %sizes)
               (iota (+ (length %slack) (length %sizes)) 1)))))

;;;
;;; Choices.
;;;

(define (choose!)
  (let* ((before (evaluate %census))
         (chosen? (evaluate `(begin
                               ((@ (tests choices) choose-often) ,choices)
                               #t)
                            (+ 60 (/ choices 1000))))
         (after (evaluate %census)))
    (match (map - after before)
      ((bytes . counts)
       (simple-format #t "after ~a choices: ~a bytes more; fibers, waiters, \
timers and names of services: ~a\n" choices bytes counts)
       (unless (and chosen?
                    (< bytes 1000000)
                    (every (lambda (count) (< count 10)) counts))
         (fail! "choices leave something behind"))))))

(write-generation)
(settle!)
(choose!)
(let* ((calm-samples (phase calm (const #t)))
       (crash-samples (phase crashing become-another-image!)))
  (report "one image" calm-samples)
  (report "with crashes" crash-samples)
  (simple-format #t "\nseed ~a: ~a actions, ~a crashes, ~a upgrades\n" seed
                 actions crashes upgrades))
(exit (zero? failures))
