# tests/bench/local.mk -- `make bench' measures; BENCHFLAGS=--json for JSON

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

EXTRA_PROGRAMS += tests/bench/bench
tests_bench_bench_SOURCES =		\
  tests/bench/bench.c			\
  tests/bench/bench.h			\
  tests/bench/report.c			\
  tests/bench/subject.c
CLEANFILES += tests/bench/bench$(EXEEXT)

bench: all tests/bench/bench$(EXEEXT)
	@$(SHELL) build-aux/run-in-tree tests/bench/bench $(BENCHFLAGS)
.PHONY: bench
