/* lasting.c -- memory for what is there to stay.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The collector moves nothing and gives back whole blocks only, each of
   which holds objects of one size and kind.  Where a few that stay lie among
   many that do not, nearly empty blocks remain.  What stays is of a kind of
   its own here, whose blocks are full.  */

#include <config.h>

#include <gc/gc.h>
#include <gc/gc_mark.h>
#include <string.h>

#include "primitive.h"

/* Larger objects share a block with few others anyway.  */
enum { LASTING_SIZE = 512 };

static int lasting_kind;

void
lasting_initialize (void)
{
  /* As ordinary objects are: every word may point to another.  */
  lasting_kind = (int) GC_new_kind (GC_new_free_list (), GC_DS_LENGTH, 1, 1);
}

static SCM
prim_lasting (SCM object)
{
  char *from = (char *) SCM_UNPACK_POINTER (object), *to;
  size_t size;

  /* Constants are not the collector's.  */
  if (!SCM_HEAP_OBJECT_P (object) || GC_base (from) != from)
    return object;
  size = GC_size (from);
  if (size > LASTING_SIZE)
    return object;
  to = GC_generic_malloc (size, lasting_kind);
  if (to == NULL)
    return object;
  memcpy (to, from, size);
  return SCM_PACK_POINTER (to);
}

static SCM
prim_lasting_cons (SCM car, SCM cdr)
{
  SCM *pair = GC_generic_malloc (2 * sizeof *pair, lasting_kind);

  if (pair == NULL)
    return scm_cons (car, cdr);
  pair[0] = car;
  pair[1] = cdr;
  return SCM_PACK_POINTER (pair);
}

const struct primitive lasting_primitives[] =
{
  { "%lasting", 1, 0, prim_lasting,
    "Return @var{object}, a pair, record or procedure that was just made,\n"
    "or a copy of it where what stays for long is kept." },
  { "%lasting-cons", 2, 0, prim_lasting_cons,
    "Return a new pair, as @code{cons} does, where what stays is kept." },
  { NULL, 0, 0, NULL, NULL }
};
