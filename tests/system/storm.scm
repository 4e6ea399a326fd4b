;;; storm.scm -- crash a busy system at random moments, and look closely
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Usage: storm.scm SOCKET PID LOG DIRECTORY CRASHES SEED
;;;
;;; The daemon runs crash-town.scm.  Clients act on some of its services at
;;; random; then comes a signal that means a crash, to a random thread, or that
;;; thread executes what is no code.  What nobody acts on must be the same
;;; processes in the same states as before, and clients get an answer, or are
;;; told that they were interrupted.  At the end each line that services wrote is
;;; in their files exactly once.  The choices follow from SEED; the moments, as
;;; far as the machine permits.

(add-to-load-path (string-append (getenv "abs_top_srcdir") "/tests/modules"))

(use-modules (ice-9 match)
             (ice-9 ftw)
             (ice-9 rdelim)
             (rnrs bytevectors)
             (rnrs io ports)
             (srfi srfi-1)
             (srfi srfi-11)
             (tests daemon))

(define-values (socket-file pid log directory crashes seed)
  (match (command-line)
    ((_ socket pid log directory crashes seed)
     (values socket (string->number pid) log directory
             (string->number crashes) (string->number seed)))))

(define state (seed->random-state seed))
(define (random-below n) (random n state))
(define (pick items) (list-ref items (random-below (length items))))
(define (chance? percent) (< (random-below 100) percent))

