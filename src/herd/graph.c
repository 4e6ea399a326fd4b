/* graph.c -- the services and what they require, for Graphviz.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "graph.h"

#include <string.h>

#include "i18n.h"
#include "report.h"
#include "service.h"

/* Print NAME as an identifier of the language DOT.  */
static void
print_name (FILE *out, const char *name)
{
  putc ('"', out);
  for (; *name; name++)
    {
      if (*name == '"' || *name == '\\')
	putc ('\\', out);
      putc (*name, out);
    }
  putc ('"', out);
}

static void
print_edge (FILE *out, const char *from, const char *to)
{
  fputs ("  ", out);
  print_name (out, from);
  fputs (" -> ", out);
  print_name (out, to);
  fputs (";\n", out);
}

static void
print_node (FILE *out, const char *name, const char *shape,
	    const char *color, const char *font_color, const char *style)
{
  fputs ("  ", out);
  print_name (out, name);
  fprintf (out, " [shape = %s, color = %s, fontcolor = %s, style = %s];\n",
	   shape, color, font_color, style);
}

static void
print_service (FILE *out, const struct sexp *service)
{
  const char *shape = "box", *color = "gray", *font_color = "gray";
  enum service_status status = service_status (service);

  if (service_flag (service, "one-shot?"))
    shape = "circle";
  else if (service_timer (service))
    shape = "diamond";
  if (service_failing (service))
    color = font_color = "red";
  else if (status == SERVICE_STOPPED)
    color = font_color = "purple";
  else if (status == SERVICE_RUNNING)
    {
      color = "green";
      font_color = "black";
    }
  print_node (out, service_name (service), shape, color, font_color,
	      service_flag (service, "transient?") ? "dashed" : "solid");
}

static const struct sexp *
find_provider (const struct sexp *services, const char *name)
{
  sexp_for_each (cell, services)
    if (service_provides (cell->car, name))
      return cell->car;
  return NULL;
}

/* Is NAME required by a service of SERVICES before the cell END?  */
static bool
required_before (const struct sexp *services, const struct sexp *end,
		 const char *name)
{
  for (; services != end; services = sexp_cdr (services))
    sexp_for_each (cell, sexp_property (services->car, "requires"))
      if (sexp_is_symbol (cell->car, name))
	return true;
  return false;
}

/* Print the requirements of the service in CELL of SERVICES.  */
static void
print_requirements (const struct display *display,
		    const struct sexp *services, const struct sexp *cell)
{
  const char *name = service_name (cell->car);

  if (strcmp (name, "root") != 0)
    print_edge (display->out, name, "root");
  sexp_for_each (need, sexp_property (cell->car, "requires"))
    {
      const char *required = sexp_text (need->car);
      if (required == NULL)
	continue;
      const struct sexp *provider = find_provider (services, required);
      const char *to = provider ? service_name (provider) : required;
      if (provider == NULL && !required_before (services, cell, required))
	print_node (display->out, required, "box", "red", "red", "dotted");
      if (provider == NULL)
	report_hint (display->errors, display->program,
		     _("service '%s' requires '%s', which no service"
		       " provides"), name, required);
      if (strcmp (to, "root") != 0)
	print_edge (display->out, name, to);
    }
}

void
graph_display (const struct display *display, const struct sexp *services)
{
  fputs ("digraph \"Service Graph\" {\n", display->out);
  sexp_for_each (cell, services)
    {
      print_service (display->out, cell->car);
      print_requirements (display, services, cell);
    }
  fputs ("}\n", display->out);
}
