;;; comm-test.scm -- commands, replies, and where messages go

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (tests comm)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-64)
  #:use-module ((shepherd scheduler)
                #:select (run-scheduler spawn-fiber stop-scheduler!
                          yield-fiber))
  #:use-module (shepherd comm)
  #:use-module (shepherd support))

(define directory
  (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp") "/comm-XXXXXX")))

(define (file name)
  (string-append directory "/" name))

(define (read-command-from text)
  (call-with-input-string text read-command))

(define (written write-it object)
  (call-with-output-string
    (lambda (port)
      (write-it object port))))

(test-begin "comm")


;;; Commands.

(define command
  (shepherd-command 'spawn 'transient
                    #:arguments '("sleep" "9" #:name foo #:list ("A=b" -1.5))
                    #:directory "/home/\u00e9"))

(test-equal "a command on the wire"
  "(shepherd-command (version 0) (action spawn) (service transient) \
(arguments (\"sleep\" \"9\" #:name foo #:list (\"A=b\" -1.5))) \
(directory \"/home/\u00e9\"))"
  (written write-command command))

(test-equal "a command is read as it was written"
  command
  (read-command-from (written write-command command)))

(test-equal "and from its datum"
  command
  (datum->command (call-with-input-string (written write-command command)
                    read)))

(test-equal "the parts of a command"
  '((0) spawn transient ("sleep" "9" #:name foo #:list ("A=b" -1.5))
    "/home/\u00e9")
  (list (shepherd-command-version command)
        (shepherd-command-action command)
        (shepherd-command-service command)
        (shepherd-command-arguments command)
        (shepherd-command-directory command)))

(test-equal "they are matched by position, too"
  '((0) spawn transient "sleep" "/home/\u00e9")
  (match command
    (($ <shepherd-command> version action service (program . _) directory)
     (list version action service program directory))))

(test-equal "a command without arguments, in the current directory"
  (list '(0) '() (getcwd))
  (let ((command (shepherd-command 'status 'root)))
    (list (shepherd-command-version command)
          (shepherd-command-arguments command)
          (shepherd-command-directory command))))

(test-assert "comments, white space, a longer version, more after the datum"
  (shepherd-command?
   (read-command-from " ; hello
#| (x) |# (shepherd-command (version 0 1 2) (action start)
  (service x) (arguments ()) #;(y) (directory #f)) ) garbage")))

(for-each
 (lambda (text)
   (test-equal (string-append "malformed command: " text)
     #f
     (read-command-from text)))
 '("" "(" ")" "foo" "42" "#<foo>" "#.(x)" "(shepherd-command" "#1" "#u8" "#1(a"
   "\"unfinished" "#u8(256)" "#\\nosuch"
   "(command (version 0) (action a) (service b) (arguments ()) (directory 1))"
   "(shepherd-command (version 1) (action a) (service b) (arguments ()) (directory 1))"
   "(shepherd-command (version) (action a) (service b) (arguments ()) (directory 1))"
   "(shepherd-command (version 0) (service b) (action a) (arguments ()) (directory 1))"
   "(shepherd-command (version 0) (action a) (service b) (arguments ()))"
   "(shepherd-command (version 0) (action a) (service b) (arguments (1 . 2)) (directory 1))"
   "(shepherd-command (version 0) (action a) (service b) (arguments x) (directory 1))"
   "(shepherd-command (version 0) (action a) (service b) (arguments ()) (directory 1) (x 1))"))

(define (argument-from text)
  "Return what a command has as its argument that is written TEXT, or #f."
  (let ((command (read-command-from
                  (string-append "(shepherd-command (version 0) (action a)
 (service b) (arguments (" text " end)) (directory 1))"))))
    (and command
         (car (shepherd-command-arguments command)))))

;; Guile's reader makes them before it looks at the elements.
(test-equal "arrays are no larger than what is in them"
  '(#f #f #f #f #f)
  (map argument-from
       '("#1:9999999999(a)" "#2:99999:99999(a)" "#u8:99999999999(1)"
         "#1(#1:9999999999(a))" "(x . #f64:9999999999(1))")))

(test-equal "those that are not are read as ever"
  '(#(a b) #2((1 2) (3 4)) #1@-2(a b) #2:0:3() #u8(1 2) #s16(-1) #f32(1.5)
    #c64(1) #0(x) #(#2((a)) #vu8(1)) #(#f #f #t) #f)
  (map argument-from
       '("#1:2(a b)" "#2((1 2) (3 4))" "#@-2(a b)" "#2:0:3()" "#u8(1 2)"
         "#s16(-1)" "#f32(1.5)" "#c64(1)" "#0(x)" "#1(#2((a)) #vu8(1))"
         "#(#f #false #true)" "#false")))

(test-equal "what looks like one is no array"
  '("#1:9999999999(a)" (#\# #{1:9999999999}# (a)) #\#)
  (map argument-from
       '("\"#1:9999999999(a)\"" "(#\\# 1:9999999999(a))"
         "#\\# #|#1:9999999999(a)|#")))

(test-equal "false is written in two ways only"
  #f
  (argument-from "(#fab)"))

(test-equal "replies are read with the same care"
  #f
  (call-with-input-string "(reply (version 0) (result #1:9999999999(a)) \
(error #f) (messages ()))"
    read-reply))

(test-equal "reader extensions are not in force"
  #f
  (begin
    (read-hash-extend #\{ (lambda (chr port) 'extended))
    (let ((result (read-command-from "#{ x")))
      (read-hash-extend #\{ #f)
      result)))


;;; Replies.

(test-equal "a reply on the wire"
  "(reply (version 0) (result (a #(1 \"x\"))) (error #f) \
(messages (\"one\" \"\" \"two\")))"
  (written write-reply
           (command-reply #f '(a #(1 "x")) #f '("one" "" "two"))))

(test-equal "the parts of a reply"
  (list #t #f command 'result '(error) '("m")
        (list command 'result '(error) '("m")))
  (let ((reply (command-reply command 'result '(error) '("m"))))
    (list (command-reply? reply) (command-reply? command)
          (command-reply-command reply) (command-reply-result reply)
          (command-reply-error reply) (command-reply-messages reply)
          (match reply
            (($ <command-reply> command result error messages)
             (list command result error messages))))))

(test-equal "a reply is always readable"
  "(reply (version 0) (result (\"#<unspecified>\")) (error #f) (messages ()))"
  (written write-reply (command-reply #f (list *unspecified*) #f '())))

(test-equal "a reply read"
  '((a) (error (version 0) service-error) ("m"))
  (let ((reply (call-with-input-string
                   "(reply (version 0 1) (result (a)) \
(error (error (version 0) service-error)) (messages (\"m\")))"
                 read-reply)))
    (list (command-reply-result reply) (command-reply-error reply)
          (command-reply-messages reply))))


;;; Serialisation.

(define-record-type <thing>
  (thing value)
  thing?
  (value thing-value))

(define-record-type <plain>
  (plain)
  plain?)

(define-record-type-serializer (thing->sexp (thing <thing>))
  `(thing (version 0) (value ,(thing-value thing)) (address #(1 "x" ,car))))

(test-equal "data that can be read are themselves"
  '(#t #f 1 -2.5 +inf.0 sym #{od d}# "str" #:key () (a . b) (1 (2) 3))
  (result->sexp
   '(#t #f 1 -2.5 +inf.0 sym #{od d}# "str" #:key () (a . b) (1 (2) 3))))

(test-equal "others become strings"
  '("#(1 2)" "#\\a" "#<procedure car (_)>" "#<unspecified>" "#<eof>")
  (result->sexp (list #(1 2) #\a car *unspecified*
                      (call-with-input-string "" read))))

(test-equal "records with a serializer, whose result may hold anything [weak 33]"
  '((thing (version 0) (value (thing (version 0) (value 3)
                                     (address #(1 "x" "#<procedure car (_)>"))))
           (address #(1 "x" "#<procedure car (_)>"))))
  (result->sexp (list (thing (thing 3)))))

(test-assert "records without one"
  (string-prefix? "#<<plain>" (result->sexp (plain))))

(test-assert "records of derived types"
  (let* ((base (make-record-type 'base '(a) #:extensible? #t))
         (derived (make-record-type 'derived '(b) #:parent base)))
    (register-record-serializer! base (const '(base)))
    (equal? '(base) (result->sexp ((record-constructor derived) 1 2)))))

(test-assert "circular lists end"
  (let ((lst (list 1 2)))
    (set-cdr! (cdr lst) lst)
    (string? (result->sexp lst))))


;;; Messages.

(define (call-with-ports proc)
  "Call PROC with a port for messages; return what got to stdout and to the log."
  (let* ((log (open-output-string))
         (stdout (open-output-string)))
    (parameterize ((log-output-port log))
      (proc (make-shepherd-output-port stdout)))
    (list (get-output-string stdout) (get-output-string log))))

(test-equal "without a client lines go to stdout and to the log"
  '("one\ntwo\n\n" "one\ntwo\n\n")
  (call-with-ports
   (lambda (port)
     (display "one\ntw" port)
     (write-char #\o port)
     (newline port)
     (newline port))))

(test-equal "with a client they go to it and to the log"
  '(("one" "" "two") "" "one\n\ntwo\n")
  (let* ((client (make-client-collector))
         (result (call-with-ports
                  (lambda (port)
                    (parameterize ((%current-client-socket client))
                      (display "one\n\ntwo\n" port))))))
    (cons (collector-lines client) result)))

(test-equal "lines of two clients and of none do not mix [weak 26]"
  '(("a1a2" "a3") ("b1b2") "no client\n" "a1a2\nno client\na3\nb1b2\n")
  (let* ((a (make-client-collector))
         (b (make-client-collector))
         (lines #f)
         (result
          (call-with-ports
           (lambda (port)
             (define (for client text)
               (parameterize ((%current-client-socket client))
                 (display text port)))
             (for a "a1")
             (for b "b1")
             (display "no " port)
             (for a "a2\na")
             (display "client\n" port)
             (for b "b2")
             (for a "3")
             ;; Their last lines are unfinished.
             (set! lines (list (collector-lines a) (collector-lines b)))))))
    (append lines result)))

(test-equal "lines that come after the reply concern no client"
  '(("early") "late\n" "early\nlate\n")
  (let* ((client (make-client-collector))
         (lines #f)
         (result (call-with-ports
                  (lambda (port)
                    (parameterize ((%current-client-socket client))
                      (display "early\n" port)
                      (set! lines (collector-lines client))
                      (display "late\n" port))))))
    (cons lines result)))

(test-assert "the messages for a client do not fill memory"
  (let ((client (make-client-collector))
        (line (make-string 1000000 #\x)))
    (let loop ((i 0))
      (when (< i 30)
        (collector-add-line! client line)
        (loop (+ i 1))))
    (= 16 (length (collector-lines client)))))

(test-equal "collectors are objects; a line of one more is a message"
  '(#t #f ("whole"))
  (let ((collector (make-client-collector)))
    (collector-add-line! collector "whole")
    (list (client-collector? collector) (client-collector? '())
          (collector-lines collector))))

(test-equal "a port for the log alone; outside the daemon that is stderr"
  "one\ntwo\n"
  (call-with-output-string
    (lambda (port)
      (parameterize ((current-error-port port))
        (let ((log (make-log-port)))
          (display "one\ntw" log)
          (display "o\n" log))))))

(test-equal "lines of two fibers do not mix"
  '("first line\nsecond line\n" "first line\nsecond line\n")
  (call-with-ports
   (lambda (port)
     (define (writer . words)
       (lambda ()
         (for-each (lambda (word)
                     (display word port)
                     (yield-fiber))
                   words)))
     (run-scheduler
      (lambda ()
        (spawn-fiber (writer "first " "line" "\n"))
        (spawn-fiber (writer "second " "line" "\n"))
        (let loop ((i 0))
          (when (< i 10)
            (yield-fiber)
            (loop (+ i 1))))
        (stop-scheduler!))
      #:wait (const '())
      #:now (const 0)))))

(test-equal "what a fiber that ended left unfinished gets out"
  '("left\nnext\n" "left\nnext\n")
  (call-with-ports
   (lambda (port)
     (run-scheduler
      (lambda ()
        (spawn-fiber (lambda () (display "left" port)))
        (yield-fiber)
        (yield-fiber)
        (display "next" port)
        (flush-partial-line!)
        (stop-scheduler!))
      #:wait (const '())
      #:now (const 0)))))

(test-equal "long lines, and characters of several bytes, stay whole"
  (let ((line (string-append (make-string 700 #\x) "\u00e9\n")))
    (list line line))
  (call-with-ports
   (lambda (port)
     (display (make-string 255 #\x) port)
     (display (make-string 445 #\x) port)
     (display "\u00e9\n" port))))

(test-equal "a line without end is cut"
  '(#t)
  (list (< 65536
           (string-length
            (first (call-with-ports
                    (lambda (port)
                      (let loop ((i 0))
                        (when (< i 70)
                          (display (make-string 1024 #\x) port)
                          (loop (+ i 1)))))))))))

(test-equal "the date of lines, as for strftime, for whoever writes some"
  "2001-09-09 01:46:40 "
  (strftime (%current-logfile-date-format) (gmtime 1000000000)))

(test-equal "a client may be a port"
  '("hi\n" "" "hi\n")
  (let* ((client (open-output-string))
         (result (call-with-ports
                  (lambda (port)
                    (parameterize ((%current-client-socket client))
                      (display "hi\n" port))))))
    (cons (get-output-string client) result)))


;;; Sockets.

(test-equal "a server, its client, and a second server"
  '((start x) #f)
  (let* ((name (file "socket"))
         (server (open-server-socket name))
         (client (open-connection name)))
    (write-command (shepherd-command 'start 'x) client)
    (let* ((connection (car (accept server)))
           (command (read-command connection))
           (second (open-server-socket name #:false-if-in-use? #t)))
      (for-each close-port (list connection client server))
      (list (list (shepherd-command-action command)
                  (shepherd-command-service command))
            second))))

(test-assert "a stale socket file is replaced"
  (let* ((name (file "socket"))
         (server (open-server-socket name #:false-if-in-use? #t)))
    (close-port server)
    (port? server)))

(test-equal "a server answers as long as it listens, also when others wait"
  '(#t #f #f)
  (let* ((name (file "answered"))
         (server (open-server-socket name)))
    (define (answered-always? times)
      (or (zero? times)
          (and (socket-answered? name)
               (answered-always? (- times 1)))))
    (let ((while-it-listens (answered-always? 30)))
      (close-port server)
      (list while-it-listens
            (socket-answered? name)
            (socket-answered? (file "none"))))))

(test-equal "a failed connection names the file"
  (list "connect" "~A: ~A"
        (list (file "none") "No such file or directory") (list ENOENT))
  (catch 'system-error
    (lambda () (open-connection (file "none")))
    (lambda (key . args) args)))

(test-equal "the system log, while there is one"
  '("hello" result)
  (let* ((name (file "log"))
         (server (socket AF_UNIX SOCK_DGRAM 0)))
    (bind server AF_UNIX name)
    (let ((result (parameterize ((system-log-file name))
                    (call-with-syslog-port
                     (lambda (port)
                       (display "hello" port)
                       (force-output port)
                       'result)))))
      (let* ((bytes ((@ (rnrs bytevectors) make-bytevector) 100))
             (count (recv! server bytes)))
        (close-port server)
        (list (list->string
               (map integer->char
                    (take ((@ (rnrs bytevectors) bytevector->u8-list) bytes)
                          count)))
              result)))))


;;; Errors that clients show.

(define (reported error)
  (call-with-output-string
    (lambda (port)
      (parameterize ((current-error-port port)
                     (program-name "herd"))
        (report-command-error error)))))

(for-each
 (match-lambda
   ((name error text)
    (test-equal name text (reported error))))
 '(("service not found"
    (error (version 0) service-not-found x)
    "herd: error: service 'x' could not be found\n")
   ("action not found"
    (error (version 0) action-not-found a s)
    "herd: error: service 's' does not have an action 'a'
herd: hint: Run 'herd doc s list-actions' to list supported actions.\n")
   ("exception"
    (error (version 0) action-exception a s oops (1 "two" three))
    "herd: error: exception caught while executing 'a' on service 's':
Throw to key `oops' with args `(1 \"two\" three)'.\n")
   ("any other error"
    (error (version 7) whatever)
    "herd: error: something went wrong: (error (version 7) whatever)\n")
   ("no error" #f "")))

(test-end "comm")
