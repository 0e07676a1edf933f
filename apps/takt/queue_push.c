/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/queue.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/takt/encode.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

#define FIELDS_MAX TAKT_FIELD_COUNT_MAX

static int fill(const struct takt_flat_type *type, unsigned char *payload, const struct options *options)
{
	char why[ENCODE_WHY_BYTES];

	for (uint32_t i = 1; i < options->argument_count; i++) {
		if (encode_field(type, payload, options->arguments[i], why))
			continue;
		takt_message(TAKT_ERROR, "queue '%s': %s", options->arguments[0], why);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int conclude(const struct takt_queue *queue, enum takt_status status)
{
	if (status == TAKT_FULL)
		takt_message(TAKT_ERROR, "queue '%s' is full, and nothing was pushed; see: takt queue info %s",
			     queue->name, queue->name);
	if (status == TAKT_TIMEOUT)
		takt_message(TAKT_ERROR,
			     "queue '%s' had no room in time, and nothing was pushed; see: takt queue info %s",
			     queue->name, queue->name);
	return status == TAKT_OK ? EXIT_OK : EXIT_FAILED;
}

static int push(struct takt_producer *producer, const struct takt_flat_type *type, const struct options *options)
{
	uint32_t band = options->band == TAKT_BAND_ANY ? 0 : options->band;
	unsigned char *payload = calloc(1, type->bytes);
	int code = EXIT_FAILED;

	if (payload == NULL) {
		takt_message(TAKT_ERROR, "queue '%s': no memory for one of its items (%u bytes)", producer->queue.name,
			     type->bytes);
		return EXIT_FAILED;
	}
	code = fill(type, payload, options);
	for (uint64_t i = 0; code == EXIT_OK && i < (options->count ? options->count : 1); i++) {
		enum takt_status status = options->for_ns
						  ? takt_queue_push_until(producer, payload, band, NULL,
									  takt_os_clock_now_ns() + options->for_ns)
						  : takt_queue_push(producer, payload, band, NULL);
		code = conclude(&producer->queue, status);
	}
	free(payload);
	return code;
}

static int run(int argc, char **argv)
{
	static struct takt_producer producer;
	static struct takt_flat_type type;
	struct options options;
	struct takt_domain domain;
	int code = options_parse(&options, &queue_push_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	takt_os_process_prepare(1);
	code = queue_attach(&producer.queue, &domain, options.arguments[0], &type, TAKT_QUEUE_PRODUCER);
	if (code == EXIT_OK)
		code = push(&producer, &type, &options);
	takt_producer_detach(&producer);
	takt_domain_close(&domain);
	return code;
}

const struct command queue_push_command = {
	.name = "push",
	.path = "takt queue push",
	.usage = "QUEUE [FIELD=VALUE]... [options]",
	.summary = "pushes an item, made of fields by the description in the queue's segment",
	.details =
		"Fields that are not named are 0. An array's elements are separated by commas. --for waits so long for room;\n"
		"--count pushes the item N times. Consumers notice it within `wait_slice_us`.",
	.options = OPTIONS_DOMAIN | OPTIONS_COUNT | OPTIONS_FOR | OPTIONS_BAND,
	.arguments_min = 1,
	.arguments_max = 1 + FIELDS_MAX,
	.run = run,
};
