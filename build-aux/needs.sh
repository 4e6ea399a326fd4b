# needs.sh -- install what a script needs, or name it
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Sourced.  Call `need' for each thing, then `install_needs'.

needed_packages=
needed_things=

have_header ()
{
  for directory in /usr/include /usr/local/include \
                   /usr/include/"$(uname -m)"-linux-gnu
  do
    test -e "$directory/$1" && return 0
  done
  return 1
}

have_program ()
{
  command -v "$1" >/dev/null || test -x "/usr/sbin/$1" || test -x "/sbin/$1"
}

# need program|header|file NAME PACKAGE
need ()
{
  case $1 in
    program) have_program "$2" && return ;;
    header) have_header "$2" && return ;;
    file) test -e "$2" && return ;;
  esac
  needed_things="$needed_things
  $2 (Debian: $3)"
  case " $needed_packages " in
    *" $3 "*) ;;
    *) needed_packages="$needed_packages $3" ;;
  esac
}

need_build_tools ()
{
  need program cc gcc
  need header stdio.h libc6-dev
  need program make make
  need program autoconf autoconf
  need program automake automake
  need program pkg-config pkg-config
  need program guile-3.0 guile-3.0
  need program guild-3.0 guile-3.0
  need header guile/3.0/libguile.h guile-3.0-dev
  need header gc.h libgc-dev
  need program makeinfo texinfo
  need program msgfmt gettext
}

need_vm_tools ()
{
  need program qemu-system-x86_64 qemu-system-x86
  need program busybox busybox-static
  need program cpio cpio
  need program gzip gzip
  need program dpkg dpkg
  need program mkfs.ext4 e2fsprogs
}

# clang with libFuzzer and the sanitizers, in a package for each version.
need_fuzz_tools ()
{
  need program clang clang
  version=$(clang -dumpversion 2>/dev/null || apt-cache depends clang \
              | sed -n 's/^ *Depends: clang-\([0-9]*\)$/\1/p')
  version=${version%%.*}
  runtime=$(clang -print-runtime-dir 2>/dev/null)
  need file "$runtime/libclang_rt.fuzzer-$(uname -m).a" \
       "libclang-rt-${version:-14}-dev"
}

# Install with apt what was found missing, as root.  Where that is impossible,
# name it and return 1.
install_needs ()
{
  test -z "$needed_packages" && return 0

  as_root=
  if ! have_program apt-get
  then
    as_root=impossible
  elif test "$(id -u)" -ne 0
  then
    if have_program sudo && { test -t 0 || sudo -n true 2>/dev/null; }
    then
      as_root=sudo
    else
      as_root=impossible
    fi
  fi
  if test "$as_root" = impossible
  then
    echo "$0: these are needed and were not found:$needed_things" >&2
    echo "$0: run as root: apt-get install$needed_packages" >&2
    return 1
  fi

  echo "== installing$needed_packages"
  # shellcheck disable=SC2086  # a list of words, and maybe no sudo
  apt_install || { $as_root apt-get update -q </dev/null && apt_install; } \
    || { echo "$0: apt-get cannot install$needed_packages" >&2; return 1; }
  needed_packages=
  needed_things=
}

apt_install ()
{
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
    --no-install-recommends $needed_packages </dev/null
}
