;;; (tests simulation points) -- code that tells where it may be interrupted.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The virtual machine looks for asyncs where a procedure is called, where one
;;; returns, and where a loop goes round.  From when this is asked for, modules
;;; are compiled such that they call `point!' there.  The calls are put in
;;; after all that Guile does to a module as a whole: what has become an
;;; instruction is no call, and what was inlined is none either.
;;;
;;; The virtual machine has hooks for calls, but in these nothing can be
;;; suspended, nor can an async be marked there that runs later.

(define-module (tests simulation points)
  #:use-module ((ice-9 control) #:select (let/ec))
  #:use-module (ice-9 match)
  #:use-module (language tree-il)
  #:use-module (language tree-il optimize)
  #:use-module (language tree-il spec)
  #:use-module (system base language)
  #:export (point!
            call-with-points
            compile-with-points!))

(define at-point #f)

(define (point!)
  (when at-point
    (at-point)))

(define (call-with-points procedure thunk)
  "Call THUNK; in it, have PROCEDURE called at each point."
  (dynamic-wind
    (lambda ()
      (set! at-point procedure))
    thunk
    (lambda ()
      (set! at-point #f))))


;;;
;;; Compiling.
;;;

(define %point
  (make-call #f (make-module-ref #f '(tests simulation points) 'point! #t)
             '()))

(define (after-point exp)
  (make-seq #f %point exp))

(define (call-at-point? exp)
  (and (seq? exp)
       (eq? %point (seq-head exp))))

(define (before-point exp)
  "Return EXP, which has one value, with a point behind it if it is a call."
  (if (call-at-point? exp)
      (let ((name (gensym "value ")))
        (make-let #f '(value) (list name) (list exp)
                  (after-point (make-lexical-ref #f 'value name))))
      exp))

(define (add-points exp)
  (post-order
   (match-lambda
     (($ <call> src procedure arguments)
      (after-point
       (make-call src procedure (map before-point arguments))))
     (($ <primcall> src name arguments)
      (make-primcall src name (map before-point arguments)))
     (($ <conditional> src test consequent alternate)
      (make-conditional src (before-point test) consequent alternate))
     (($ <let> src names symbols values body)
      (make-let src names symbols (map before-point values) body))
     (($ <seq> src (? call-at-point? head) tail)
      (make-seq src head (after-point tail)))
     (($ <lambda-case> src req opt rest kw inits symbols body alternate)
      (make-lambda-case src req opt rest kw inits symbols (after-point body)
                        alternate))
     (exp exp))
   exp))

(define (source-file source)
  (match source
    (#(file _ ...) file)                ;from Guile 3.0.9 on
    (_ (assq-ref source 'filename))))

(define (file-of exp)
  "Return the name of the file that EXP comes from, or #f."
  (let/ec return
    (pre-order (lambda (exp)
                 (let ((source (tree-il-src exp)))
                   (when source
                     (return (source-file source)))
                   exp))
               exp)
    #f))

(define (compile-with-points! with-points?)
  "From now on compile files with points if WITH-POINTS? says so of their names."
  (define (make-lowerer-with-points level options)
    (let ((lower (make-lowerer level options)))
      (lambda (exp environment)
        (let ((file (file-of exp))
              (lowered (lower exp environment)))
          (if (and file (with-points? file))
              (add-points lowered)
              lowered)))))

  ;; It is looked up there, by its name.
  (module-set! (resolve-module '(language tree-il spec)) 'tree-il
               (make-language
                #:name (language-name tree-il)
                #:title (language-title tree-il)
                #:reader (language-reader tree-il)
                #:printer (language-printer tree-il)
                #:parser (language-parser tree-il)
                #:joiner (language-joiner tree-il)
                #:compiler-chooser (language-compiler-chooser tree-il)
                #:analyzer (language-analyzer tree-il)
                #:lowerer make-lowerer-with-points
                #:for-humans? #f)))
