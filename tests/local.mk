# tests/local.mk -- all tests; `make check -j2' runs them in parallel

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# A test is a program, a Scheme file for SRFI-64, or a shell script.  Each
# runs under tests/supervise: with a deadline, in a directory of its own, and
# nothing that it started outlives it.
TEST_EXTENSIONS = .scm .sh
LOG_COMPILER = $(SHELL) $(top_srcdir)/build-aux/run-test
SCM_LOG_COMPILER = $(LOG_COMPILER)
SH_LOG_COMPILER = $(LOG_COMPILER)

check_PROGRAMS += tests/supervise
tests_supervise_SOURCES = tests/supervise.c

# Units in C.
if HAVE_CHECK
check_PROGRAMS += tests/sexp-test tests/options-test
TESTS += tests/sexp-test tests/options-test
tests_sexp_test_SOURCES = tests/sexp-test.c
tests_sexp_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sexp_test_LDADD = libcommon.a $(CHECK_LIBS)
check_PROGRAMS += tests/sexp-memory-test
TESTS += tests/sexp-memory-test
tests_sexp_memory_test_SOURCES = tests/sexp-memory-test.c
tests_sexp_memory_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sexp_memory_test_LDFLAGS = $(AM_LDFLAGS)	\
  -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc
tests_sexp_memory_test_LDADD = libcommon.a $(CHECK_LIBS)
tests_options_test_SOURCES = tests/options-test.c
tests_options_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_options_test_LDADD = libcommon.a $(CHECK_LIBS)
check_PROGRAMS += tests/default-socket-test
TESTS += tests/default-socket-test
tests_default_socket_test_SOURCES = tests/default-socket-test.c
tests_default_socket_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_default_socket_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getuid
tests_default_socket_test_LDADD = libcommon.a $(CHECK_LIBS)

HERD_TESTS = tests/herd-lists-test tests/herd-status-test	\
  tests/herd-time-test tests/herd-timer-test
check_PROGRAMS += $(HERD_TESTS)
TESTS += $(HERD_TESTS)
herd_fixture = tests/herd-fixture.c tests/herd-fixture.h
herd_test_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/src/herd
herd_test_ldadd = libherd.a libcommon.a $(CHECK_LIBS)
tests_herd_lists_test_SOURCES = tests/herd-lists-test.c $(herd_fixture)
tests_herd_lists_test_CPPFLAGS = $(herd_test_cppflags)
tests_herd_lists_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_herd_lists_test_LDADD = $(herd_test_ldadd)
tests_herd_status_test_SOURCES = tests/herd-status-test.c $(herd_fixture)
tests_herd_status_test_CPPFLAGS = $(herd_test_cppflags)
tests_herd_status_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_herd_status_test_LDADD = $(herd_test_ldadd)
tests_herd_time_test_SOURCES = tests/herd-time-test.c $(herd_fixture)
tests_herd_time_test_CPPFLAGS = $(herd_test_cppflags)
tests_herd_time_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_herd_time_test_LDADD = $(herd_test_ldadd)
tests_herd_timer_test_SOURCES = tests/herd-timer-test.c $(herd_fixture)
tests_herd_timer_test_CPPFLAGS = $(herd_test_cppflags)
tests_herd_timer_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_herd_timer_test_LDADD = $(herd_test_ldadd)
logger_fixture = tests/logger-fixture.c tests/logger-fixture.h
check_PROGRAMS += tests/logger-test tests/logger-image-test
TESTS += tests/logger-test tests/logger-image-test
tests_logger_image_test_SOURCES = tests/logger-image-test.c	\
  $(logger_fixture)
tests_logger_image_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_logger_image_test_LDFLAGS = $(AM_LDFLAGS)	\
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free	\
  -Wl,--wrap=epoll_wait,--wrap=read,--wrap=write
tests_logger_image_test_LDADD = liblogger.a libcore.a libcommon.a	\
  $(CHECK_LIBS)
