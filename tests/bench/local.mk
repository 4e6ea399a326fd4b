# tests/bench/local.mk -- `make bench' measures

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# As little as possible is to be linked to what every supervisor starts.
check_PROGRAMS += tests/bench/probe tests/bench/work
tests_bench_probe_SOURCES = tests/bench/probe.c
tests_bench_work_SOURCES = tests/bench/work.c
tests_bench_work_CFLAGS = $(WARN_CFLAGS) $(WERROR_CFLAGS)
tests_bench_work_LDFLAGS = $(STATIC_LDFLAGS)

TESTS += tests/bench/bench-test.sh
EXTRA_DIST +=					\
  tests/bench/bench				\
  tests/bench/bench-test.sh			\
  tests/bench/peers/dinit.sh			\
  tests/bench/peers/finit.sh			\
  tests/bench/peers/gnu-shepherd.sh		\
  tests/bench/peers/limit.sh			\
  tests/bench/peers/runit.sh			\
  tests/bench/peers/s6.sh			\
  tests/bench/peers/shepherd.sh			\
  tests/bench/peers/systemd.sh			\
  tests/bench/report.awk			\
  tests/bench/scenario

bench: all tests/bench/probe$(EXEEXT) tests/bench/work$(EXEEXT)
	@$(SHELL) build-aux/run-in-tree					\
	  $(SHELL) $(srcdir)/tests/bench/bench tests/bench/probe$(EXEEXT)	\
	  tests/bench/work$(EXEEXT) bench.json
CLEANFILES += bench.json
# Ever more services.
scale:
	@BENCH_RUNS=1 BENCH_ROWS='1250 2500 5000 10000'			\
	  BENCH_PEERS=$${BENCH_PEERS:-shepherd} $(MAKE) bench
.PHONY: bench scale
