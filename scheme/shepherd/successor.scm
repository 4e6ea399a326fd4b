;;; (shepherd successor) -- what the next image of this process is told.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; After a crash, or for an upgrade, the process executes its program anew.
;;; The new image finds what services published, and what is here turned into
;;; data that `read' reads; (shepherd resume) makes services of it again.

(define-module (shepherd successor)
  #:use-module (ice-9 match)
  #:use-module ((srfi srfi-1) #:select (any))
  #:use-module (shepherd host)
  #:use-module (shepherd records)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd scheduler struct)
  #:export (declare-saved-value!
            declare-ending-value!
            saved-value-methods
            value->datum
            datum->value
            pending-value?
            pending-shown
            declare-saved-part!
            saved-parts
            restore-parts!
            define-from-parts
            inherited-processes
            set-inherited-processes!
            inherit-descriptors!
            take-unclaimed-descriptors!
            keep-descriptor!
            release-descriptor!

            resuming?
            current-client

            set-start-progress!
            start-progress

            remember!
            recall
            memory
            set-memory!))


;;;
;;; Running values.
;;;

;; What is only known as data so far: `datum->value' was not called yet.  Clients
;; are shown what they saw before.
(define-struct (<pending-value> make-pending-value pending-value?
                                pending-ref pending-set!
  datum
  shown))

(define kinds (make-hash-table))        ;tag -> (PREDICATE TO FROM)
(define methods (make-hash-table))      ;tag -> (STOP . ACTIONS)

