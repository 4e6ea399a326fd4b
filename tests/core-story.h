/* core-story.h -- what a core does in its life, to be played under stress.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Include after <check.h>.  */

#ifndef CORE_STORY_H
#define CORE_STORY_H

#include "core-fixture.h"

enum story_rigour
{
  STORY_SOUND,			/* all must work */
  STORY_ANSWERED,		/* who asks gets an answer, maybe an error */
  STORY_ENDED			/* connections may be lost, too */
};

/* Publish, ask for the status, give a command, spawn, watch and kill
   processes, get signals; check that it goes as RIGOUR says, and that
   nobody waits for ever.  */
void story_play (struct fixture *fixture, enum story_rigour rigour);

#endif
