/* SPDX-License-Identifier: Apache-2.0 */
/* A sample with what is known of it, as JSON or CSV: for takt topic echo and for bridges. */
#ifndef APPS_TAKT_SAMPLE_H
#define APPS_TAKT_SAMPLE_H

#include <stdint.h>
#include <stdio.h>

#include "apps/takt/decode.h"
#include "apps/takt/domain_choice.h"
#include "core/layout.h"
#include "core/ring.h"

/* What stays the same from sample to sample. */
struct sample_view {
	const char *topic;
	const struct takt_domain *domain;
	const struct decode_selection *selection;
};

/* The topic of an origin; the index comes from a publisher. */
struct domain_name sample_origin_name(const struct sample_view *view, const struct takt_origin *origin);

/* One line. @param lost samples before it @param has_units 1: with the units of its fields, which cannot change while the domain lives */
void sample_print_json(FILE *file, const struct sample_view *view, const struct takt_sample_header *header,
		       const unsigned char *payload, uint64_t lost, int has_units);

/* One line each. */
void sample_print_csv_head(FILE *file, const struct sample_view *view);
void sample_print_csv(FILE *file, const struct sample_view *view, const struct takt_sample_header *header,
		      const unsigned char *payload);

#endif