tests_logger_test_SOURCES = tests/logger-test.c $(logger_fixture)
tests_logger_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_logger_test_LDADD = liblogger.a libcore.a libcommon.a $(CHECK_LIBS)
CORE_TESTS = tests/inherit-test tests/mailbox-test tests/state-test tests/spawn-test	\
  tests/control-test tests/memory-test tests/fault-test	\
  tests/shutdown-test tests/tick-test
check_PROGRAMS += $(CORE_TESTS)
TESTS += $(CORE_TESTS)
core_fixture = tests/core-fixture.c tests/core-fixture.h
core_test_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/src/core
core_test_ldadd = libcore.a libcommon.a $(CHECK_LIBS)
tests_inherit_test_SOURCES = tests/inherit-test.c
tests_inherit_test_CPPFLAGS = $(core_test_cppflags)
tests_inherit_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_inherit_test_LDADD = $(core_test_ldadd)

tests_mailbox_test_SOURCES = tests/mailbox-test.c
tests_mailbox_test_CPPFLAGS = $(core_test_cppflags)
tests_mailbox_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_mailbox_test_LDADD = $(core_test_ldadd)
tests_state_test_SOURCES = tests/state-test.c
tests_state_test_CPPFLAGS = $(core_test_cppflags)
tests_state_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_state_test_LDADD = $(core_test_ldadd)
tests_spawn_test_SOURCES = tests/spawn-test.c $(core_fixture)
tests_spawn_test_CPPFLAGS = $(core_test_cppflags)
tests_spawn_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_spawn_test_LDADD = $(core_test_ldadd)
tests_control_test_SOURCES = tests/control-test.c $(core_fixture)
tests_control_test_CPPFLAGS = $(core_test_cppflags)
tests_control_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_control_test_LDADD = $(core_test_ldadd)
core_story = $(core_fixture) tests/core-story.c tests/core-story.h
faults = tests/faults.c tests/faults.h
fault_ldflags = $(AM_LDFLAGS)						\
  -Wl,--wrap=accept4,--wrap=calloc,--wrap=clone,--wrap=close		\
  -Wl,--wrap=connect,--wrap=epoll_ctl,--wrap=epoll_wait			\
  -Wl,--wrap=fallocate,--wrap=fcntl,--wrap=getsockopt,--wrap=kill	\
  -Wl,--wrap=malloc,--wrap=mremap,--wrap=open,--wrap=pipe2,--wrap=poll	\
  -Wl,--wrap=read,--wrap=realloc,--wrap=recv,--wrap=rename,--wrap=send	\
  -Wl,--wrap=socket,--wrap=syscall,--wrap=waitpid,--wrap=write
tests_fault_test_SOURCES = tests/fault-test.c $(faults) $(core_story)
tests_fault_test_CPPFLAGS = $(core_test_cppflags)
tests_fault_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_fault_test_LDFLAGS = $(fault_ldflags)
tests_fault_test_LDADD = $(core_test_ldadd)
check_PROGRAMS += tests/logger-fault-test
TESTS += tests/logger-fault-test
tests_logger_fault_test_SOURCES = tests/logger-fault-test.c $(faults)	\
  $(logger_fixture)
tests_logger_fault_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_logger_fault_test_LDFLAGS = $(fault_ldflags)
tests_logger_fault_test_LDADD = liblogger.a libcore.a libcommon.a	\
  $(CHECK_LIBS)
