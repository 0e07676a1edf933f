/* SPDX-License-Identifier: Apache-2.0 */
/* What the pictures of `takt trace plot` have in common. */
#ifndef APPS_TAKT_TRACE_PLOT_DRAW_H
#define APPS_TAKT_TRACE_PLOT_DRAW_H

#include "apps/takt/picture.h"
#include "apps/takt/trace_plot.h"

int trace_plot_begin(struct trace_plot *plot, struct picture *picture, const char *name, const char *title);
/* Draws it, and says where it is. */
void trace_plot_end(struct trace_plot *plot, struct picture *picture);

#endif
