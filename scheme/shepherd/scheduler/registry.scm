;;; registry.scm --- All fibers, without keeping them alive
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A fiber that waits for what nobody can send any more is garbage, like any
;;; other object; a strong list of fibers would keep such fibers for ever.
;;; A registry is a weak vector with a list of free slots.  The slots of
;;; objects that were collected are found when no slot is free.
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

(define-struct (<registry> %make-registry registry? registry-ref registry-set!
  size                                  ;number of slots
  slots                                 ;weak vector of objects
  free))                                ;list of indices

(define (make-registry)
  "Return an empty registry."
  (%make-registry %smallest-registry
                  (make-weak-vector %smallest-registry #f)
                  (iota %smallest-registry)))

(define (empty-slots slots size)
  (let loop ((i (- size 1))
             (free '()))
    (cond ((< i 0) free)
          ((weak-vector-ref slots i) (loop (- i 1) free))
          (else (loop (- i 1) (cons i free))))))

(define (find-free-slots! registry)
  "Note the slots whose objects were collected as free, and double the vector
if they are fewer than half."
  (let* ((slots (registry-ref registry slots))
         (size (registry-ref registry size))
         (free (empty-slots slots size)))
    (if (> (* 2 (length free)) size)
        (registry-set! registry free free)
        (let ((larger (make-weak-vector (* 2 size) #f)))
          (let loop ((i 0))
            (when (< i size)
              (weak-vector-set! larger i (weak-vector-ref slots i))
              (loop (+ i 1))))
          (registry-set! registry size (* 2 size))
          (registry-set! registry slots larger)
          (registry-set! registry free (append free (iota size size)))))))

(define (registry-add! registry object)
  "Add @var{object}, which is not false, to @var{registry}; return its
slot."
  (when (null? (registry-ref registry free))
    (find-free-slots! registry))
  (let ((slot (car (registry-ref registry free))))
    (registry-set! registry free (cdr (registry-ref registry free)))
    (weak-vector-set! (registry-ref registry slots) slot object)
    slot))

(define (registry-remove! registry slot)
  "Remove the object in @var{slot} from @var{registry}."
  (weak-vector-set! (registry-ref registry slots) slot #f)
  (registry-set! registry free (cons slot (registry-ref registry free))))

(define (registry->list registry)
  "Return the objects in @var{registry}, in the order of their slots."
  (let ((slots (registry-ref registry slots)))
    (let loop ((i (- (registry-ref registry size) 1))
               (objects '()))
      (if (< i 0)
          objects
          (let ((object (weak-vector-ref slots i)))
            (loop (- i 1) (if object (cons object objects) objects)))))))
