;;; transcript.scm -- what the manual says commands print, and what they do.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; White space does not count, so that long lines can be broken; `...' stands
;;; for anything.  Dates, times and durations are compared by their form alone.
;;; A number of a process stands for whatever is in its place, and later for
;;; the same: the manual may say `kill 4711'.

(define-module (tests manual transcript)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (transcript-commands
            match-output
            rename-processes))

(define (transcript-commands text)
  "Return the commands in the transcript @var{text}, in order: a list of
@code{(@var{prompt} @var{command} @var{output})}, where the prompt is a
character.  A command goes on in lines that begin with @samp{> }."
  (define (command-line? line)
    (or (string-prefix? "$ " line) (string-prefix? "# " line)))

  (define (continuation? line)
    (string-prefix? "> " line))

  (define (rest-of line)
    (string-drop line 2))

  (let loop ((lines (string-split (string-trim-right text) #\newline))
             (result '()))
    (match lines
      (() (reverse result))
      (((? command-line? line) . rest)
       (let*-values (((more rest) (span continuation? rest))
                     ((output rest) (break command-line? rest)))
         (loop rest
               (cons (list (string-ref line 0)
                           (string-join (map rest-of (cons line more)) "\n")
                           (string-join output "\n" 'suffix))
                     result))))
      ((line . _)
       (error "no prompt in the first line of a transcript:" line)))))


;;; Tokens, set off by white space.

(define date-rx
  (make-regexp "(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9][0-9] \
([0-9]{2}:[0-9]{2}:[0-9]{2}) [0-9]{4}"))

(define (tokens text)
  "Return the tokens of @var{text}, in which dates of other days are as those of
today, with the time alone."
  (string-tokenize
   (regexp-substitute/global #f date-rx text 'pre 2 'post)))

;; Forms of tokens that stand for others of the same form.
(define %forms
  (map make-regexp
       '("^[(]?[0-9]{4}-[0-9]{2}-[0-9]{2}$"
         "^[0-9]{2}:[0-9]{2}:[0-9]{2}[.,]?$"
         "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)$"
         "^(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)$"
         "^(second|minute|hour|day)s?[.)]*$"
         "^[0-9]+[.][0-9]$")))

(define (form token)
  (find (lambda (rx) (regexp-exec rx token)) %forms))

(define number-rx (make-regexp "^[^0-9]*([0-9]+)([.][0-9]+)?[^0-9]*$"))

;; Words beside which a number is one of a date or a duration.
(define %beside
  (make-regexp "^((second|minute|hour|day)s?[.)]*|s|Jan|Feb|Mar|Apr|May|Jun|\
Jul|Aug|Sep|Oct|Nov|Dec|[0-9]{2}:[0-9]{2}:[0-9]{2}|UTC)$"))

(define (varies? before token after)
  "Is @var{token} a number that depends on when a command is run?"
  (and (regexp-exec number-rx token)
       (any (lambda (word) (regexp-exec %beside word))
            (list before after))))

;; What precedes the number of a process, in the same token or in one before.
(define process-rx (make-regexp "^([^ ]*[[])([0-9]+)([]][^ ]*)$"))
(define %before-process '("PID:" "(PID" "PID" "process" "processes:" "id:" "(id"))

(define (process-number before token)
  "Return what comes before the number of a process in @var{token}, the number, and
what comes after it; or @code{#f}."
  (cond ((regexp-exec process-rx token)
         => (lambda (m)
              (map (lambda (i) (match:substring m i)) '(1 2 3))))
        ((and (member before %before-process) (regexp-exec number-rx token))
         => (lambda (m)
              (list (substring token 0 (match:start m 1))
                    (match:substring m 1)
                    (substring token (match:end m 1)))))
        (else #f)))

(define (wild-match? pattern token)
  "Does @var{token} match @var{pattern}, in which `...' stands for anything?"
  (match (string-contains pattern "...")
    (#f (string=? pattern token))
    (index
     (let ((start (substring pattern 0 index))
           (end (string-drop pattern (+ index 3))))
       (and (string-prefix? start token)
            (let loop ((from index))
              (and (<= from (string-length token))
                   (or (wild-match? end (string-drop token from))
                       (loop (+ 1 from))))))))))

(define (numbers? . tokens)
  (every (lambda (token) (regexp-exec number-rx token)) tokens))

(define (match-token before pattern after actual-before actual processes)
  "Return @var{processes}, maybe with one more, if token @var{actual} is as
@var{pattern} says, or @code{#f}."
  (match (process-number before pattern)
    ((start number end)
     (match (process-number actual-before actual)
       ((actual-start actual-number actual-end)
        (and (wild-match? start actual-start) (wild-match? end actual-end)
             (match (assoc-ref processes number)
               (#f (acons number actual-number processes))
               (known (and (string=? known actual-number) processes)))))
       (#f #f)))
    (#f
     (and (cond ((assoc-ref processes pattern) =>
                 (lambda (number) (string=? number actual)))
                ((form pattern) => (lambda (rx) (regexp-exec rx actual)))
                ((varies? before pattern after)
                 (regexp-exec number-rx actual))
                (else (wild-match? pattern actual)))
          processes))))

(define* (match-output expected actual processes
                       #:key numbers-vary?)
  "Return @var{processes}, an alist from numbers in the manual to those of
processes, with those that become known, if the text @var{actual} is what
@var{expected} says; @code{#f} if it is not.  If @var{numbers-vary?}, any number
is as good as another."
  (define (first-or-empty list)
    (if (pair? list) (car list) ""))

  (let loop ((before "") (patterns (tokens expected))
             (actual-before "") (actual (tokens actual))
             (processes processes))
    (match patterns
      (()
       (and (null? actual) processes))
      (("..." . rest)
       (let skip ((before actual-before) (actual actual))
         (or (loop "" rest before actual processes)
             (and (pair? actual)
                  (skip (car actual) (cdr actual))))))
      ((pattern . rest)
       (match actual
         (() #f)
         ((token . more)
          (let ((processes (if (and numbers-vary? (numbers? pattern token))
                               processes
                               (match-token before pattern
                                            (first-or-empty rest)
                                            actual-before token processes))))
            (and processes
                 (loop pattern rest token more processes)))))))))

(define (rename-processes command processes)
  "Return @var{command} with the numbers in @var{processes} replaced."
  (fold (match-lambda*
          (((number . actual) command)
           (regexp-substitute/global
            #f (string-append "(^|[^0-9])" number "($|[^0-9])") command
            'pre 1 (const actual) 2 'post)))
        command
        processes))
