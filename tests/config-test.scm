;;; config-test.scm -- what was fixed when the package was built

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 popen)
             (ice-9 rdelim)
             (srfi srfi-64)
             (shepherd config))

(test-begin "config")

(test-equal "directories are absolute, without variables of make"
  '()
  (filter (lambda (directory)
            (or (not (absolute-file-name? directory))
                (string-index directory #\$)))
          (list Prefix-dir %bindir %sbindir %localstatedir %runstatedir %sysconfdir %localedir
                %pkglibdir)))

(test-assert "what is below the prefix is"
  (and (string-prefix? Prefix-dir %localedir)
       (string-prefix? Prefix-dir %pkglibdir)))

(test-equal "the programs are of the same package and version"
  (string-append "herd (" package-name ") " Version)
  (let* ((port (open-pipe* OPEN_READ
                           (string-append (getenv "abs_top_builddir") "/herd")
                           "--version"))
         (line (read-line port)))
    (close-pipe port)
    line))

(test-assert "there is somewhere to write to, and to read more"
  (and (string? bug-address) (string? package-url)))

(test-end "config")
