# scripts-test.sh -- shellcheck has nothing to say about our scripts
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

if ! command -v shellcheck >/dev/null
then
  echo "SKIP: no shellcheck"
  exit 77
fi

cd "${abs_top_srcdir:?}" || exit 1
scripts=
for file in bootstrap .ci/run build-aux/* src/herd/completion/herd \
            tests/*.sh tests/system/*.sh tests/fuzz/fuzz tests/sandbox tests/sanitize \
            tests/bench/bench tests/bench/scenario \
            tests/bench/*.sh tests/bench/peers/*.sh
do
  # Those of automake are not ours.
  case $(sed -n '1,6{/Copyright.*The Shepherd authors/p}' "$file") in
    '') continue ;;
  esac
  case $(sed -n '1,2{/^#!\/bin\/sh\|^# shellcheck shell=\(ba\)\{0,1\}sh/p}' "$file") in
    '') ;;
    *) scripts="$scripts $file" ;;
  esac
done

echo "checking:$scripts"
test -n "$scripts" || exit 1
# shellcheck disable=SC2086
exec shellcheck -x $scripts
