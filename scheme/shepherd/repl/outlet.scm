;;; (shepherd repl outlet) -- output on its way to a client.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; `display' and many others write from C, where a fiber cannot wait for a
;;; client that does not read.  An outlet has a port that takes everything at
;;; once; a fiber of its own sends it.  Who is far ahead of the client has to
;;; wait where that is possible, when its turn is over.  What those who cannot
;;; wait write is dropped in the end, and counted.

(define-module (shepherd repl outlet)
  #:use-module (rnrs bytevectors)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd output)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd support)
  #:export (make-outlet
            outlet-port
            end-outlet!
            close-outlet!
            outlet-news-operation
            take-output!
            note-sent!
            outlet-over?))

(define-record-type <outlet>
  (%make-outlet port state blocks block fill size dropped news room)
  outlet?
  (port   outlet-port set-outlet-port!)
  (state  outlet-state set-outlet-state!)   ;open, ended or closed
  (blocks outlet-blocks set-outlet-blocks!) ;full bytevectors, latest first
  (block  outlet-block set-outlet-block!)   ;bytevector being filled
  (fill   outlet-fill set-outlet-fill!)     ;bytes in BLOCK
  (size   outlet-size set-outlet-size!)     ;bytes that were not sent yet
  (dropped outlet-dropped set-outlet-dropped!) ;bytes that there was no room for
  (news   outlet-news set-outlet-news!)     ;condition: take output
  (room   outlet-room set-outlet-room!))    ;condition: less than %much is left

(define %block 4096)
(define %much 65536)                    ;bytes ahead, to be waited for
(define %most 16777216)                 ;bytes ahead, at most

(define (make-outlet)
  "Return an outlet."
  (let ((outlet (%make-outlet #f 'open '() (make-bytevector %block) 0 0 0
                              (make-condition) (make-condition))))
    (set-outlet-port! outlet
                      (make-sink "REPL client"
                                 (lambda (bytes start count)
                                   (put! outlet bytes start count))))
    outlet))

(define (put! outlet bytes start count)
  (without-preemption
   (when (eq? 'open (outlet-state outlet))
     (if (> (+ count (outlet-size outlet)) %most)
         (set-outlet-dropped! outlet (+ count (outlet-dropped outlet)))
         (take! outlet bytes start count))))
  ;; Not the methods of services, whose messages come here as well.
  (when (and (full? outlet)
             (current-fiber)
             (eq? (outlet-port outlet) (current-output-port)))
    (interrupt-fiber! (current-fiber)
                      (lambda ()
                        (await-room outlet)))))

(define (take! outlet bytes start count)
  (append-bytes! outlet bytes start count)
  (signal-condition! (outlet-news outlet)))

(define (note-dropped! outlet)
  "Have the client see that something is missing."
  (let ((text (string->utf8
               (string-append
                "\n["
                (format-message (l10n "~a byte was not read in time"
                                      "~a bytes were not read in time"
                                      (outlet-dropped outlet))
                                (outlet-dropped outlet))
                "]\n"))))
    (set-outlet-dropped! outlet 0)
    (take! outlet text 0 (bytevector-length text))))

;; An interruption may raise an exception at any call: fields that belong together
;; are set without one in between.
(define (append-bytes! outlet bytes start count)
  (when (positive? count)
    (when (= %block (outlet-fill outlet))
      (begin-block! outlet))
    (let* ((fill (outlet-fill outlet))
           (part (min count (- %block fill))))
      (bytevector-copy! bytes start (outlet-block outlet) fill part)
      (set-outlet-fill! outlet (+ fill part))
      (set-outlet-size! outlet (+ part (outlet-size outlet)))
      (append-bytes! outlet bytes (+ start part) (- count part)))))

(define (begin-block! outlet)
  (let ((blocks (cons (outlet-block outlet) (outlet-blocks outlet)))
        (block (make-bytevector %block)))
    (set-outlet-blocks! outlet blocks)
    (set-outlet-block! outlet block)
    (set-outlet-fill! outlet 0)))

(define (full? outlet)
  (and (eq? 'open (outlet-state outlet))
       (> (outlet-size outlet) %much)))

(define (await-room outlet)
  "Wait until the client has read most of what @var{outlet} took."
  (when (full? outlet)
    (wait (outlet-room outlet))
    (await-room outlet)))

(define (make-room! outlet)
  (signal-condition! (outlet-room outlet))
  (set-outlet-room! outlet (make-condition)))

(define (end-outlet! outlet)
  "Take no more for @var{outlet}; what it has is still to be sent."
  (without-preemption
   (when (eq? 'open (outlet-state outlet))
     (set-outlet-state! outlet 'ended)
     (make-room! outlet)
     (signal-condition! (outlet-news outlet)))))

(define (close-outlet! outlet)
  "Drop what @var{outlet} has; from now on what is written to it vanishes."
  (without-preemption
   (set-outlet-state! outlet 'closed)
   (take-output! outlet)
   (make-room! outlet)))


;;;
;;; For who sends it.
;;;

(define (outlet-news-operation outlet)
  "Return the operation that waits until there is something to take from
@var{outlet}, or it has ended."
  (wait-operation (outlet-news outlet)))

(define (take-output! outlet)
  "Return what is to be sent, a list of bytevectors, and forget it."
  (without-preemption
   (let* ((rest (make-bytevector (outlet-fill outlet)))
          (blocks (reverse (cons rest (outlet-blocks outlet)))))
     (bytevector-copy! (outlet-block outlet) 0 rest 0 (outlet-fill outlet))
     (unless (eq? 'ended (outlet-state outlet))
       (set-outlet-news! outlet (make-condition)))
     (set-outlet-blocks! outlet '())
     (set-outlet-fill! outlet 0)
     blocks)))

(define (note-sent! outlet count)
  "Note that @var{count} bytes of what was taken from @var{outlet} were sent."
  (without-preemption
   (set-outlet-size! outlet (- (outlet-size outlet) count))
   (unless (full? outlet)
     (when (positive? (outlet-dropped outlet))
       (note-dropped! outlet))
     (make-room! outlet))))

(define (outlet-over? outlet)
  "Return true if @var{outlet} has ended and all of it was sent."
  (and (eq? 'ended (outlet-state outlet))
       (zero? (outlet-size outlet))))
