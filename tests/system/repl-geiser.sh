# repl-geiser.sh -- Emacs's Geiser connects to the REPL
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/repl-lib.sh
. "${abs_top_srcdir:?}/tests/system/repl-lib.sh"

geiser=$(find /usr/share/emacs/site-lisp/elpa-src -path '*/geiser/emacs.scm' 2>/dev/null \
           | grep guile | head -n 1)
geiser=${geiser%geiser/emacs.scm}
test -n "$geiser" || skip "no Geiser"
command -v emacs > /dev/null || skip "no Emacs"

start_daemon_with_repl < /dev/null

# The lines that it sends, without Emacs.  An answer ends with a newline and a
# prompt.
prompts ()
{
  grep -c '^scheme@(shepherd-user)> ' editor.out
}
sends ()
{
  wanted=$(($(prompts) + 1))
  before=$(wc -l < editor.out)
  tell 7 "$@"
  eventually prompted > /dev/null || return 1
  tail -n "+$((before + 1))" editor.out | sed 's/^scheme@([^)]*)> //' > answer
}
prompted ()
{
  test "$(prompts)" -ge "$wanted"
}
answers_with ()
{
  grep -q -F -e "$1" answer
}
dial 7 editor
wanted=1
eventually prompted
sends "(begin (if (not (%search-load-path \"geiser/emacs.scm\")) (set! %load-path (cons \"$geiser\" %load-path))) 'done)"
check "its code is put on the load path" answers_with '= done'
sends ',use (geiser emacs)' "'done"
check "and loaded" answers_with '= done'
sends ",geiser-eval (geiser evaluation) ge:set-warnings ('medium) ()"
check "warnings can be set" answers_with '((result'
tell 7 ',geiser-no-values'
sends ',geiser-eval #f (define (f x) "Doc." (* 2 x)) ()'
check "definitions are evaluated" answers_with '((result "#<unspecified>") (output . ""))'
sends ',geiser-eval (shepherd-user) (begin (sleep 0.1) (display "out") (f 21)) ()'
check "expressions may wait, and print" answers_with '((result "42") (output . "out"))'
sends ',geiser-eval #f (unbound-name) ()'
check "errors are reported" answers_with 'Unbound variable: unbound-name'
check "without another prompt" fails grep -q '\[1\]' editor.out
sends ',geiser-eval #f (+ 1 1) ()'
check "and leave no trace" answers_with '((result "2") (output . ""))'
sends ',geiser-eval #f ge:completions ("call-with-out") ()'
check "symbols are completed" answers_with '\"call-with-output-string\"'
sends ',geiser-eval #f ge:module-completions ("(shepherd serv") ()'
check "modules are completed" answers_with '(shepherd service)'
sends ",geiser-eval #f ge:autodoc ('(f)) ()"
check "arguments are shown" answers_with '(\"required\" x)'
sends ",geiser-eval #f ge:symbol-documentation ('f) ()"
check "documentation is shown" answers_with 'Doc.'
echo "(define answer (begin (sleep 0.1) 'loaded))" > file.scm
sends ",geiser-load-file \"$directory/file.scm\""
check "files are compiled and loaded, and may wait" answers_with '((result'
sends ',geiser-eval #f answer ()'
check "what they define is there" answers_with '((result "loaded")'
check "what was compiled is in a cache of ours" \
  test -f "$HOME/.cache/shepherd/compiled$directory/file.scm.go"
sends ",geiser-newline" ",error-message" ",bt"
tell 7 ",m (shepherd service)"
check "the module can be changed" \
  eventually said editor 'scheme@\(shepherd service\)> $'
tell 7 ',q'
check "it can quit" eventually gone "$editor"
exec 7>&-

# Emacs itself.
REPL=$repl emacs --batch --no-init-file -l "$abs_top_srcdir/tests/system/repl-geiser.el" \
  > emacs.out 2> emacs.err
check "Emacs has nothing to complain about" equal 0 $?
# shows WHAT REGEXP
shows ()
{
  check "it shows $1" grep -q -E -e "^$1: .*$2" emacs.out
}
shows definition '"#<unspecified>"'
shows value '"\(hello you\)"'
shows output '\(result "1"\) \(output \. "said"\)'
shows slept 'result "2"'
shows error 'error'
check "and what it was" grep -q 'In procedure car: Wrong type argument' emacs.out
shows "after the error" 'result "2"'
shows symbols '"call-with-output-string"'
shows modules '"\(shepherd repl'
shows autodoc '"required" name'
check "it shows what it documents" grep -q '^Greet NAME\.' emacs.out
shows place '"file" \. "[^"]*/shepherd/service.scm"'
shows expansion '\(if 1 2\)'
shows loaded 'from-a-file'
shows typed '= running'
check "its service ends" eventually fails quietly herd status repl-client-2
check "the daemon never crashed" fails in_log 'Going on after a crash'
check "the daemon ends" stop_daemon
finish
