/* SPDX-License-Identifier: Apache-2.0 */
/* `takt trace ...` */
#ifndef APPS_TAKT_TRACE_H
#define APPS_TAKT_TRACE_H

#include "apps/takt/options.h"

extern const struct command trace_start_command;
extern const struct command trace_stop_command;
extern const struct command trace_status_command;
extern const struct command trace_snapshot_command;
extern const struct command trace_watch_command;
extern const struct command trace_report_command;
extern const struct command trace_plot_command;
extern const struct command trace_export_command;

/* The group of them. */
extern const struct command trace_command;

#endif
