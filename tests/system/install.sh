# install.sh -- what is installed works from there
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# deadline: 300 seconds
make -C "${abs_top_builddir:?}" install-exec install-data \
  DESTDIR="$directory/root" >install.out 2>&1 || {
  cat install.out
  die "make install failed"
}
prefix=$directory/root$(sed -n 's/^prefix = //p' "$abs_top_builddir/Makefile")
site=$(find root -path '*/guile/site/3.0' -type d)
ccache=$(find root -path '*/guile/3.0/site-ccache' -type d)
check "each compiled module is not older than its source" \
  equal "" "$(find "$site" -name '*.scm' | while read -r file
              do
                name=${file#"$site"/}
                object=$ccache/${name%.scm}.go
                test -f "$object" && test ! "$file" -nt "$object" \
                  || echo "$file"
              done)"
# Programs do, to the debugger.
check "no module mentions the build tree" \
  equal "" "$(grep -rlF --include='*.scm' --include='*.go' \
                "$abs_top_builddir" root)"

for program in bindir/herd bindir/shepherd sbindir/halt sbindir/reboot
do
  directory_name=$(sed -n "s/^(define %${program%/*} \"\(.*\)\")/\1/p" \
    "$site/shepherd/config.scm")
  check "(shepherd config) knows where ${program#*/} is" \
    test -x "$directory/root$directory_name/${program#*/}"
done

# Away from the build tree; DESTDIR is named, as the prefix is elsewhere.
unset GUILE_LOAD_PATH GUILE_LOAD_COMPILED_PATH GUILE_AUTO_COMPILE
SHEPHERD_INTERPRETER=$(find "$directory/root" -name interpreter.so)
GUILE_LOAD_PATH=$directory/$site
GUILE_LOAD_COMPILED_PATH=$directory/$ccache
PATH=$prefix/sbin:$prefix/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH GUILE_LOAD_PATH GUILE_LOAD_COMPILED_PATH SHEPHERD_INTERPRETER
check "shepherd is the installed one" \
  equal "$prefix/bin/shepherd" "$(command -v shepherd)"
start_daemon <<'END'
(register-services (list (service '(one) #:start (const #t))))
END
check "it answers" equal "Service one has been started." "$(herd start one)"
check "halt is also called poweroff" \
  equal halt "$(readlink "$prefix/sbin/poweroff")"
check "nothing was compiled at run time" \
  equal "" "$(find "$HOME/.cache" -name '*.go' 2>/dev/null)"
check "nobody complained" fails printed '^;;;'
check "it ends" stop_daemon

make -C "$abs_top_builddir" uninstall DESTDIR="$directory/root" >/dev/null 2>&1
check "make uninstall leaves no file" equal "" \
  "$(find root -type f ! -name dir)"
finish
