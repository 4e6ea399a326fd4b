# tests/sanitize.mk -- units in C with sanitizers

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# No Guile: its collector scans stacks, which sanitizers object to.  The
# build is one of its own, see tests/sanitize.
SANITIZER_TESTS = tests/address-sanitizer-test.sh	\
  tests/thread-sanitizer-test.sh
if HAVE_CHECK
TESTS += $(SANITIZER_TESTS)
UNIT_TESTS = tests/sexp-test tests/sexp-memory-test tests/options-test	\
  $(HERD_TESTS) tests/logger-test tests/logger-image-test	\
  tests/logger-fault-test $(CORE_TESTS)	\
  tests/readiness-test
endif
EXTRA_DIST += $(SANITIZER_TESTS) tests/sanitize

check-units: tests/supervise $(UNIT_TESTS) $(FUZZ_TARGETS)
	$(MAKE) check-TESTS TESTS="$(UNIT_TESTS) tests/corpus-test.sh"
clean-local: clean-sanitize
clean-sanitize:
	rm -rf build-sanitize
.PHONY: check-units clean-sanitize
