/* table.h -- a hash table from numbers to pointers.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Open addressing with linear probing.  The table owns nothing that its
   values point to.  A value is never NULL.  */

#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_slot
{
  uint64_t key;
  void *value;			/* NULL: the slot is free */
};

struct table
{
  struct table_slot *slots;	/* NULL while empty */
  unsigned int bits;		/* 2^BITS slots */
  size_t count;
};

void table_init (struct table *table);

/* The value of KEY, or NULL.  */
void *table_get (const struct table *table, uint64_t key);

/* Make room so that MORE additions cannot fail.  0 or -ENOMEM.  */
int table_reserve (struct table *table, size_t more);

/* Give KEY the VALUE, in place of any other.  0 or -ENOMEM.  */
int table_put (struct table *table, uint64_t key, void *value);

/* Take KEY out.  Its value, or NULL.  */
void *table_remove (struct table *table, uint64_t key);

/* The value of the first slot from *POSITION on, which moves past it; NULL
   at the end.  Start with 0, and do not change the table meanwhile, but that
   what it gave may be removed if *POSITION then goes back by one.  */
void *table_next (const struct table *table, size_t *position);

void table_free (struct table *table);

#endif
