;;; scheduler-port-test.scm --- Ports that suspend fibers
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; With real descriptors: here the scheduler waits in select.

(use-modules (ice-9 match)
             (ice-9 textual-ports)
             (srfi srfi-1)
             (srfi srfi-64)
             (shepherd scheduler))

(test-begin "scheduler-port")

(define (wait-for-real watched)
  "Return a 'wait' for the descriptors in WATCHED, a list of lists, each in a
cell: (EVENT FD)."
  (lambda (ns)
    (let* ((wanted (car watched))
           (fds (lambda (event)
                  (filter-map (match-lambda
                                ((e fd) (and (eq? e event) fd)))
                              wanted))))
      (match (select (fds 'readable) (fds 'writable) '()
                     (if (< ns 0) 10 (/ ns 1e9)))
        ((readable writable _)
         (when (and (< ns 0) (null? readable) (null? writable))
           (stop-scheduler! 'deadlock))
         (let ((events (append (map (lambda (fd) (list 'readable fd))
                                    readable)
                               (map (lambda (fd) (list 'writable fd))
                                    writable))))
           (set-car! watched
                     (lset-difference equal? wanted events))
           events))))))

(define (run-really thunk)
  "Call THUNK in a fiber, with Guile's clock and select."
  (let ((watched (list '())))
    (run-scheduler (lambda ()
                     (call-with-values thunk stop-scheduler!))
                   #:wait (wait-for-real watched)
                   #:now get-internal-real-time
                   #:watch-fd (lambda (fd event)
                                (set-car! watched
                                          (cons (list event fd)
                                                (car watched))))
                   #:forget-fd (lambda (fd)
                                 (set-car! watched
                                           (remove (match-lambda
                                                     ((_ other)
                                                      (= fd other)))
                                                   (car watched)))))))

(define (nonblocking-pipe)
  (let ((ports (pipe)))
    (for-each (lambda (port)
                (fcntl port F_SETFL (logior O_NONBLOCK
                                            (fcntl port F_GETFL)))
                (setvbuf port 'none))
              (list (car ports) (cdr ports)))
    ports))

(install-suspendable-port-waiters!)

(test-equal "reading from an empty pipe suspends the fiber alone"
  '("hello" meanwhile)
  (run-really
   (lambda ()
     (match (nonblocking-pipe)
       ((input . output)
        (let ((log '()))
          (spawn-fiber (lambda ()
                         (set! log (cons 'meanwhile log))
                         (put-string output "hello\n")))
          (let ((line (get-line input)))
            (cons line log))))))))

(test-equal "writing to a full pipe suspends the fiber until there is room"
  1000000
  (run-really
   (lambda ()
     (match (nonblocking-pipe)
       ((input . output)
        (spawn-fiber (lambda ()
                       (put-string output (make-string 1000000 #\x))
                       (close-port output)))
        (string-length (get-string-all input)))))))

(test-equal "outside of fibers ports block as before"
  "x"
  (match (nonblocking-pipe)
    ((input . output)
     (put-string output "x\n")
     (get-line input))))

(test-end)
