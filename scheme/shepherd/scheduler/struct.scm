;;; struct.scm --- Records that cost little to load
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; SRFI-9 makes a macro out of each accessor, to inline it; that takes some
;;; 16 KiB of compiled code and data a field, part of it private memory of
;;; the process, where this takes less than one.  Here one macro serves all
;;; fields of a type.  Access is inlined too, but checks only that the object
;;; is a record of some type, so these macros are for the scheduler's own
;;; use: its public procedures check what they are given.
;;;
;;; Depends on nothing.

(define-module (shepherd scheduler struct)
  #:export (define-struct
            field-index))

(define (field-index fields form name)
  "Return the index of @var{name}, an identifier in @var{form}, among the
symbols @var{fields}."
  (let loop ((fields fields) (i 0))
    (cond ((null? fields)
           (syntax-violation #f "no such field" form name))
          ((eq? (car fields) (syntax->datum name)) i)
          (else (loop (cdr fields) (+ i 1))))))

(define-syntax-rule (define-struct (type make predicate ref set field ...)
                      printer ...)
  ;; Define TYPE, a constructor MAKE and a PREDICATE as procedures, and the
  ;; macros (REF object field) and (SET object field value).
  (begin
    (define type
      (make-record-type 'type '(field ...) printer ...))
    (define (make field ...)
      (make-struct/simple type field ...))
    (define (predicate object)
      (and (struct? object)
           (eq? (struct-vtable object) type)))
    (define-syntax ref
      (lambda (form)
        (syntax-case form ()
          ((_ object name)
           #`(struct-ref object
                         #,(field-index '(field ...) form #'name))))))
    (define-syntax set
      (lambda (form)
        (syntax-case form ()
          ((_ object name value)
           #`(struct-set! object
                          #,(field-index '(field ...) form #'name)
                          value)))))))
