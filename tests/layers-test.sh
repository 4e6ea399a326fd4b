# layers-test.sh -- who may use what, and how long a file may get
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

cd "${abs_top_srcdir:?}" || exit 1

. "$abs_top_srcdir/tests/offenders.sh"

scheme_files ()
{
  find scheme -name '*.scm' | grep -v '^scheme/shepherd/config\.scm$' | sort
}

c_files ()
{
  find src include -name '*.[ch]' | sort
}

scheme_files > "$TMPDIR/present"
sed -n '/^SCHEME_\(COMPAT_\)*MODULES/,/[^\\]$/s/^ *\(scheme\/[^ ]*\.scm\).*$/\1/p' \
  scheme/local.mk | sort > "$TMPDIR/listed"
diff "$TMPDIR/present" "$TMPDIR/listed" \
  | none "scheme/local.mk lists exactly the modules that there are"

c_files | xargs grep -lE 'libguile\.h|\bSCM\b' | grep -v '^src/guile/' \
  | none "only src/guile knows libguile"

grep -nE '(^|[^A-Z_])(_|P_) ?\("|strerror' \
  src/core/*.[ch] src/logger/*.[ch] src/successor/*.[ch] \
  src/lib/watch-words.c src/lib/whereabouts.c \
  | none "the rooms have their messages translated beforehand, by R_"

c_files | xargs grep -LE '^#include <config\.h>' | grep '\.c$' \
  | none "every C file begins with config.h"

# In strings and comments they are allowed.
scheme_files | while read -r file
do
  sed 's/"[^"]*"//g; s/;.*$//' "$file" \
    | grep -nE '\((u?sleep|system\*|waitpid|primitive-fork|sigaction)[ )]' \
    | grep -v '(define' | sed "s|^|$file:|"
done | none "nothing in scheme/ blocks the interpreter or takes its signals"

c_files | xargs wc -l | awk '$2 != "total" && $1 > 500' \
  | none "C files have at most 500 lines"

scheme_files | xargs wc -l | awk '$2 != "total" && $1 > 600' \
  | none "Scheme modules have at most 600 lines"

# Whatever waits for children is the spawner's.
grep -lE '\b(v?fork|clone|posix_spawnp?) \(' src/core/*.c src/logger/*.c \
  | none "neither core nor logger gives birth to processes"

find src/core src/logger -name '*.[ch]' -exec cat {} + \
  | awk '/^[[:space:]]*$/ { next }
         /^[[:space:]]*\/\*/ { comment = 1 }
         !comment { lines++ }
         /\*\// { comment = 0 }
         END { if (lines > 4000) print lines }' \
  | none "core and logger have at most 4,000 lines of C"

c_files | xargs awk 'length > 80 { print FILENAME ":" FNR }' \
  | none "lines of C have at most 80 columns"

{ c_files; scheme_files; find tests build-aux -maxdepth 1 -name '*.sh' -o -name '*-test.*' -type f; } \
  | sort -u | xargs grep -L 'SPDX-License-Identifier: GPL-3.0-or-later' \
  | none "every file names its licence"

test ! -s "$TMPDIR/failures"