tests_memory_test_SOURCES = tests/memory-test.c $(core_story)
tests_memory_test_CPPFLAGS = $(core_test_cppflags)
tests_memory_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_memory_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_memory_test_LDADD = $(core_test_ldadd)
tests_shutdown_test_SOURCES = tests/shutdown-test.c $(core_fixture)
tests_shutdown_test_CPPFLAGS = $(core_test_cppflags)
tests_shutdown_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_shutdown_test_LDADD = $(core_test_ldadd)
tests_tick_test_SOURCES = tests/tick-test.c $(core_fixture)
tests_tick_test_CPPFLAGS = $(core_test_cppflags)
tests_tick_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_tick_test_LDADD = $(core_test_ldadd)
check_PROGRAMS += tests/watch-test tests/whereabouts-test
TESTS += tests/watch-test tests/whereabouts-test
tests_whereabouts_test_SOURCES = tests/whereabouts-test.c
tests_whereabouts_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_whereabouts_test_LDADD = libcommon.a $(CHECK_LIBS)
tests_watch_test_SOURCES = tests/watch-test.c
tests_watch_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_watch_test_LDADD = libcommon.a $(CHECK_LIBS)
check_PROGRAMS += tests/stamp-test
TESTS += tests/stamp-test
tests_stamp_test_SOURCES = tests/stamp-test.c
tests_stamp_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_stamp_test_LDADD = libcommon.a $(CHECK_LIBS)
check_PROGRAMS += tests/readiness-test
TESTS += tests/readiness-test
tests_readiness_test_SOURCES = tests/readiness-test.c src/guile/readiness.c
tests_readiness_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_readiness_test_LDADD = $(CHECK_LIBS)
endif

# The C writer, in a Guile of its own.
check_PROGRAMS += tests/write-test
TESTS += tests/write-test
tests_write_test_SOURCES = tests/write-test.c src/guile/primitive.c	\
  src/guile/write.c
tests_write_test_CPPFLAGS = $(AM_CPPFLAGS)				\
  -DWRITE_PROPERTY_FILE='"$(abs_srcdir)/tests/write-property.scm"'
tests_write_test_CFLAGS = $(AM_CFLAGS) $(GUILE_CFLAGS)
tests_write_test_LDADD = libcommon.a $(GUILE_LIBS)
EXTRA_DIST += tests/write-property.scm

# Units in Scheme.
SCHEME_TESTS =
SCHEME_TESTS += tests/herd-exception-test.scm tests/sexp-guile-test.scm
check_PROGRAMS += tests/describe-exceptions
tests_describe_exceptions_SOURCES = tests/describe-exceptions.c
tests_describe_exceptions_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/herd
tests_describe_exceptions_LDADD = libherd.a libcommon.a
check_PROGRAMS += tests/next-alarms
tests_next_alarms_SOURCES = tests/next-alarms.c
tests_next_alarms_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/herd
tests_next_alarms_LDADD = libherd.a libcommon.a
check_PROGRAMS += tests/rewrite-data
tests_rewrite_data_SOURCES = tests/rewrite-data.c
tests_rewrite_data_LDADD = libcommon.a
SCHEME_TESTS += tests/bindings-test.scm tests/marks-test.scm
EXTRA_DIST += tests/bindings.tsv tests/bindings-extra.tsv	\
  tests/modules/tests/bindings.scm tests/modules/tests/definitions.scm
SCHEME_TESTS += tests/documentation-test.scm tests/examples-test.scm	\
  tests/manual-test.scm tests/transcript-test.scm
EXTRA_DIST += tests/sandbox tests/modules/tests/manual.scm		\
  tests/modules/tests/manual/machine.scm				\
  tests/modules/tests/manual/transcript.scm
SCHEME_TESTS += tests/args-test.scm tests/colors-test.scm	\
  tests/comm-test.scm tests/config-test.scm			\
  tests/diagnostics-test.scm tests/language-test.scm		\
  tests/main-test.scm						\
  tests/replacements-test.scm tests/support-test.scm		\
  tests/system-test.scm tests/user-module-test.scm
SCHEME_TESTS += tests/services-test.scm tests/sockets-test.scm	\
  tests/lasting-test.scm tests/transitions-test.scm
SCHEME_TESTS += tests/calendar-test.scm tests/timer-test.scm
SCHEME_TESTS += tests/log-files-test.scm
SCHEME_TESTS += tests/log-rotation-test.scm tests/system-log-test.scm
SCHEME_TESTS += tests/service-maker-test.scm tests/monitoring-test.scm
SCHEME_TESTS += tests/legacy-test.scm
SCHEME_TESTS += tests/repl-test.scm
EXTRA_DIST += tests/modules/tests/fake-host.scm
SCHEME_TESTS += tests/parsers-test.scm tests/slope-test.scm
EXTRA_DIST += tests/modules/tests/fuzz.scm
SCHEME_TESTS += tests/scheduler-test.scm tests/scheduler-stress-test.scm
SCHEME_TESTS += tests/scheduler-fiber-test.scm tests/scheduler-port-test.scm
SCHEME_TESTS += tests/fibers-compatibility-test.scm
EXTRA_DIST += tests/modules/tests/virtual-time.scm
EXTRA_DIST += tests/modules/tests/census.scm		\
  tests/modules/tests/choices.scm tests/modules/tests/daemon.scm	\
  tests/modules/tests/slope.scm tests/modules/tests/town.scm

