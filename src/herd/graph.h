/* graph.h -- the services and what they require, for Graphviz.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef GRAPH_H
#define GRAPH_H

#include "display.h"
#include "sexp.h"

/* Print the graph of the list SERVICES.  A requirement that no service
   provides is drawn too, and told on the error port.  */
void graph_display (const struct display *display,
		    const struct sexp *services);

#endif
