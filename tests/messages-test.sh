# messages-test.sh -- every message is found, and every catalogue is in order
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

for program in xgettext msgfmt msgmerge
do
  command -v $program >/dev/null || { echo "SKIP: no $program"; exit 77; }
done

source=${abs_top_srcdir:?}
messages=$source/build-aux/messages

. "${abs_top_srcdir:?}/tests/offenders.sh"

# Messages of Scheme in CATALOGUE whose arguments are not those of the
# original, in its order.
disordered ()
{
  msgattrib --no-wrap --no-obsolete "$1" | awk '
    function directives (text, found)
    {
      found = ""
      while (match (text, /~[^%~]/))
        {
          found = found substr (text, RSTART, 2)
          text = substr (text, RSTART + 2)
        }
      return found
    }
    function check ()
    {
      for (i = 1; i <= count; i++)
        if (scheme && directives (translation[i]) != directives (original))
          print "  " original
      scheme = count = 0
    }
    /^#,.* scheme-format/ { scheme = 1 }
    /^msgid / { original = ""; reading = 1 }
    /^msgid_plural/ { reading = 0 }
    /^msgstr/ { reading = 2; translation[++count] = "" }
    /^$/ { check () }
    reading == 1 { original = original $0 }
    reading == 2 { translation[count] = translation[count] $0 }
    END { check () }'
}

# The translations in CATALOGUE, a line each.
translations ()
{
  msgattrib --no-wrap --no-obsolete "$1" | awk '
    /^msgid/ { reading = 0 }
    /^msgstr/ { reading = 1 }
    /^$/ { reading = 0 }
    reading'
}

# What the language would write otherwise; see the end of its glossary.
misspelled ()
{
  case $1 in
    */fr.po) translations "$1" | grep -E " [:;?!»]|« |'[^ ]*[~%][a-z]'" ;;
    */de.po) translations "$1" | grep -E "'[^ ]*[~%][a-z]'|»|«" ;;
  esac
}

"$messages" files | diff - "$source/po/POTFILES.in" \
  | none "po/POTFILES.in is up to date (see po/README: make update-po)"

MAKEFLAGS='' make -C "${abs_top_builddir:?}" po/shepherd.pot 2>&1 >/dev/null \
  | none "xgettext has nothing to say about the sources"
template=$abs_top_builddir/po/shepherd.pot

sed '/^#/d' "$source/po/LINGUAS" | while read -r language
do
  catalogue=$source/po/$language.po
  msgfmt --check -o /dev/null "$catalogue" 2>&1 \
    | none "msgfmt has nothing to say about po/$language.po"
  disordered "$catalogue" \
    | none "arguments in po/$language.po are in the order of the original"
  misspelled "$catalogue" \
    | none "quotation marks and spaces in po/$language.po are its own"
  sed '/^msgid/q' "$catalogue" | grep -L '^# Glossary' \
    | none "po/$language.po begins with a glossary"
  "$messages" todo "$catalogue" "$template" \
    | none "po/$language.po is complete (see po/README: make update-po)"
done

test ! -s "$TMPDIR/failures"
