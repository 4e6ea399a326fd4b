/* service.h -- what a reply tells about a service.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A service is the datum (service (version 0) PROPERTY ...).  Properties
   that a reply lacks have the values that they usually have.  */

#ifndef SERVICE_H
#define SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "sexp.h"

enum service_status
{
  SERVICE_STOPPED,
  SERVICE_STARTING,
  SERVICE_RUNNING,
  SERVICE_STOPPING,
  SERVICE_STATUS_COUNT
};

/* No such moment.  */
#define SERVICE_NEVER (-1)

bool service_p (const struct sexp *x);

const char *service_name (const struct sexp *service);
bool service_provides (const struct sexp *service, const char *name);
enum service_status service_status (const struct sexp *service);

/* The status with that NAME, or SERVICE_STATUS_COUNT.  */
enum service_status service_status_named (const struct sexp *name);

/* When did the service last change to that status?  */
int64_t service_since (const struct sexp *service,
		       enum service_status status);

/* Is the boolean property NAME there and true?  */
bool service_flag (const struct sexp *service, const char *name);

/* Is it stopped because it failed to start?  */
bool service_failing (const struct sexp *service);

/* Its running value, or NULL.  */
const struct sexp *service_value (const struct sexp *service);

/* Is it running, and a timer?  */
bool service_timer (const struct sexp *service);

/* Of LIST, latest element first, the COUNT latest elements in *ELEMENTS,
   oldest first.  Returns how many there are, or -ENOMEM.  The array is
   malloc'ed.  */
long service_history (const struct sexp *list, long count,
		      const struct sexp ***elements);

#endif
