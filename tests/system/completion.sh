# completion.sh -- shells complete what one types to herd
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# deadline: 600 seconds

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

for program in tmux bash zsh fish
do
  command -v $program >/dev/null || skip "no $program"
done
test -f /usr/share/bash-completion/bash_completion || skip "no bash-completion"
make -C "${abs_top_builddir:?}" install-completion DESTDIR="$directory/stage" \
  > install.out 2>&1 || { cat install.out; die "cannot install"; }
data=$directory/stage$(sed -n 's/^prefix = //p' "$abs_top_builddir/Makefile")/share

start_daemon <<'END'
(define (thing names . actions)
  (service names
    #:start (const #t) #:stop (const #f)
    #:actions (map (lambda (name)
                     (action name (const #t)))
                   actions)))
(register-services
 (list (thing '(lamp light) 'dim 'glow) (thing '(lantern) 'glow)
       (thing '(getty@tty1:x)) (thing '(ladder))))
(start-service (lookup-service 'ladder))
END
touch thing-1.scm

# A terminal, for one shell after the other.
terminal ()
{
  tmux -S "$directory/tmux.$shell" -f /dev/null "$@"
}

screen ()
{
  terminal capture-pane -p -J -t shell
}

shows ()
{
  screen | grep -q -E -e "$1"
}

lacks ()
{
  ! shows "$1"
}

alone ()
{
  equal 'ready>' "$(screen | sed '/^$/d; s/ *$//')" >/dev/null
}

# type TEXT: type it at an empty prompt, on an empty screen.
type ()
{
  eventually alone || die "no prompt"
  terminal send-keys -t shell -l "$1"
}

press ()
{
  terminal send-keys -t shell "$@"
}

# Until the shell has done what was asked before; then an empty screen.
wipe ()
{
  press C-u C-l
}

# completes SENTENCE TEXT REGEXP: TAB makes it a line like this.
completes ()
{
  type "$2"
  press Tab
  check "$shell: $1" eventually shows "$3"
  wipe
}

# lists SENTENCE TEXT YES NO: TAB shows these candidates and not those.
lists ()
{
  type "$2"
  # Bash lists them when asked again.
  press Tab
  test "$shell" != bash || press Tab
  check "$shell: $1" eventually shows "$3"
  check "$shell: $1, and no other" lacks "$4"
  wipe
}

# nothing SENTENCE TEXT: TAB does not change the line, nor say anything.
nothing ()
{
  type "$2"
  press Tab
  terminal send-keys -t shell -l 'END'
  check "$shell: $1" eventually shows "^ready> $2 ?END\$"
  check "$shell: $1, silently" equal 1 "$(screen | sed '/^$/d' | wc -l)"
  wipe
}

start_shell ()
{
  shell=$1
  shift
  terminal new-session -d -s shell -x 120 -y 40 \
    "exec env XDG_DATA_DIRS=$data:/usr/share $*" || die "no terminal"
}

common ()
{
  completes "an action" 'herd det' '^ready> herd detailed-status'
  completes "an action that some services have" "herd -s $socket glo" \
    "^ready> herd -s $socket glow"
  completes "a service that has it" "herd -s $socket dim " \
    "^ready> herd -s $socket dim lamp"
  completes "a service that runs, to be stopped" "herd stop -s $socket la" \
    "^ready> herd stop -s $socket ladder"
  lists "services to be started" "herd --socket=$socket start " \
    'lamp +lantern' 'ladder'
  completes "a name with odd characters" "herd -s $socket status get" \
    "^ready> herd -s $socket status getty@tty1:x"
  completes "root alone, where it must be" "herd -s $socket eval r" \
    "^ready> herd -s $socket eval root"
  completes "a file to be loaded" "herd -s $socket load root thi" \
    "^ready> herd -s $socket load root thing-1.scm"
  completes "what there is to say of a service" "herd -s $socket doc lamp l" \
    "^ready> herd -s $socket doc lamp list-actions"
  lists "actions that are documented" "herd -s $socket doc lamp action " \
    'dim +glow' 'list'
  completes "a service to be unloaded" "herd -s $socket unload root lam" \
    "^ready> herd -s $socket unload root lamp"
  completes "an option" 'herd --log-h' '^ready> herd --log-history'
  completes "the socket" "herd -s $socket_directory/so" \
    "^ready> herd -s $socket_directory/socket"
  nothing "there may be no daemon" "herd -s $directory/nowhere start l"
  terminal kill-server
}

cat > bashrc <<'END'
PS1='ready> '
bind 'set bell-style none'
. /usr/share/bash-completion/bash_completion
END
start_shell bash bash --noprofile --rcfile "$directory/bashrc" -i
common

cat > .zshrc <<END
PS1='ready> '
fpath=($data/zsh/site-functions \$fpath)
autoload -U compinit
compinit -u -D
unsetopt beep
END
start_shell zsh ZDOTDIR="$directory" zsh -i
common

cat > fishrc <<'END'
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
function fish_prompt; echo 'ready> '; end
END
start_shell fish fish -i -C "'source $directory/fishrc'"
common

check "the daemon ends" stop_daemon
finish