# Lives of a daemon.  `make simulate' goes on for SIMULATE_SECONDS.
SIMULATION_TESTS = tests/simulation-test.sh
simulation_modules =					\
  tests/modules/tests/simulation.scm			\
  tests/modules/tests/simulation/chance.scm		\
  tests/modules/tests/simulation/command.scm		\
  tests/modules/tests/simulation/judge.scm		\
  tests/modules/tests/simulation/points.scm		\
  tests/modules/tests/simulation/population.scm		\
  tests/modules/tests/simulation/preemption.scm		\
  tests/modules/tests/simulation/script.scm		\
  tests/modules/tests/simulation/world.scm
TESTS += $(SIMULATION_TESTS)
EXTRA_DIST += $(SIMULATION_TESTS) tests/simulate $(simulation_modules)
SIMULATE_SECONDS = 600

simulate: all
	@$(SHELL) $(top_srcdir)/tests/simulate --seconds $(SIMULATE_SECONDS)
clean-local: clean-simulate
clean-simulate:
	rm -rf tests/cache
.PHONY: simulate clean-simulate crash-test

# A busy system that crashes at so many moments.
CRASH_COUNT = 500
crash-test: all
	@CRASHES=$(CRASH_COUNT) $(MAKE) check				\
	  TESTS='tests/system/crash-storm.sh tests/system/crash-storm-init.sh'

# The sources themselves.
SOURCE_TESTS = tests/layers-test.sh tests/messages-test.sh	\
  tests/scripts-test.sh

