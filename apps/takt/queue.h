/* SPDX-License-Identifier: Apache-2.0 */
/* `takt queue ...` */
#ifndef APPS_TAKT_QUEUE_H
#define APPS_TAKT_QUEUE_H

#include <stdint.h>

#include "apps/takt/decode.h"
#include "apps/takt/domain_choice.h"
#include "apps/takt/node_view.h"
#include "apps/takt/options.h"
#include "core/protocol/queue.h"
#include "core/queue_segment.h"
#include "core/queue_view.h"

extern const struct command queue_command; /* the group */
extern const struct command queue_list_command;
extern const struct command queue_info_command;
extern const struct command queue_peek_command;
extern const struct command queue_push_command;
extern const struct command queue_take_command;

/* How many items of a band wait, and how many are in work. */
struct queue_fill {
	uint32_t waiting_count;
	uint32_t in_work_count;
};
struct queue_fill queue_band_fill(const struct takt_queue_mapping *mapping, uint32_t band);
/* Of all bands. */
struct queue_fill queue_fill(const struct takt_queue_mapping *mapping);

struct takt_queue_state_shm *queue_state(const struct takt_queue_mapping *mapping);

/* Maps a queue that the domain declares, read-only. @retval EXIT_OK or EXIT_FAILED with a message */
int queue_open(struct takt_queue_mapping *mapping, const struct takt_domain *domain, const char *queue);

/* Attaches as a tool, for pushing or taking. @retval EXIT_OK or EXIT_FAILED with a message */
int queue_attach(struct takt_queue *attached, const struct takt_domain *domain, const char *queue,
		 struct takt_flat_type *type, enum takt_queue_side side);

/* The node's figures of a queue; NULL: it has none. */
const struct takt_queue_use_shm *queue_use(const struct node_view *view, const char *queue, uint32_t is_producer);

/* An item that is printed: of a peek, or of a take. */
struct queue_shown {
	const char *queue;
	struct takt_item item;
	const unsigned char *payload;
	const char *owner; /* who works on it; NULL: it waits */
};

/* Prints items in one of the formats. Zero-initialise; set the first four. */
struct queue_printer {
	const struct takt_domain *domain;
	const struct takt_flat_type *type;
	enum output_format format;
	const struct options *options;
	struct decode_selection selection;
	uint64_t printed_count;
};
/* @retval EXIT_OK or EXIT_FAILED with a message: a field that the type has not */
int queue_printer_begin(struct queue_printer *printer, const char *queue);
void queue_print(struct queue_printer *printer, const struct queue_shown *shown);

#endif
