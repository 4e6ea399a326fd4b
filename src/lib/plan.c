/* plan.c -- making and freeing spawn plans.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "spawn.h"

#include "inherit.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const plan_step_names[] = {
  [SPAWN_NONE] = "none",
  [SPAWN_MEMORY] = "memory",
  [SPAWN_PIPE] = "pipe",
  [SPAWN_CLONE] = "clone",
  [SPAWN_SESSION] = "session",
  [SPAWN_LIMITS] = "limits",
  [SPAWN_DIRECTORY] = "directory",
  [SPAWN_INPUT] = "input",
  [SPAWN_OUTPUT] = "output",
  [SPAWN_DESCRIPTORS] = "descriptors",
  [SPAWN_GROUPS] = "groups",
  [SPAWN_GROUP] = "group",
  [SPAWN_USER] = "user",
  [SPAWN_UMASK] = "umask",
  [SPAWN_EXEC] = "exec",
};
static_assert (sizeof plan_step_names / sizeof *plan_step_names
	       == SPAWN_STEP_COUNT, "every step has a name");

const char *
spawn_step_name (enum spawn_step step)
{
  return step < SPAWN_STEP_COUNT ? plan_step_names[step] : "unknown";
}

struct spawn_plan *
spawn_plan_new (void)
{
  struct spawn_plan *plan = calloc (1, sizeof *plan);
  if (plan == NULL)
    return NULL;
  plan->input_fd = plan->output_fd = -1;
  plan->log_file_fd = plan->pipe_fd = -1;
  return plan;
}

pid_t
spawn_plan_pid (const struct spawn_plan *plan)
{
  const struct inherit_flight *flight = plan->flight;
  pid_t pid = plan->pid;
  return pid == 0 && flight != NULL ? flight->pid : pid;
}

void
spawn_log_prefix (char prefix[SPAWN_PREFIX_SIZE], const char *path,
		  const char *name, bool with_pid, pid_t pid)
{
  prefix[0] = '\0';
  if (path[0] == '\0' && with_pid)
    snprintf (prefix, SPAWN_PREFIX_SIZE, "%.*s[%d] ", NAME_MAX, name,
	      (int) pid);
  else if (path[0] == '\0')
    snprintf (prefix, SPAWN_PREFIX_SIZE, "[%.*s] ", NAME_MAX, name);
}

static void
plan_free_strings (char **strings)
{
  for (size_t i = 0; strings != NULL && strings[i] != NULL; i++)
    free (strings[i]);
  free (strings);
}

/* The strings of PLAN, and the arrays of strings.  */
enum { PLAN_TEXTS = 4, PLAN_LISTS = 3 };

static void
plan_places (struct spawn_plan *plan, char **texts[PLAN_TEXTS],
	     char ***lists[PLAN_LISTS])
{
  texts[0] = &plan->service;
  texts[1] = &plan->directory;
  texts[2] = &plan->log_path;
  texts[3] = &plan->log_prefix;
  lists[0] = &plan->candidates;
  lists[1] = &plan->argv;
  lists[2] = &plan->envp;
}

/* Free them, and the other arrays.  */
static void
plan_free_parts (struct spawn_plan *plan)
{
  char **texts[PLAN_TEXTS], ***lists[PLAN_LISTS];
  plan_places (plan, texts, lists);
  for (size_t i = 0; i < PLAN_TEXTS; i++)
    free (*texts[i]);
  for (size_t i = 0; i < PLAN_LISTS; i++)
    plan_free_strings (*lists[i]);
  free (plan->groups);
  free (plan->limits);
  free (plan->extra_fds);
}

/* How much room TEXT of PLAN takes.  */
static size_t
plan_size (const struct spawn_plan *plan, const char *text)
{
  return text == NULL ? 0 : text == plan->listen_pid ? SPAWN_LISTEN_PID
    : strlen (text) + 1;
}

/* Copy SIZE bytes of PART to *NEXT, behind which *NEXT is then.  The copy;
   NULL if it is empty.  */
static void *
plan_put (const void *part, size_t size, char **next)
{
  void *copy = *next;
  *next += size;
  return size > 0 ? memcpy (copy, part, size) : NULL;
}

int
spawn_plan_pack (struct spawn_plan *plan)
{
  struct spawn_plan packed = *plan;
  char **texts[PLAN_TEXTS], ***lists[PLAN_LISTS];
  size_t limits = plan->limit_count * sizeof *plan->limits;
  size_t groups = plan->group_count * sizeof *plan->groups;
  size_t extra = plan->extra_count * sizeof *plan->extra_fds;
  size_t pointers = 0, size = limits + groups + extra;
  plan_places (&packed, texts, lists);
  for (size_t i = 0; i < PLAN_TEXTS; i++)
    size += plan_size (plan, *texts[i]);
  for (size_t i = 0; i < PLAN_LISTS; i++, pointers++)
    for (char **string = *lists[i]; *string != NULL; string++, pointers++)
      size += plan_size (plan, *string);
  char **block = malloc (pointers * sizeof *block + size);
  if (block == NULL)
    return -ENOMEM;
  /* In the order of their alignment.  */
  char *next = (char *) (block + pointers);
  packed.block = block;
  packed.limits = plan_put (plan->limits, limits, &next);
  packed.groups = plan_put (plan->groups, groups, &next);
  packed.extra_fds = plan_put (plan->extra_fds, extra, &next);
  for (size_t i = 0; i < PLAN_TEXTS; i++)
    *texts[i] = plan_put (*texts[i], plan_size (plan, *texts[i]), &next);
  for (size_t i = 0; i < PLAN_LISTS; i++)
    {
      char **strings = *lists[i];
      *lists[i] = block;
      for (; *strings != NULL; strings++)
	{
	  if (*strings == plan->listen_pid)
	    packed.listen_pid = next;
	  *block++ = plan_put (*strings, plan_size (plan, *strings), &next);
	}
      *block++ = NULL;
    }
  plan_free_parts (plan);
  *plan = packed;
  return 0;
}

static void
plan_close (int fd)
{
  if (fd >= 0)
    close (fd);
}

void
spawn_plan_free (struct spawn_plan *plan)
{
  if (plan == NULL)
    return;
  plan_close (plan->input_fd);
  plan_close (plan->output_fd);
  plan_close (plan->log_file_fd);
  inherit_drop (plan->pipe_fd);
  plan_close (plan->pipe_fd);
  inherit_land (plan->flight);
  for (size_t i = 0; plan->extra_fds != NULL && i < plan->extra_count; i++)
    plan_close (plan->extra_fds[i]);
  if (plan->block == NULL)
    plan_free_parts (plan);
  free (plan->block);
  free (plan);
}
