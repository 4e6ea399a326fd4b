;;; colors-test.scm -- colors and links

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (tests colors)
  #:use-module (srfi srfi-64)
  #:use-module (shepherd colors))

(unsetenv "NO_COLOR")

(define (pretend-terminal! port)
  (hashq-set! (@@ (shepherd colors) terminals) port #t))

(define (on-terminal thunk)
  "Call THUNK with an output port that passes for a terminal."
  (let ((port (open-output-string)))
    (pretend-terminal! port)
    (parameterize ((current-output-port port))
      (thunk))))

(test-begin "colors")

(test-equal "control sequences"
  '("\x1b[1mx\x1b[0m" "\x1b[1;31mx\x1b[0m" "\x1b[4;37;44mx\x1b[0m")
  (map (lambda (color)
         (colorize-string "x" color))
       (list (color BOLD) (color BOLD RED) (color UNDERLINE WHITE ON-BLUE))))

(test-equal "colors are objects"
  '(#t #f)
  (map color? (list (color RED) 'RED)))

(test-error "an unknown color is a syntax error" 'syntax-error
  (eval '(color PINK) (resolve-module '(tests colors))))

(test-equal "no colors but on terminals"
  '(#f "x" "x" "x")
  (let ((port (open-output-string)))
    (list (color-output? port)
          (highlight "x" port)
          (highlight/error "x" port)
          ((coloring-procedure (color RED)) "x" port))))

(test-equal "whether a port is a terminal is asked once"
  '(#f #t #f)
  (let* ((port (open-output-string))
         (before (isatty?* port)))
    (pretend-terminal! port)
    (list before (isatty?* port) (isatty?* (open-output-string)))))

(test-equal "on terminals there are colors"
  '("\x1b[1mx\x1b[0m" "\x1b[1;32mx\x1b[0m" "\x1b[1;35mx\x1b[0m"
    "\x1b[1;31mx\x1b[0m" "\x1b[2mx\x1b[0m" "\x1b[34mx\x1b[0m" #t)
  (on-terminal
   (lambda ()
     (list (highlight "x") (highlight/success "x") (highlight/warn "x")
           (highlight/error "x") (dim "x")
           ((coloring-procedure (color BLUE)) "x")
           (color-output? (current-output-port))))))

(test-equal "the first words of messages"
  '("\x1b[1;31merror\x1b[0m" "\x1b[1;36mhint\x1b[0m" "error")
  (append (on-terminal
           (lambda ()
             (map (lambda (kind)
                    (colorize-diagnostic kind (current-output-port)))
                  '(error hint))))
          (list (colorize-diagnostic 'error (open-output-string)))))

(test-equal "unless NO_COLOR is set"
  '("x" "x" #f)
  (begin
    (setenv "NO_COLOR" "1")
    (let ((result (on-terminal
                   (lambda ()
                     (list (highlight "x") (dim "x")
                           (color-output? (current-output-port)))))))
      (unsetenv "NO_COLOR")
      result)))

(define rules
  (color-rules ("^(error): (.*)$" RED (BOLD BLUE))
               ("(hint)" CYAN)))

(test-equal "groups of the first rule that matches are colored"
  '("\x1b[31merror\x1b[0m: \x1b[1;34mbad\x1b[0m" "a \x1b[36mhint\x1b[0m." "x")
  (map rules '("error: bad" "a hint." "x")))

(test-equal "groups that took no part"
  "\x1b[31mb\x1b[0m"
  ((color-rules ("(a)?(b)" GREEN RED)) "b"))

(test-equal "whole matches are colored"
  "a\x1b[31mbb\x1b[0mc"
  ((colorize-full-matches (list (cons (make-regexp "b+") (color RED))))
   "abbc"))

(test-equal "links"
  '("\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\" #t "relative" #f)
  (list (hyperlink "http://x" "text")
        (and (string-contains (file-hyperlink "/tmp/a b%" "t")
                              "/tmp/a%20b%25\x1b\\t\x1b]8")
             #t)
        (file-hyperlink "relative")
        (supports-hyperlinks? (open-output-string))))

(test-end "colors")
