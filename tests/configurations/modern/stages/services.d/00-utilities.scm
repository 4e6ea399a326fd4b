;; 00-utilities.scm -- loaded first by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; 'format' is used for what needs (ice-9 format), without importing it.
(use-modules (ice-9 ftw)
             (srfi srfi-1)
             (shepherd service))

(define* (mkdir-p dir #:optional (mode #o755))
  (let loop ((parts (string-split dir #\/))
             (path ""))
    (if (null? parts)
        #t
        (let* ((next (car parts))
               (full (if (string=? path "") next
                         (string-append path "/" next))))
          (unless (or (string=? next "") (file-exists? full))
            (catch 'system-error
              (lambda () (mkdir full mode))
              (lambda args
                (unless (= (system-error-errno args) EEXIST)
                  (apply throw args)))))
          (loop (cdr parts) full)))))

(define (ensure-dir dir)
  (catch 'system-error
    (lambda () (mkdir-p dir))
    (lambda args (if (and (pair? args)
                          (= EEXIST (system-error-errno args)))
                     #f
                     (apply throw args)))))

(define (run-or-ignored command . args)
  (catch 'system-error
    (lambda () (apply system* command args))
    (lambda _ #t)))

(define* (pseudo-fs-service name
                            #:key
                            source
                            target
                            (options '())
                            (requirement '()))
  (service
   (list name)
   #:documentation
   (format #f "Mount ~a~a."
           target
           (if (null? options) ""
               (format #f " (options: ~{~a~^,~})" options)))
   #:requirement requirement
   #:start
   (lambda _
     (let ((args (append (if (null? options)
                             '()
                             `("-o" ,(string-join options ",")))
                         `(,source ,target))))
       (or (zero? (apply system* "true" args))
           (file-exists? target))))
   #:stop (const #t)
   #:one-shot? #t))

(define* (stage name documentation requirements)
  (service (if (list? name) name (list name))
           #:documentation documentation
           #:requirement requirements
           #:start (const #t)
           #:stop (const #t)
           #:one-shot? #t))
