/* config-template.h -- a first configuration for users.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CONFIG_TEMPLATE_H
#define CONFIG_TEMPLATE_H

/* Write a commented configuration to FILE, in a directory made with mode
   0700, unless FILE exists.  0, also if it existed, or -errno.  */
int config_template_write (const char *file);

#endif
