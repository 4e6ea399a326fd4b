# messages.sh -- the programs speak the language of whoever uses them
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

. "${abs_top_srcdir:?}/tests/system/lib.sh"

command -v localedef >/dev/null || skip "no localedef"
test -f /usr/share/i18n/locales/fr_FR || skip "no locales to compile"
test -f "${abs_top_builddir:?}/po/fr/LC_MESSAGES/shepherd.mo" \
  || skip "configured without translations"

# The locales that this test needs, wherever it runs.
mkdir locales
localedef -i fr_FR -f UTF-8 locales/fr_FR.UTF-8
localedef -i fr_FR -f ISO-8859-1 locales/fr_FR.ISO-8859-1
localedef -i de_DE -f UTF-8 locales/de_DE.UTF-8
ln -s /usr/lib/locale/C.utf8 locales
export LOCPATH="$directory/locales"
unset LANGUAGE

# with LOCALE COMMAND...
with ()
(
  LC_ALL=$1
  shift
  "$@"
)

french ()
{
  with fr_FR.UTF-8 "$@"
}

german ()
{
  with de_DE.UTF-8 "$@"
}

# As a terminal of that encoding would show it.
latin_1 ()
{
  with fr_FR.ISO-8859-1 "$@" > latin-1.out 2>&1
  iconv -f ISO-8859-1 -t UTF-8 latin-1.out
}

# No-break spaces, which go before French punctuation, wide and narrow.
n=$(printf '\302\240')
w=$(printf '\342\200\257')

# Each line of help fits, in columns.
fits ()
{
  for program in shepherd herd halt reboot shutdown
  do
    for locale in fr_FR.UTF-8 de_DE.UTF-8
    do
      with "$locale" "$program" --help > help.out || return 1
      width=$(LC_ALL=C.UTF-8 wc -L < help.out)
      test "$width" -le 80 || { echo "$width columns:"; cat help.out; return 1; }
    done
  done
}

check "help is in French" matches \
  '^      --user=UTILISATEUR      l.exécuter en tant que UTILISATEUR$' \
  "$(french herd --help)"
check "help is in German" matches \
  '^  -c, --config=DATEI          die Konfiguration aus DATEI lesen$' \
  "$(german shepherd --help)"
check "help fits into 80 columns" fits
check "a wrong option is told of in French" equal \
  "herd: erreur${n}: option «${n}--bogue${n}» inconnue
herd: indication${n}: Essayez «${n}--help${n}»." \
  "$(french herd --bogue 2>&1)"
check "and in German by the daemon" equal \
  'shepherd: Fehler: unbekannte Option „--falsch“
shepherd: Hinweis: Versuchen Sie „--help“.' "$(german shepherd --falsch 2>&1)"
check "and in the encoding of the user" equal \
  "shepherd: erreur${n}: option «${n}--bogue${n}» inconnue" \
  "$(latin_1 shepherd --bogue | head -n 1)"
check "LANGUAGE is heeded" matches 'Fehler' \
  "$(LC_ALL=fr_FR.UTF-8 LANGUAGE=de command herd --falsch 2>&1)"
check "but not where there is no locale" equal \
  "herd: error: unknown option '--bogus'" \
  "$(LC_ALL=C LANGUAGE=de command herd --bogus 2>&1 | head -n 1)"

# A daemon in French.
settled ()
{
  logged "La configuration a été chargée depuis" && answers
}

cat > config.scm <<EOF
(register-services
 (list (service '(été)
         #:documentation "A service of summer."
         #:start (lambda _ #t))
       (service '(sleeper)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor)
         #:respawn? #t)
       (service '(broken)
         #:start (lambda _ #f))))
EOF
LC_ALL=fr_FR.UTF-8
launch_daemon -c config.scm -s "$socket" -l "$log"
LC_ALL=C.UTF-8
eventually settled || die "the daemon did not start"

check "what the daemon says is in its language, not in the client's" equal \
  "Le service sleeper a été démarré." "$(herd start sleeper)"
check "in the log, too" logged ' Démarrage du service sleeper\.\.\.$'
check "a service that fails is told of by the daemon, then by herd" equal \
  "Le service broken n'a pas pu être démarré.
herd: error: failed to start service broken" "$(herd start broken 2>&1)"
check "and by herd in the user's language" equal \
  "Le service broken n'a pas pu être démarré.
herd: Fehler: Dienst broken konnte nicht gestartet werden" \
  "$(german herd start broken 2>&1)"
check "what is missing is told of in French" equal \
  "herd: erreur${n}: le service «${n}rien${n}» est introuvable" \
  "$(french herd start rien 2>&1)"
check "the overview is in German" equal "Gestartet:
 + root
 + sleeper
Gestoppt:
 - été
Start fehlgeschlagen:
 ! broken" "$(german herd status)"
check "a status is in French" matches "^  Fonctionne depuis .* \(il y a " \
  "$(french herd status sleeper)"
check "with its properties" matches "^  Fournit${n}: sleeper$" \
  "$(french herd status sleeper)"
check "the recent messages in it are those of the log" matches \
  "Le service broken n'a pas pu être démarré\.$" "$(german herd status root)"
check "help of the root service is the daemon's" matches \
  "arrêter et retirer le service NOM${w};" "$(herd help)"
check "documentation written by users stays as it is" matches \
  'A service of summer' "$(french herd doc été)"
check "the documentation of the root service is translated" matches \
  'Le service racine' "$(herd doc root)"
check "messages of the daemon are shown in the user's encoding" equal \
  "Le service été a été démarré." "$(latin_1 herd start été)"
check "and names of services" matches "^État de root${n}:$" \
  "$(latin_1 herd status root | sed 's/^. //')"
check "in the overview as well" matches "^ \+ été$" \
  "$(latin_1 herd status)"

# A crash: words that were there before there were threads are there again.
"$abs_top_builddir/tests/system/fault" signal "$daemon" core 11
check "a crash is told of in French" eventually logged \
  "shepherd a planté${n}: .*, signal envoyé par le processus"
check "and that the daemon goes on" eventually logged \
  'Reprise après un plantage'
eventually answers || die "no answer after the crash"

# The core itself, which does not look for words.
rm "$socket"
check "the core speaks French" eventually logged \
  "La socket «${n}$socket${n}» a été supprimée${w}; arrêt\."
wait_for_daemon
check "the end of the daemon is told of" logged 'Terminé\.$'

# A locale that the log cannot be in.
rm "$log"
LC_ALL=fr_FR.ISO-8859-1
launch_daemon -c config.scm -s "$socket" -l "$log"
LC_ALL=C.UTF-8
eventually daemon_settled || die "no daemon in another encoding"
check "in another encoding the daemon keeps to English" equal \
  "Service été has been started." "$(herd start été)"
stop_daemon

# Whoever does not ask for a language does not pay for it.  The files of locales
# that a client in LOCALE, which may be empty, looks for.
opened ()
(
  LC_ALL=$1
  unset LANG
  strace -e trace=open,openat herd -s "$socket" status 2>&1 >/dev/null \
    | grep -E 'locale|gconv|\.mo"'
)

catalogues ()
{
  opened "$1" | grep '\.mo"'
}

check "in French, a catalogue is opened" catalogues fr_FR.UTF-8
check "without a locale, no file of one is looked for" fails opened ""
check "nor with the locale C" fails opened C
check "nor a catalogue with C.UTF-8" fails catalogues C.UTF-8
finish
