;;; repl-geiser.el --- Emacs's Geiser at work with a REPL  -*- lexical-binding: t -*-

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; Run in batch mode with the socket as $REPL, a directory to work in as $PWD.
;; Each line printed tells what somebody at the keyboard would see.

(package-initialize)
(require 'geiser)
(require 'geiser-guile)
(require 'geiser-repl)
(require 'geiser-mode)
(require 'geiser-completion)
(require 'geiser-autodoc)
(setq geiser-active-implementations '(guile)
      geiser-repl-query-on-kill-p nil
      geiser-repl-history-filename (expand-file-name "history"))

(defun show (what value)
  (princ (format "%s: %S\n" what value)))

(geiser-connect-local 'guile (getenv "REPL"))
(defvar repl (current-buffer))

(defvar source (find-file-noselect "buffer.scm"))

(defun type (text)
  "Type TEXT into a buffer with Scheme code, and evaluate it there."
  (with-current-buffer source
    (goto-char (point-max))
    (let ((start (point)))
      (insert text "\n")
      (geiser-eval-region start (point) nil nil t))))

(set-buffer source)
(geiser-mode 1)
(show "definition" (type "(define* (greet name #:key loud?) \"Greet NAME.\" (list 'hello name))"))
(show "value" (type "(greet 'you)"))
(show "output" (type "(begin (display \"said\") 1)"))
(show "slept" (type "(begin (sleep 0.2) 2)"))
(show "error" (type "(car 'no-pair)"))
(show "after the error" (type "(+ 1 1)"))
(show "symbols" (geiser-eval--send/result '(:eval (:ge completions "call-with-out"))))
(show "modules" (geiser-eval--send/result '(:eval (:ge module-completions "(shepherd rep"))))
(show "autodoc" (geiser-eval--send/result '(:eval (:ge autodoc '(greet)))))
(show "documentation" (geiser-eval--send/result '(:eval (:ge symbol-documentation 'greet))))
(show "place" (geiser-eval--send/result '(:eval (:ge module-location '(shepherd service)))))
(show "expansion" (geiser-eval--send/result '(:eval (:ge macroexpand '(when 1 2)))))

(set-buffer source)
(erase-buffer)
(insert "(define loaded (begin (sleep 0.1) 'from-a-file))\n")
(save-buffer)
(show "file" (geiser-load-current-buffer))
(show "loaded" (type "loaded"))

(with-current-buffer repl
  (goto-char (point-max))
  (insert "(use-modules (shepherd service))")
  (geiser-repl--send-input)
  (goto-char (point-max))
  (insert "(service-status root-service)")
  (geiser-repl--send-input)
  (let ((patience 300))
    (while (and (> patience 0)
                (not (string-match-p "= running$" (buffer-string))))
      (setq patience (1- patience))
      (accept-process-output (get-buffer-process repl) 0.1)))
  (show "typed" (and (string-match "\\$[0-9]+ = running$" (buffer-string))
                     (match-string-no-properties 0 (buffer-string))))
  (geiser-repl-exit))
