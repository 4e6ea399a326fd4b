# configurations.sh -- files as others have written them, old and new
# shellcheck shell=sh
# deadline: 900 seconds

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# Each of tests/configurations/*/* is a configuration, written in the forms that
# are found in the files of many people; its comments say which.  They also have
# lines that say what is to be seen of it:
#
#   ;; running: NAME...   services that run when it has been loaded
#   ;; stopped: NAME...   services that do not, but do when they are started
#   ;; once: NAME...      one-shot services
#   ;; warnings: COUNT    files that the old interface is mentioned for, if not
#                         one of an old configuration and none of a new one
#   ;; goops              it imports GOOPS by itself

# The words after KEY in the configuration.
said ()
{
  sed -n "s/^;; $1: *//p" "$HOME/.config/shepherd/init.scm"
}

errors ()
{
  sed -n '/: error: \|Uncaught exception\|Exception caught\|WARNING/p' "$log"
}

old_interface_warnings ()
{
  grep -c 'of an old interface; write (.* (see "Old Configuration' "$log"
}

# Nothing of it is loaded, now that all is.
evaluates_to ()
{
  matches "^$1\$" "$(herd eval root "$2" | tail -n 1)"
}

loaded ()
{
  echo "(->bool (resolve-module '($1) #f #:ensure #f))"
}

times_loaded ()
{
  printed 'exception thrown while loading' && die "it is not loaded"
  test -f "$log" && answers \
    && test "$(grep -c 'Configuration successfully loaded' "$log")" -eq "$1"
}

pids ()
{
  for service in $(said running) $(said stopped)
  do
    echo "$service $(pid_of "$service")"
  done
}

# try KIND CONFIGURATION
try ()
{
  kind=$1
  name=$kind/$(basename "$2" .scm)
  echo "--- $name"
  export HOME="$directory/$name"
  mkdir -p "$HOME/.config"
  if test -d "$2"
  then
    cp -R "$2" "$HOME/.config/shepherd"
  else
    mkdir "$HOME/.config/shepherd"
    cp "$2" "$HOME/.config/shepherd/init.scm"
  fi
  log=$HOME/shepherd.log
  launch_daemon -c "$HOME/.config/shepherd/init.scm" -s "$socket" -l "$log"
  launched=$daemon
  eventually times_loaded 1 || die "the daemon did not start"
  # Most send it to the background.
  daemon=$(pid_of root)
  check "$name is loaded without an error" equal "" "$(errors)"
  case $kind in
    legacy) default=1 ;;
    modern) default=0 ;;
  esac
  warnings=$(said warnings)
  check "each old file of $name is mentioned once" \
    equal "${warnings:-$default}" "$(old_interface_warnings)"
  for service in $(said running)
  do
    check "$service of $name runs" eventually is_running "$service"
  done
  for service in $(said stopped)
  do
    check "$service of $name does not run" is_stopped "$service"
    check "it starts" quietly herd start "$service"
    check "and runs" is_running "$service"
  done
  for service in $(said once)
  do
    check "$service of $name does its work" quietly herd start "$service"
    check "and is stopped" is_stopped "$service"
  done
  if test "$kind" = modern \
    && ! grep -q '^;; goops$' "$HOME/.config/shepherd/init.scm"
  then
    check "nothing of the old interface is loaded for $name" \
      evaluates_to '#f' "$(loaded "shepherd legacy")"
    check "nor is GOOPS" evaluates_to '#f' "$(loaded "oop goops")"
  fi

  pids > before
  case $kind in
    legacy)
      kill -SEGV "$daemon"
      eventually logged 'Going on after a crash' || die "it does not go on" ;;
    modern)
      quietly herd reexec root || die "it does not go on" ;;
  esac
  eventually times_loaded 2 || die "it does not load its configuration"
  pids > after
  check "the services of $name go on in another image" diff before after
  check "without an error" equal "" "$(errors)"
  for service in $(said running) $(said stopped)
  do
    check "$service of $name still runs" is_running "$service"
  done

  for service in $(said running) $(said stopped)
  do
    check "$service of $name stops" quietly herd stop "$service"
    check "and does not run" is_stopped "$service"
  done
  check "the daemon of $name ends" quietly herd stop root
  eventually daemon_ended || die "it does not end"
  wait "$launched"
  daemon=
}

for configuration in "$abs_top_srcdir"/tests/configurations/legacy/* \
  "$abs_top_srcdir"/tests/configurations/modern/*
do
  case ${ONLY:-$configuration} in
    *"$(basename "$configuration" .scm)"*)
      try "$(basename "$(dirname "$configuration")")" "$configuration" ;;
  esac
done
HOME=$directory
finish