(define failures 0)
(define current "before the first crash")
(define (fail! format . arguments)
  (set! failures (+ 1 failures))
  (display (string-append "FAIL: " current ": "
                          (apply simple-format #f format arguments)
                          "\n"))
  (force-output)
  (when (> failures 20)
    (exit 1)))


;;;
;;; Processes.
;;;

(define names (make-hash-table))        ;PID -> name, of children that are known

(define (child-name child)
  "Return the service that CHILD belongs to, or #f if it is too early to tell."
  (or (hashv-ref names child)
      (match (arguments child)
        ((program name what . _)
         (and (string-suffix? "/worker" program)
              (begin
                (hashv-set! names child name)
                name)))
        (_ #f))))

(define (prefix name)
  (substring name 0 (or (string-index name #\-) (string-length name))))

(define %acted-on '("act" "slow" "stub" "flap"))
(define (bystander? name)
  (not (member (prefix name) (cons* "once" "timer" %acted-on))))

(define (processes)
  "Return an alist of names and PIDs, of all children whose names are known."
  (let ((found (filter-map (lambda (child)
                             (and=> (child-name child)
                                    (lambda (name) (cons name child))))
                           (children pid))))
    (hash-clear! names)
    (for-each (match-lambda
                ((name . child) (hashv-set! names child name)))
              found)
    (sort found (lambda (a b)
                  (or (string<? (car a) (car b))
                      (and (string=? (car a) (car b))
                           (< (cdr a) (cdr b))))))))

(define (bystanders)
  (filter (lambda (process) (bystander? (car process))) (processes)))

(define (doubled)
  "Return the names of services with more than one process that may have one."
  (let loop ((processes (processes)) (result '()))
    (match processes
      (((a . _) (b . _) . _)
       (loop (cdr processes)
             (if (and (string=? a b)
                      (member (prefix a) '("act" "stub" "flap")))
                 (cons a result)
                 result)))
      (_ result))))


;;;
;;; Crashing.
;;;

(define table (crash-table pid))

(define (derail! name)
  "Have a thread called NAME crash by itself; return false if that cannot be
done here, or would cost lines of output, being in the logger."
  (and (member name '("core" "spawner" "shepherd"))
       (chance? 50)
       (zero? (system* (string-append (getenv "abs_top_builddir")
                                      "/tests/system/fault")
                       "derail" (number->string pid) name))))

(define (crash!)
  "Have the daemon crash; return true if it did."
  (match-let (((signal . number) (pick %crash-signals))
              ((thread . name)
               (if (chance? 20)
                   '(#f . "any thread")
                   (let* ((all (threads pid))
                          (name (pick (delete-duplicates (map cdr all)))))
                     (pick (filter (lambda (thread)
                                     (string=? name (cdr thread)))
                                   all))))))
    (set! current (simple-format #f "crash ~a (SIG~a, ~a)" count signal name))
    (forgive! table)
    (cond ((derail! name) #t)
          (thread (signal-thread pid thread number))
          (else (kill pid number)))
    (->bool (within 1 (lambda () (crashed? table)) 200))))


;;;
;;; Clients.
;;;

(define clients '())
(define answered 0)
(define interrupted 0)

(define (ask! action name . arguments)
  "Return a new client that has asked for ACTION of service NAME."
  (catch 'system-error
    (lambda ()
      (apply ask socket-file action name arguments))
    (lambda _
      (fail! "nobody listens any more")
      (exit 1))))

(define (count-client! client)
  (let ((text (client-text client)))
    (cond ((interrupted? text) (set! interrupted (+ 1 interrupted)))
          ((whole? text) (set! answered (+ 1 answered)))
          (else
           (fail! "~a ~a got ~s after ~a ms" (client-action client)
                  (client-name client) text
                  (round (client-age client)))))
    (close-port (client-port client))))

(define (hear-clients! ms)
  "Take what comes for clients for so long; return true if one was answered."
  (let-values (((done rest) (hear clients ms)))
    (for-each count-client! done)
    (set! clients rest)
    (for-each (lambda (client)
                (when (> (client-age client) 30000)
                  (fail! "~a ~a hangs" (client-action client)
                         (client-name client))
                  (set! clients (delq client clients))))
              rest)
    (pair? done)))

(define %targets
  (append-map (match-lambda
                ((prefix . count)
                 (map (lambda (i)
                        (string-append prefix "-" (number->string i)))
                      (iota count))))
              '(("act" . 25) ("slow" . 10) ("stub" . 10) ("flap" . 10))))

(define (new-client!)
  (set! clients
        (cons (match (random-below 12)
                (0 (ask! 'status 'root))
                (1 (ask! 'eval 'root
                         "(let loop ((i 0)) (when (< i 100000) (loop (+ i 1))))"))
                (n (ask! (pick '(start start start stop stop restart restart
                                 status enable enable disable))
                         (pick %targets))))
              clients)))

(define (talk action name)
  "Return the text of the answer to a client of its own, or #f if it was
interrupted."
  (let ((client (ask! action name)))
    (let loop ()
      (match (select (list (client-port client)) '() '() 30)
        ((() _ _)
         (fail! "~a ~a hangs" action name))
        (_ (unless (client-read! client) (loop)))))
    (close-port (client-port client))
    (let ((text (client-text client)))
      (cond ((interrupted? text) #f)
            ((whole? text) text)
            (else
             (fail! "~a ~a got ~s" action name text)
             #f)))))


;;;
;;; What the daemon says.
;;;

(define %kept
  '(status running enabled? status-changes last-respawns startup-failures
    exit-statuses respawn? transient? one-shot? requires))

(define (states)
  "Return an alist of what is said of those services that nobody acts on."
  (match (within 30 (lambda () (talk 'status 'root)))
    (#f '())
    (text
     (let visit ((datum (call-with-input-string text read)) (result '()))
       (match datum
         (('service ('version _) . properties)
          (let ((name (symbol->string (car (car (assq-ref properties
                                                          'provides))))))
            (if (member (prefix name) %acted-on)
                result
                (acons name
                       (map (lambda (key)
                              ;; That of a timer changes; connections are
                              ;; in any order, and services of their own.
                              (and (not (and (eq? key 'running)
                                             (member (prefix name)
                                                     '("timer" "inetd"))))
                                   (assq-ref properties key)))
                            %kept)
                       result))))
         ((head . tail) (visit tail (visit head result)))
         (_ result))))))

(define (by-name alist)
  (sort alist (lambda (a b) (string<? (car a) (car b)))))


;;;
;;; Connections in progress.
;;;

(define (hold name)
  (cons name (connect-to (string-append directory "/" name ".sock"))))

(define connections
  (append-map (lambda (prefix)
                (map (lambda (i)
                       (hold (string-append prefix (number->string i))))
                     (iota 5)))
              '("inetd-" "inetd-" "lazy-" "eager-")))

(define (check-connections)
  (for-each (match-lambda
              ((name . port)
               (unless (catch 'system-error
                         (lambda ()
                           (echoes? port (number->string (random-below 10000))))
                         (const #f))
                 (fail! "a connection to ~a is dead" name))))
            connections))


;;;
;;; Checks.
;;;

(define expected-processes #f)
(define expected-states #f)

(define (note-bystanders!)
  (set! expected-processes (bystanders))
  (set! expected-states (by-name (states))))

(define (differences expected actual)
  (append (map (lambda (item) (list 'expected item))
               (lset-difference equal? expected actual))
          (map (lambda (item) (list 'actual item))
               (lset-difference equal? actual expected))))

(define (check-bystanders)
  (unless (within 5 (lambda () (equal? expected-processes (bystanders))))
    (fail! "processes: ~s" (differences expected-processes (bystanders))))
  (unless (within 5 (lambda () (null? (zombies pid))))
    (fail! "zombies: ~s" (zombies pid)))
  (unless (within 5 (lambda () (null? (doubled))))
    (fail! "two processes: ~s" (doubled)))
  (let ((states (by-name (states))))
    (unless (equal? expected-states states)
      (fail! "states: ~s" (differences expected-states states))))
  (check-connections)
  (unless (zero? failures)
    (note-bystanders!)))

(define lines 0)

(define (lines-elsewhere name process)
  "Return how many lines of NAME's PROCESS came into the daemon's log."
  (define text (string-append " " name " " (number->string process) " "))
  (length (filter (lambda (line) (string-contains line text))
                  (string-split (file-text log) #\newline))))

(define (check-line-file name)
  "Check that each process of service NAME has its lines in its file."
  (define last (make-hash-table))       ;PID -> number
  (define file (string-append directory "/" name ".log"))

  (when (file-exists? file)
    (call-with-input-file file
      (lambda (port)
        (let loop ((line (read-line port)))
          (unless (eof-object? line)
            (match (string-tokenize line)
              ((date time (? (lambda (word) (string=? word name)))
                     (= string->number process)
                     (= string->number number))
               (unless (= number (+ 1 (hashv-ref last process 0)))
                 (fail! "~a of process ~a: line ~a after ~a" name process
                        number (hashv-ref last process 0)))
               (hashv-set! last process number)
               (set! lines (+ 1 lines)))
              (_ (fail! "~a has line ~s" name line)))
            (loop (read-line port)))))))
  (for-each (lambda (count-file)
              (let* ((process (string->number
                               (substring count-file
                                          (+ 1 (string-rindex count-file
                                                              #\.)))))
                     (bytes (call-with-input-file
                                (string-append directory "/" count-file)
                              get-bytevector-all #:binary #t))
                     (written (if (eof-object? bytes)
                                  0
                                  (bytevector-u64-native-ref bytes 0))))
                ;; It may have been killed between a line and its count.
                (unless (<= written (hashv-ref last process 0) (+ 1 written))
                  (fail! "~a of process ~a: ~a lines, ~a written, ~a in the \
daemon's log" name process (hashv-ref last process 0) written
                         (lines-elsewhere name process)))))
            (scandir directory
                     (lambda (file)
                       (string-prefix? (string-append name ".count.")
                                        file)))))


;;;
;;; The storm.
;;;

(define count 0)
(define survived 0)
(define first-answers '())
(define taken-up '())

(define (let-things-happen)
  "Spend some time with clients; return in the midst of something."
  (let loop ()
    (when (< (length clients) 8)
      (new-client!)
      (loop)))
  (match (random-below 3)
    (0 (let ((end (+ (milliseconds-now) (random-below 60))))
         (let loop ()
           (hear-clients! 2)
           (when (< (milliseconds-now) end)
             (loop)))))
    (1 (within 2 (lambda () (hear-clients! 10)) 0)
       (new-client!)
       (usleep (random-below 3000)))
    (2 (new-client!)
       (usleep (random-below 1500)))))

(define (go-through-crash)
  (define begin (milliseconds-now))
  (set! count (+ 1 count))
  (when (crash!)
    (set! survived (+ 1 survived))
    (when (chance? 15)
      ;; Another one before all is taken up.
      (usleep (random-below 60000))
      (set! count (+ 1 count))
      (when (crash!)
        (set! survived (+ 1 survived)))
      (set! begin (milliseconds-now)))
    (within 30 (lambda () (talk 'status 'off-0)) 0)
    (set! first-answers (cons (- (milliseconds-now) begin) first-answers))
    (unless (within 60 (lambda () (talk 'help 'root)) 0)
      (fail! "the interpreter does not answer"))
    (set! taken-up (cons (- (milliseconds-now) begin) taken-up))
    (check-bystanders)))

(define (median numbers)
  (match (sort numbers <)
    (() 0)
    (sorted (list-ref sorted (quotient (length sorted) 2)))))

(define (report)
  (simple-format
   #t "seed ~a: ~a crashes survived of ~a signals; ~a clients answered, ~a \
told that they were interrupted; ~a lines checked; median (longest) time to \
the first answer ~a (~a) ms, to all services taken up ~a (~a) ms\n"
   seed survived count answered interrupted lines
   (round (median first-answers)) (round (apply max 0 first-answers))
   (round (median taken-up)) (round (apply max 0 taken-up))))

(define (end-all)
  (set! current "at the end")
  (within 40 (lambda ()
               (hear-clients! 50)
               (null? clients))
          0)
  (for-each (lambda (name)
              (set! clients (cons (ask! 'stop name) clients)))
            %targets)
  (within 40 (lambda ()
               (hear-clients! 50)
               (null? clients))
          0)
  (unless (within 5 (lambda ()
                      (not (any (lambda (process)
                                  (member (prefix (car process)) %acted-on))
                                (processes)))))
    (fail! "processes of stopped services: ~s"
           (filter (lambda (process)
                     (member (prefix (car process)) %acted-on))
                   (processes))))
  (unless (within 5 (lambda ()
                      (any (lambda (process)
                             (string=? "timer" (prefix (car process))))
                           (processes))))
    (fail! "timers do not fire"))
  (for-each (match-lambda ((_ . port) (close-port port))) connections)
  (ask! 'stop 'root)
  (unless (within 60 (lambda ()
                       (or (not (file-exists? (proc pid)))
                           (string-contains (file-text (proc pid "stat"))
                                            ") Z "))))
    (fail! "it does not end"))
  (for-each check-line-file
            (append-map (match-lambda
                          ((prefix . count)
                           (map (lambda (i)
                                  (string-append prefix (number->string i)))
                                (iota count))))
                        '(("line-" . 30) ("act-" . 25)))))

(define (all-up?)
  (let ((text (file-text log)))
    (= 13 (length (filter (lambda (line)
                            (string-contains line "in the background."))
                          (string-split text #\newline))))))

(unless (within 20 all-up? 100000)
  (fail! "not all is up at the beginning")
  (exit 1))
(check-connections)
(usleep 300000)
(note-bystanders!)
(let loop ()
  (when (< count crashes)
    (let-things-happen)
    (go-through-crash)
    (loop)))
(end-all)
(report)
(exit (zero? failures))
