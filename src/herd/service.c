/* service.c -- what a reply tells about a service.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool
service_p (const struct sexp *x)
{
  return sexp_is_record (x, "service");
}

const char *
service_name (const struct sexp *service)
{
  const char *name = sexp_text (sexp_car (sexp_property (service,
							 "provides")));
  return name != NULL ? name : "?";
}

bool
service_provides (const struct sexp *service, const char *name)
{
  sexp_for_each (cell, sexp_property (service, "provides"))
    if (sexp_is_symbol (cell->car, name))
      return true;
  return false;
}

enum service_status
service_status_named (const struct sexp *name)
{
  static const char *const names[SERVICE_STATUS_COUNT] = {
    [SERVICE_STOPPED] = "stopped", [SERVICE_STARTING] = "starting",
    [SERVICE_RUNNING] = "running", [SERVICE_STOPPING] = "stopping"
  };
  for (int i = 0; i < SERVICE_STATUS_COUNT; i++)
    if (sexp_is_symbol (name, names[i]))
      return (enum service_status) i;
  return SERVICE_STATUS_COUNT;
}

enum service_status
service_status (const struct sexp *service)
{
  enum service_status status
    = service_status_named (sexp_property (service, "status"));
  if (status != SERVICE_STATUS_COUNT)
    return status;
  return (sexp_is_true (sexp_property (service, "running"))
	  ? SERVICE_RUNNING : SERVICE_STOPPED);
}

int64_t
service_since (const struct sexp *service, enum service_status status)
{
  sexp_for_each (cell, sexp_property (service, "status-changes"))
    if (service_status_named (sexp_car (cell->car)) == status)
      return sexp_integer (sexp_cdr (cell->car), SERVICE_NEVER);
  return SERVICE_NEVER;
}

bool
service_flag (const struct sexp *service, const char *name)
{
  return sexp_is_true (sexp_property (service, name));
}

bool
service_failing (const struct sexp *service)
{
  return (service_status (service) == SERVICE_STOPPED
	  && sexp_is (sexp_property (service, "startup-failures"),
		      SEXP_PAIR));
}

const struct sexp *
service_value (const struct sexp *service)
{
  const struct sexp *value = sexp_property (service, "running");
  return sexp_is_true (value) ? value : NULL;
}

bool
service_timer (const struct sexp *service)
{
  return (service_status (service) == SERVICE_RUNNING
	  && sexp_is_record (service_value (service), "timer"));
}

long
service_history (const struct sexp *list, long count,
		 const struct sexp ***elements)
{
  long length = (long) sexp_length (list);

  if (count > length)
    count = length;
  *elements = calloc ((size_t) count + 1, sizeof **elements);
  if (*elements == NULL)
    return -ENOMEM;
  for (long i = count; i > 0; list = sexp_cdr (list))
    (*elements)[--i] = sexp_car (list);
  return count;
}
