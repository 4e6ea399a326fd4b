/* names.h -- a hash table from names to pointers.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The table copies the names; it owns nothing that its values point to.  */

#ifndef NAMES_H
#define NAMES_H

#include "table.h"

struct names
{
  struct table table;		/* of struct names_entry, by hash */
};

void names_init (struct names *names);

/* The value of NAME, or NULL.  */
void *names_get (const struct names *names, const char *name);

/* Give NAME the VALUE, in place of any other.  0 or -ENOMEM.  */
int names_put (struct names *names, const char *name, void *value);

/* Take NAME out if its value is VALUE.  */
void names_remove (struct names *names, const char *name, const void *value);

void names_free (struct names *names);

#endif
