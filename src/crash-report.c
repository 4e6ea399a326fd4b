/* crash-report.c -- what is left of a crash for a developer to read.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "crash-report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "clock.h"
#include "i18n.h"
#include "inherit.h"

#define CRASH_REPORT_MAGIC UINT32_C (0x48535243)
#define CRASH_REPORT_STACK ((size_t) 16 * 1024)
#define CRASH_REPORT_MAPS ((size_t) 64 * 1024)

/* Return addresses in a report.  */
#define CRASH_REPORT_FRAMES 200

struct crash_record
{
  uint32_t magic;		/* written last */
  int32_t signum, code, thread;
  uint64_t address, pc, sp;
  int64_t when;			/* CLOCK_REALTIME, s */
  int64_t busy;			/* ns that the interpreter had been so */
  char thread_name[16];
  char service[WATCH_NAME_SIZE];
};

/* In the memory file: the record, the stack, the map.  */
enum
{
  CRASH_REPORT_STACK_AT = 4096,
  CRASH_REPORT_MAPS_AT = CRASH_REPORT_STACK_AT + CRASH_REPORT_STACK
};

/* A signal handler has to find it.  */
static int crash_report_fd = -1;

/* The first report from descriptor FD on that an earlier image saved, or
   -1.  */
static int
crash_report_next (int fd)
{
  while ((fd = inherit_next (fd, INHERIT_REPORT)) >= 0
	 && fd == crash_report_fd)
    fd++;
  return fd;
}

int
crash_report_open (void)
{
  int count = 0;
  for (int fd = 0; (fd = crash_report_next (fd)) >= 0; fd++)
    /* Images that crash before they take up reports are not to collect
       them without end.  */
    if (++count == CRASH_REPORT_COUNT)
      {
	crash_report_fd = fd;
	return 0;
      }
  crash_report_fd = memfd_create ("shepherd-crash", MFD_CLOEXEC);
  if (crash_report_fd < 0)
    return -errno;
  inherit_keep (crash_report_fd, INHERIT_REPORT);
  return 0;
}

static void
crash_report_registers (struct crash_record *record, const void *context)
{
#if defined __x86_64__
  const mcontext_t *machine = &((const ucontext_t *) context)->uc_mcontext;
  record->pc = (uint64_t) machine->gregs[REG_RIP];
  record->sp = (uint64_t) machine->gregs[REG_RSP];
#elif defined __aarch64__
  const mcontext_t *machine = &((const ucontext_t *) context)->uc_mcontext;
  record->pc = machine->pc;
  record->sp = machine->sp;
#else
  (void) context;
  record->sp = (uint64_t) (uintptr_t) __builtin_frame_address (0);
#endif
}

/* Save the top of the stack, page by page: where it ends, write fails.  */
static void
crash_report_stack (uint64_t sp)
{
  size_t done = 0;
  sp &= ~(uint64_t) (sizeof (uint64_t) - 1);
  while (done < CRASH_REPORT_STACK)
    {
      size_t part = 4096 - (sp + done) % 4096;
      if (part > CRASH_REPORT_STACK - done)
	part = CRASH_REPORT_STACK - done;
      if (pwrite (crash_report_fd, (const void *) (uintptr_t) (sp + done),
		  part, CRASH_REPORT_STACK_AT + (off_t) done)
	  != (ssize_t) part)
	return;
      done += part;
    }
}

static void
crash_report_maps (void)
{
  char buffer[4096];
  size_t done = 0;
  ssize_t size;
  int fd = open ("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && done < CRASH_REPORT_MAPS
	 && (size = read (fd, buffer, sizeof buffer)) > 0
	 && pwrite (crash_report_fd, buffer, (size_t) size,
		    CRASH_REPORT_MAPS_AT + (off_t) done) == size)
    done += (size_t) size;
  if (fd >= 0)
    close (fd);
}

void
crash_report_save (int signum, const siginfo_t *info, const void *context,
		   const struct watch *watch)
{
  struct timespec now;
  if (crash_report_fd < 0 || ftruncate (crash_report_fd, 0) < 0)
    return;
  clock_gettime (CLOCK_REALTIME, &now);
  struct crash_record record = {
    .magic = CRASH_REPORT_MAGIC, .signum = signum, .code = info->si_code,
    .thread = (int32_t) syscall (SYS_gettid),
    .address = (uint64_t) (uintptr_t) info->si_addr, .when = now.tv_sec
  };
  /* A signal that somebody sent has a sender in place of an address.  */
  if (info->si_code <= 0)
    record.address = (uint64_t) info->si_pid;
  crash_report_registers (&record, context);
  prctl (PR_GET_NAME, record.thread_name, 0L, 0L, 0L);
  if (watch != NULL)
    record.busy = watch_read (watch, record.service);
  crash_report_stack (record.sp);
  crash_report_maps ();
  if (pwrite (crash_report_fd, &record, sizeof record, 0) < 0)
    return;
}


/* In the new image.  */

struct crash_map
{
  uint64_t start, end, offset;
  bool executable;
  char name[PATH_MAX];
};

/* Read the next line of the map at *TEXT, which moves on.  */
static bool
crash_report_next_map (const char **text, struct crash_map *map)
{
  char flags[5];
  int length = 0;
  const char *end = strchr (*text, '\n');
  if (end == NULL
      || sscanf (*text, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s%n",
		 &map->start, &map->end, flags, &map->offset, &length) < 4)
    return false;
  const char *name = *text + length;
  while (name < end && *name == ' ')
    name++;
  snprintf (map->name, sizeof map->name, "%.*s", (int) (end - name), name);
  map->executable = flags[2] == 'x';
  *text = end + 1;
  return true;
}