# The whole program.  What each fault may cost is tested by
#
#   user code loops or blocks		busy.sh culprits.sh preemption.sh
#					given-up.sh loading.sh
#   user code takes all memory		culprits.sh preemption.sh
#   interpreter or core crashes		crash*.sh *-crash.sh core-only.sh
#   configuration has an error		configuration-errors.sh
#					startup-errors.sh bad-input.sh
#   client has no manners		clients.sh protocol.sh repl-faults.sh
#   no descriptors or processes		descriptors.sh processes-full.sh
#					socket-few-descriptors.sh
#   log's disk full or stalled		log-faults.sh ../logger-fault-test.c
#   socket file deleted			init.sh socket-deleted.sh
#   service does not want to stop	stopping.sh processes.sh shutdown-stuck.sh
#   system call or allocation fails	boot-faults.sh ../fault-test.c
#					../memory-test.c
SYSTEM_TESTS =					\
  tests/system/bindings.sh			\
  tests/system/bad-input.sh			\
  tests/system/boot-faults.sh			\
  tests/system/busy.sh				\
  tests/system/clients.sh			\
  tests/system/commands.sh			\
  tests/system/completion.sh			\
  tests/system/configuration-errors.sh		\
  tests/system/configuration-files.sh		\
  tests/system/configurations.sh		\
  tests/system/core-only.sh			\
  tests/system/crash.sh				\
  tests/system/crash-code.sh			\
  tests/system/crash-init.sh			\
  tests/system/crash-loading.sh			\
  tests/system/crash-registered.sh		\
  tests/system/crash-starting.sh			\
  tests/system/crash-storm.sh			\
  tests/system/crash-storm-init.sh		\
  tests/system/culprits.sh			\
  tests/system/crash-exit.sh			\
  tests/system/crash-flight.sh			\
  tests/system/daemonize.sh			\
  tests/system/descriptors.sh			\
  tests/system/foreground.sh			\
  tests/system/given-up.sh			\
  tests/system/herd-client.sh			\
  tests/system/identity.sh			\
  tests/system/idle.sh				\
  tests/system/init.sh				\
  tests/system/install.sh			\
  tests/system/loading.sh			\
  tests/system/log-rotation.sh			\
  tests/system/loggers.sh			\
  tests/system/many-services.sh			\
  tests/system/messages.sh			\
  tests/system/monitoring.sh			\
  tests/system/no-interpreter.sh		\
  tests/system/preemption.sh			\
  tests/system/primitives.sh			\
  tests/system/protocol.sh			\
  tests/system/processes.sh			\
  tests/system/processes-full.sh		\
  tests/system/reexec.sh			\
  tests/system/memory-kept.sh			\
  tests/system/repl.sh				\
  tests/system/repl-crash.sh			\
  tests/system/repl-errors.sh			\
  tests/system/repl-faults.sh			\
  tests/system/repl-geiser.sh			\
  tests/system/replacements.sh			\
  tests/system/respawn.sh			\
  tests/system/root-actions.sh			\
  tests/system/scheme-client.sh			\
  tests/system/shutdown-deadline.sh		\
  tests/system/shutdown-stuck.sh		\
  tests/system/shutdown.sh			\
  tests/system/signals.sh			\
  tests/system/inetd.sh				\
  tests/system/soak.sh				\
  tests/system/socket-crash.sh			\
  tests/system/socket-crash-gone.sh		\
  tests/system/socket-deleted.sh		\
  tests/system/socket-errors.sh			\
  tests/system/socket-few-descriptors.sh	\
  tests/system/socket-real-programs.sh		\
  tests/system/systemd-style.sh			\
  tests/system/spawn-failures.sh		\
  tests/system/stopping.sh			\
  tests/system/startup-errors.sh		\
  tests/system/startup-files.sh			\
  tests/system/startup-init.sh			\
  tests/system/syslog.sh			\
  tests/system/system-log.sh			\
  tests/system/system-log-burst.sh		\
  tests/system/system-log-crash.sh		\
  tests/system/system-log-init.sh		\
  tests/system/threads.sh			\
  tests/system/timers.sh			\
  tests/system/timers-crash.sh			\
  tests/system/transient.sh			\
  tests/system/transient-crash.sh		\
  tests/system/values.sh			\
  tests/system/user-fork.sh			\
  tests/system/vm-clock.sh			\
  tests/system/vm-ctrl-alt-del.sh		\
  tests/system/vm-disk.sh			\
  tests/system/vm-kexec.sh			\
  tests/system/vm.sh

check_PROGRAMS += tests/system/latency
tests_system_latency_SOURCES = tests/system/latency.c
check_PROGRAMS += tests/system/client
tests_system_client_SOURCES = tests/system/client.c
check_PROGRAMS += tests/system/kexec-load
tests_system_kexec_load_SOURCES = tests/system/kexec-load.c
check_PROGRAMS += tests/system/log-sender
tests_system_log_sender_SOURCES = tests/system/log-sender.c
check_PROGRAMS += tests/system/peer
tests_system_peer_SOURCES = tests/system/peer.c
check_PROGRAMS += tests/system/worker
tests_system_worker_SOURCES = tests/system/worker.c
check_PROGRAMS += tests/system/fault
tests_system_fault_SOURCES = tests/system/fault.c
check_PROGRAMS += tests/system/fake-shepherd
tests_system_fake_shepherd_SOURCES = tests/system/fake-shepherd.c
tests_system_fake_shepherd_LDADD = libcommon.a

TESTS += $(SCHEME_TESTS) $(SOURCE_TESTS) $(SYSTEM_TESTS)
EXTRA_DIST += $(SCHEME_TESTS) $(SOURCE_TESTS) $(SYSTEM_TESTS)	\
  tests/offenders.sh tests/system/lib.sh tests/system/crash-lib.sh			\
  tests/system/storm.scm tests/system/crash-town.scm		\
  tests/system/repl-lib.sh tests/system/repl-geiser.el		\
  tests/configurations
