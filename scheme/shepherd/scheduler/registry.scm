;;; registry.scm --- All fibers, without keeping them alive
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A fiber that waits for what nobody can send any more is garbage, like any
;;; other object; a strong list of fibers would keep such fibers for ever.
;;; A registry is a weak vector that is filled from the front.  When it is
;;; full, what is left in it is moved to the front of one of a fitting size.
;;;
;;; Depends on struct.scm.

(define-module (shepherd scheduler registry)
  #:use-module (shepherd scheduler struct)
  #:use-module (ice-9 weak-vector)
  #:export (make-registry
            registry-add!
            registry-remove!
            registry->list))

(define %smallest-registry 64)

(define-struct (<registry> %make-registry registry?
                registry-ref registry-set!
  note-slot!                            ;object, slot -> unspecified
  slots                                 ;weak vector of objects
  size                                  ;number of slots
  fill))                                ;number of slots that were filled

(define (make-registry note-slot!)
  "Return an empty registry.  @var{note-slot!} is called with an object and
its slot when it gets one, then whenever that changes."
  (%make-registry note-slot!
                  (make-weak-vector %smallest-registry #f)
                  %smallest-registry
                  0))

(define (registry->list registry)
  "Return the objects in @var{registry}, the oldest first."
  (let ((slots (registry-ref registry slots)))
    (let loop ((i (- (registry-ref registry fill) 1))
               (objects '()))
      (if (< i 0)
          objects
          (let ((object (weak-vector-ref slots i)))
            (loop (- i 1) (if object (cons object objects) objects)))))))

(define (fitting-size count)
  "Return a number of slots of which @var{count} are at most half."
  (let loop ((size %smallest-registry))
    (if (< size (* 2 count))
        (loop (* 2 size))
        size)))

(define (compact! registry)
  "Move the objects that are left to the front of a new vector."
  (let* ((objects (registry->list registry))
         (size (fitting-size (length objects))))
    (registry-set! registry slots (make-weak-vector size #f))
    (registry-set! registry size size)
    (registry-set! registry fill 0)
    (let loop ((objects objects))
      (unless (null? objects)
        (append-object! registry (car objects))
        (loop (cdr objects))))))

(define (append-object! registry object)
  (let ((slot (registry-ref registry fill)))
    (weak-vector-set! (registry-ref registry slots) slot object)
    (registry-set! registry fill (+ slot 1))
    ((registry-ref registry note-slot!) object slot)))

(define (registry-add! registry object)
  "Add @var{object}, which is not false, to @var{registry}."
  (when (= (registry-ref registry fill) (registry-ref registry size))
    (compact! registry))
  (append-object! registry object))

(define (registry-remove! registry slot)
  "Remove the object in @var{slot} from @var{registry}."
  (weak-vector-set! (registry-ref registry slots) slot #f)
  ;; The last one in is often the first out.
  (when (= (+ slot 1) (registry-ref registry fill))
    (registry-set! registry fill slot)))
