/* plan.c -- making and freeing spawn plans.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "spawn.h"

#include "inherit.h"

#include <assert.h>
#include <stdlib.h>
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

static void
plan_free_strings (char **strings)
{
  for (size_t i = 0; strings != NULL && strings[i] != NULL; i++)
    free (strings[i]);
  free (strings);
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
  plan_free_strings (plan->candidates);
  plan_free_strings (plan->argv);
  plan_free_strings (plan->envp);
  free (plan->service);
  free (plan->directory);
  free (plan->groups);
  free (plan->limits);
  free (plan->extra_fds);
  free (plan->log_path);
  free (plan->log_prefix);
  free (plan);
}