/* If ADDRESS is one of code, write where that is.  */
static bool
crash_report_frame (FILE *out, const char *maps, uint64_t address)
{
  struct crash_map map;
  while (crash_report_next_map (&maps, &map))
    if (map.executable && address >= map.start && address < map.end)
      {
	fprintf (out, "  %s+0x%" PRIx64 "\n",
		 map.name[0] == '\0' ? "(code made at run time)" : map.name,
		 address - map.start + map.offset);
	return true;
      }
  return false;
}

static void
crash_report_write (FILE *out, const char *summary,
		    const struct crash_record *record,
		    const uint64_t *stack, const char *maps)
{
  char when[64];
  time_t seconds = (time_t) record->when;
  struct tm tm;
  int frames = 0;
  strftime (when, sizeof when, "%Y-%m-%d %H:%M:%S %z",
	    localtime_r (&seconds, &tm));
  fprintf (out, "%s\nSignal: %d\nVersion: %s\nTime: %s\n\n"
	   "Code, as FILE+OFFSET (for addr2line -e FILE OFFSET):\n",
	   summary, record->signum, PACKAGE_STRING, when);
  if (!crash_report_frame (out, maps, record->pc))
    fprintf (out, "  0x%" PRIx64 "\n", record->pc);
  fprintf (out, "\nReturn addresses on its stack, some of which may be of"
	   " calls long over:\n");
  for (size_t i = 0; i < CRASH_REPORT_STACK / sizeof *stack
       && frames < CRASH_REPORT_FRAMES; i++)
    if (stack[i] != 0 && crash_report_frame (out, maps, stack[i]))
      frames++;
}

static void
crash_report_summarize (const struct crash_record *record, char *summary,
			size_t size)
{
  const char *what = strsignal (record->signum);
  unsigned long long where = record->address;
  char crash[256];
  if (record->code <= 0)
    snprintf (crash, sizeof crash, _("shepherd crashed: %s, sent by process"
				     " %llu, in thread %.16s"),
	      what, where, record->thread_name);
  else if (record->signum != SIGABRT)
    snprintf (crash, sizeof crash, _("shepherd crashed: %s at address 0x%llx,"
				     " in thread %.16s"),
	      what, where, record->thread_name);
  else
    snprintf (crash, sizeof crash, _("shepherd crashed: %s, in thread %.16s"),
	      what, record->thread_name);
  if (record->service[0] != '\0' && record->busy > 0)
    snprintf (summary, size, _("%s, running code of service %s"), crash,
	      record->service);
  else
    snprintf (summary, size, "%s", crash);
}

/* The name of the oldest report, or of one that is not there yet.  */
static void
crash_report_choose (const char *log_file, char *name, size_t size)
{
  const char *slash = log_file == NULL ? NULL : strrchr (log_file, '/');
  char best[PATH_MAX] = "";
  struct timespec oldest = { 0 };
  for (int i = 1; i <= CRASH_REPORT_COUNT; i++)
    {
      struct stat status;
      snprintf (name, size, "%.*s/shepherd-crash-%d.txt",
		slash == NULL ? 8 : (int) (slash - log_file),
		slash == NULL ? "/var/log" : log_file, i);
      if (stat (name, &status) < 0)
	return;
      if (best[0] == '\0' || status.st_mtim.tv_sec < oldest.tv_sec
	  || (status.st_mtim.tv_sec == oldest.tv_sec
	      && status.st_mtim.tv_nsec < oldest.tv_nsec))
	{
	  oldest = status.st_mtim;
	  snprintf (best, sizeof best, "%s", name);
	}
    }
  snprintf (name, size, "%s", best);
}

/* Write the report to the file NAME.  */
static bool
crash_report_put (const char *name, const char *summary, const char *bytes)
{
  struct crash_record record;
  uint64_t stack[CRASH_REPORT_STACK / sizeof (uint64_t)];
  int fd = open (name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
		 | O_NONBLOCK, 0600);
  FILE *out = fd < 0 ? NULL : fdopen (fd, "w");
  if (out == NULL)
    {
      if (fd >= 0)
	close (fd);
      return false;
    }
  memcpy (&record, bytes, sizeof record);
  memcpy (stack, bytes + CRASH_REPORT_STACK_AT, sizeof stack);
  crash_report_write (out, summary, &record, stack,
		      bytes + CRASH_REPORT_MAPS_AT);
  return fclose (out) == 0;
}

/* Read what was saved first into RECORD and, all of it, the result, to be
   freed.  NULL: there is nothing more.  */
static char *
crash_report_read (struct crash_record *record)
{
  const size_t length = CRASH_REPORT_MAPS_AT + CRASH_REPORT_MAPS;
  for (int fd = 0; (fd = crash_report_next (fd)) >= 0; fd++)
    {
      /* The last byte stays 0, whatever was saved.  */
      char *bytes = calloc (1, length + 1);
      bool saved = bytes != NULL && pread (fd, bytes, length, 0) > 0;
      inherit_drop (fd);
      close (fd);
      if (saved)
	memcpy (record, bytes, sizeof *record);
      if (saved && record->magic == CRASH_REPORT_MAGIC)
	return bytes;
      free (bytes);
    }
  return NULL;
}

bool
crash_report_take (const char *log_file, char *summary, size_t size,
		   char *name, size_t name_size)
{
  struct crash_record record;
  char *bytes = crash_report_read (&record);
  if (bytes == NULL)
    return false;
  record.service[sizeof record.service - 1] = '\0';
  crash_report_summarize (&record, summary, size);
  crash_report_choose (log_file, name, name_size);
  if (!crash_report_put (name, summary, bytes))
    name[0] = '\0';
  free (bytes);
  return true;
}
