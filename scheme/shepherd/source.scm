;;; (shepherd source) -- reading source files one datum at a time.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A source is a whole file, in memory as UTF-8.  After an error of the
;;; reader one can go on at the next line that begins with an opening
;;; parenthesis, where a definition is most likely to begin.

(define-module (shepherd source)
  #:use-module (ice-9 binary-ports)
  #:use-module (rnrs bytevectors)
  #:use-module (srfi srfi-9)
  #:export (open-source
            source?
            source-file
            source-invalid-line
            read-source-datum
            resynchronise-source!
            rewind-source
            source-error-place
            file->bytes))

(define-record-type <source>
  (make-source file bytes port start invalid-line)
  source?
  (file  source-file)                             ;name, as given
  (bytes source-bytes)                            ;bytevector, UTF-8
  (port  source-port)                             ;input port over BYTES
  ;; Offset in BYTES of the datum read last, or being read.
  (start source-start set-source-start!)
  ;; Line of the first byte that made no sense in the file's encoding, or #f.
  (invalid-line source-invalid-line))

(define (fifo->bytes port)
  "Return what comes out of the FIFO behind @var{port} until its writers leave.
May suspend, also until there is one."
  (let ((wait (module-ref (resolve-interface '(ice-9 suspendable-ports))
                          'current-read-waiter)))
    (call-with-values open-bytevector-output-port
      (lambda (result contents)
        (let loop ()
          ((wait) port)
          (let ((bytes (get-bytevector-some port)))
            (unless (eof-object? bytes)
              (put-bytevector result bytes)
              (loop))))
        (contents)))))

(define (file->bytes file)
  "Return the contents of @var{file}, or raise a @code{system-error}.  May
suspend if it is a FIFO."
  (let* ((fd (open-fdes file (logior O_RDONLY O_CLOEXEC O_NONBLOCK)))
         (fifo? (eq? 'fifo (stat:type (stat fd))))
         (port (fdopen fd (if fifo? "r" "r0"))))
    (catch #t
      (lambda ()
        (let ((bytes (if fifo?
                         (fifo->bytes port)
                         (get-bytevector-all port))))
          (close-port port)
          (if (eof-object? bytes) #vu8() bytes)))
      (lambda args
        (close-port port)
        (apply throw args)))))


;;;
;;; Encodings.
;;;

(define (coding-cookie bytes)
  "Return the encoding that the beginning of @var{bytes} declares, or @code{#f}."
  (let ((port (open-bytevector-input-port bytes)))
    (set-port-encoding! port "ISO-8859-1")
    (false-if-exception (file-encoding port))))

(define (recode bytes encoding)
  "Return @var{bytes}, in @var{encoding}, as UTF-8 as far as they make sense;
@code{#f} if there is no such encoding."
  (false-if-exception
   (string->utf8
    ((module-ref (resolve-interface '(ice-9 iconv)) 'bytevector->string)
     bytes encoding 'substitute))))

(define (utf8? bytes)
  (catch 'decoding-error
    (lambda () (utf8->string bytes) #t)
    (lambda _ #f)))

(define (first-invalid-line bytes)
  "Return the number of the first line of @var{bytes} that is not UTF-8."
  (let loop ((start 0) (line 1))
    (let* ((end (line-end bytes start))
           (slice (make-bytevector (- end start))))
      (bytevector-copy! bytes start slice 0 (- end start))
      (if (and (utf8? slice) (< end (bytevector-length bytes)))
          (loop (+ end 1) (+ line 1))
          line))))

(define (->utf8 bytes)
  "Return @var{bytes} as UTF-8, and the line where they make no sense or
@code{#f}."
  (let* ((encoding (coding-cookie bytes))
         (recoded (and encoding
                       (not (string-ci=? encoding "UTF-8"))
                       (recode bytes encoding))))
    (cond (recoded
           (values recoded #f))
          ((utf8? bytes)
           (values bytes #f))
          (else
           (values (recode bytes "UTF-8") (first-invalid-line bytes))))))

(define (open-source file)
  "Return the source that @var{file} holds.  A @code{coding:} comment tells its
encoding, which is UTF-8 otherwise; what makes no sense in it is replaced."
  (call-with-values (lambda () (->utf8 (file->bytes file)))
    (lambda (bytes invalid-line)
      (make-source file bytes (bytes->port bytes file) 0 invalid-line))))

(define (bytes->port bytes file)
  (let ((port (open-bytevector-input-port bytes)))
    (set-port-encoding! port "UTF-8")
    (set-port-filename! port file)
    port))

(define (rewind-source source)
  "Return another source with the contents of @var{source}, at its beginning."
  (let ((bytes (source-bytes source))
        (file (source-file source)))
    (make-source file bytes (bytes->port bytes file) 0 #f)))


;;;
;;; Reading.
;;;

(define (read-source-datum source)
  "Return the next datum of @var{source} as a syntax object, or the end-of-file
object; raise what the reader raises."
  (let ((port (source-port source)))
    (set-source-start! source (ftell port))
    ((or (fluid-ref current-reader) read-syntax) port)))

(define (line-end bytes start)
  "Return the offset of the first newline of @var{bytes} from @var{start} on."
  (let ((size (bytevector-length bytes)))
    (let loop ((i start))
      (if (or (>= i size) (= 10 (bytevector-u8-ref bytes i)))
          i
          (loop (+ i 1))))))

(define (find-marker bytes start marker)
  "Return the offset after the two bytes @var{marker}, from @var{start} on."
  (let ((last (- (bytevector-length bytes) 1)))
    (let loop ((i start))
      (cond ((>= i last) (bytevector-length bytes))
            ((and (= (car marker) (bytevector-u8-ref bytes i))
                  (= (cdr marker) (bytevector-u8-ref bytes (+ i 1))))
             (+ i 2))
            (else (loop (+ i 1)))))))

(define (skip-atmosphere bytes start)
  "Return the offset of the first datum of @var{bytes} from @var{start} on."
  (define size (bytevector-length bytes))
  (define (ref i)
    (if (< i size) (integer->char (bytevector-u8-ref bytes i)) #\nul))
  (let loop ((i start))
    (cond ((>= i size) size)
          ((char-whitespace? (ref i)) (loop (+ i 1)))
          ((char=? #\; (ref i)) (loop (line-end bytes i)))
          ((char=? #\# (ref i))
           (case (ref (+ i 1))
             ((#\|) (loop (find-marker bytes (+ i 2) '(124 . 35))))
             ((#\!) (loop (find-marker bytes (+ i 2) '(33 . 35))))
             (else i)))
          (else i))))

(define (next-opening-line bytes start)
  "Return the offset of the first line that begins with an opening parenthesis,
after the line in which @var{start} is; @code{#f} if there is none."
  (let loop ((i (+ 1 (line-end bytes start))))
    (cond ((>= i (bytevector-length bytes)) #f)
          ((= 40 (bytevector-u8-ref bytes i)) i)
          (else (loop (+ 1 (line-end bytes i)))))))

(define (offset->place bytes offset)
  "Return the line and the column of @var{offset}, counted from 0."
  (let loop ((start 0) (line 0))
    (let ((end (line-end bytes start)))
      (if (< end offset)
          (loop (+ end 1) (+ line 1))
          (cons line (- offset start))))))

(define (source-error-place source)
  "Return where the datum that could not be read begins, and where reading can
go on, as two values: pairs of line and column, counted from 0.  The second is
@code{#f} if that is nowhere."
  (let* ((bytes (source-bytes source))
         (start (skip-atmosphere bytes (source-start source)))
         (next (next-opening-line bytes start)))
    (values (offset->place bytes start)
            (and next (offset->place bytes next)))))

(define (resynchronise-source! source)
  "Make @var{source} go on after a datum that could not be read, at the next
line that begins with an opening parenthesis.  Return true if there is one."
  (let* ((bytes (source-bytes source))
         (port (source-port source))
         (start (skip-atmosphere bytes (source-start source)))
         (next (next-opening-line bytes start)))
    (seek port (or next (bytevector-length bytes)) SEEK_SET)
    (when next
      (let ((place (offset->place bytes next)))
        (set-port-line! port (car place))
        (set-port-column! port 0)))
    (->bool next)))