(define* (declare-saved-value! tag value? value->datum datum->value
                               #:key stop (actions '()))
  "Let running values that satisfy @var{value?} be taken over by the next image of
the process.  @code{(@var{value->datum} VALUE)} returns data that @code{read} can
read back; it is called each time the service is published and must not suspend.
@code{(@var{datum->value} DATUM SERVICE)} returns the value anew, where SERVICE is
the service as the configuration now defines it; it may start fibers.
@var{tag}, a symbol, tells kinds of values apart.

Where nothing defines the service any more, as it was made by a command,
@var{stop} is its stop method, and it has those of @var{actions} that it had."
  (hashq-set! methods tag (cons stop actions))
  (hashq-set! kinds tag (list value? value->datum datum->value)))

(define endings '())                    ;list of predicates

(define (declare-ending-value! ends?)
  "Let services whose running values satisfy @var{ends?} end with this image of the
process: the next one finds them as if what ran had ended by itself."
  (set! endings (cons ends? endings)))

(define (saved-value-methods datum)
  "Return two values for a service that nothing defines any more and whose value
is saved as @var{datum}: a stop method, or @code{#f}, and a list of actions."
  (match datum
    (('kind tag _)
     (match (hashq-ref methods tag '(#f))
       ((stop . actions) (values stop actions))))
    (_
     (values #f '()))))

;; Pairs.  What is kept is written each time that the service changes, and a
;; circular list would have no end.
(define %plain-limit 100000)

(define (plain? object)
  "Return true if @var{object} can be written and read back, and is of a size to
be kept."
  (define left %plain-limit)

  (let plain? ((object object))
    (cond ((pair? object)
           (set! left (- left 1))
           (and (>= left 0)
                (plain? (car object))
                (plain? (cdr object))))
          (else
           (or (boolean? object) (number? object) (string? object)
               (symbol? object) (char? object) (keyword? object)
               (null? object))))))

(define (kind-of value)
  "Return @code{(TAG TO)} for the kind that @var{value} is of, or @code{#f}."
  (let loop ((entries (hash-map->list cons kinds)))
    (match entries
      (() #f)
      (((tag value? to from) . rest)
       (if (value? value)
           (list tag to)
           (loop rest))))))

(define (value->datum value)
  "Return the running value @var{value} as a datum: @code{(plain DATUM)},
@code{(process PID COMMAND)}, @code{(kind TAG DATUM)}, @code{(ended)} for what ends
with this image of the process, or @code{(lost)} for what cannot be kept."
  (cond ((pending-value? value)
         (pending-ref value datum))
        ((process? value)
         `(process ,(process-id value) ,(process-given-command value)))
        ((plain? value)
         `(plain ,value))
        ((any (lambda (ends?) (ends? value)) endings)
         '(ended))
        ((kind-of value)
         => (match-lambda
              ((tag to) `(kind ,tag ,(to value)))))
        (else
         '(lost))))

(define (pending-shown value)
  "Return what clients see of the pending @var{value}."
  (pending-ref value shown))

(define* (datum->value datum #:optional service #:key shown)
  "Return the running value that @var{datum} stands for; without @var{service},
what does not need it: the others stay pending.  What cannot be had any more is
@code{#t}."
  (match datum
    (('plain value) value)
    (('process pid command) (process pid command))
    (('kind tag saved)
     (if service
         (match (hashq-ref kinds tag)
           ((value? to from) (from saved service))
           (#f #t))
         (make-pending-value datum shown)))
    (_ #t)))

(define parts (make-hash-table))        ;tag -> (TO RESTORE DEFINE)

(define* (declare-saved-part! tag service->datum restore
                              #:optional (define-service (const #f)))
  "Let the next image of the process know more of services than their running
values.  @code{(@var{service->datum} SERVICE)} returns data, or @code{#f} for
nothing, each time that SERVICE is published.  @code{(@var{restore} DATUM
SERVICE)} is called in the next image, before @code{datum->value}.
@code{(@var{define-service} NAME DATUM)} returns the service called NAME if the
configuration does not define it, or @code{#f}."
  (hashq-set! parts tag (list service->datum restore define-service)))

(define (saved-parts service)
  "Return @code{(TAG DATUM)} for each part of @var{service} that is to be saved."
  (hash-fold (lambda (tag part result)
               (match ((car part) service)
                 (#f result)
                 (datum `((,tag ,datum) ,@result))))
             '()
             parts))

(define (restore-parts! service saved)
  "Restore @var{service} from @var{saved}, what @code{saved-parts} returned.  May
suspend."
  (for-each (match-lambda
              ((tag datum)
               (match (hashq-ref parts tag)
                 ((_ restore _) (restore datum service))
                 (#f #f))))
            saved))

(define (define-from-parts name saved)
  "Return the service called @var{name} that @var{saved}, what
@code{saved-parts} returned, defines, or @code{#f}."
  (any (match-lambda
         ((tag datum)
          (match (hashq-ref parts tag)
            ((_ _ define-service) (define-service name datum))
            (#f #f))))
       saved))


;;;
;;; Processes.
;;;

(define %processes-of (const '()))

(define (inherited-processes service)
  "Return the processes that an earlier image of this one had started for
@var{service}, and that lived when it ended, as pairs of PID and start in
nanoseconds since the Epoch."
  (%processes-of service))

(define (set-inherited-processes! processes-of)
  "Have @code{inherited-processes} call @var{processes-of}."
  (set! %processes-of processes-of))


;;;
;;; Descriptors.
;;;

(define unclaimed '())                  ;what the image before kept

(define (keep-descriptor! fd)
  "Let the next image of the process have the descriptor @var{fd}, open as it
is, under the same number."
  (set! unclaimed (delv fd unclaimed))
  (host-keep-descriptor! fd #t))

(define (inherit-descriptors!)
  "Note what the image before kept: until @code{take-unclaimed-descriptors!}, it
is claimed by @code{keep-descriptor!}."
  (set! unclaimed (host-inherited-descriptors)))

(define (take-unclaimed-descriptors!)
  "Return the descriptors that were not claimed; they are not kept any more."
  (let ((descriptors unclaimed))
    (set! unclaimed '())
    (for-each release-descriptor! descriptors)
    descriptors))

(define (release-descriptor! fd)
  "Undo @code{keep-descriptor!}; to be called before @var{fd} is closed."
  (host-keep-descriptor! fd #f))


;;;
;;; Loading the configuration again.
;;;

(define resuming?
  ;; True while the configuration is loaded by a successor: services are in the
  ;; states that were left, and not to be started, stopped, enabled or disabled.
  (make-parameter #f))

(define current-client
  ;; Number of the client whose command is being performed, 0 for none: the next
  ;; image may have to answer it.
  (make-parameter 0))


;;;
;;; Starts under way.
;;;

(define progress (make-hash-table))     ;service -> datum

(define (set-start-progress! service datum)
  "Note how far the start of @var{service} has come, for the next image to go on
from there once the service is published again; @code{#f}: the start is over."
  (if datum
      (hashq-set! progress service datum)
      (hashq-remove! progress service)))

(define (start-progress service)
  "Return what was noted, or @code{#f}."
  (hashq-ref progress service))


;;;
;;; The daemon's own memory.
;;;

(define %memory '())                    ;alist: symbol -> datum

(define (remember! key datum)
  "Let the next image of the process @code{recall} @var{datum} by @var{key}, a
symbol, once the root service is published again."
  (set! %memory (acons key datum (assq-remove! (list-copy %memory) key))))

(define (recall key)
  "Return what was remembered by @var{key}, here or in an earlier image of the
process, or @code{#f}."
  (assq-ref %memory key))

(define (memory)
  "Return all that is remembered, as an association list."
  %memory)

(define (set-memory! alist)
  "Take over what an earlier image of the process remembered."
  (set! %memory alist))
