/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/queue.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

/* Acknowledged once it is written: what cannot be shown to anybody is given back. */
static enum takt_status hand_over(struct takt_consumer *consumer, struct queue_printer *printer,
				  const struct takt_item *item, const unsigned char *payload)
{
	const struct queue_shown shown = {.queue = consumer->queue.name, .item = *item, .payload = payload};

	queue_print(printer, &shown);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		(void)!takt_queue_return(consumer, item);
		perror("takt: the item could not be written, and was given back");
		return TAKT_SYSTEM;
	}
	return takt_queue_acknowledge(consumer, item);
}

static int take(struct takt_consumer *consumer, struct queue_printer *printer, unsigned char *payload)
{
	const struct options *options = printer->options;
	uint64_t end_ns = options->for_ns ? takt_os_clock_now_ns() + options->for_ns : 0;
	uint64_t wanted = options->count ? options->count : 1;
	enum takt_status status = TAKT_OK;
	struct takt_item item;

	while (status == TAKT_OK && printer->printed_count < wanted) {
		status = takt_queue_take_until(consumer, options->band, payload, &item, end_ns);
		if (status == TAKT_OK)
			status = hand_over(consumer, printer, &item, payload);
	}
	if (status == TAKT_TIMEOUT && printer->printed_count == 0)
		takt_message(TAKT_ERROR, "queue '%s': no item waits; see: takt queue info %s", consumer->queue.name,
			     consumer->queue.name);
	/* As many as there were is what --count asks for at most. */
	return status == TAKT_OK || (printer->printed_count && (status == TAKT_TIMEOUT || status == TAKT_STOPPED))
		       ? EXIT_OK
		       : EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	static struct takt_consumer consumer;
	static struct takt_flat_type type;
	struct options options;
	struct takt_domain domain;
	unsigned char *payload = NULL;
	int code = options_parse(&options, &queue_take_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(options.domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	takt_os_process_prepare(1);
	code = queue_attach(&consumer.queue, &domain, options.arguments[0], &type, TAKT_QUEUE_CONSUMER);
	struct queue_printer printer = {.domain = &domain,
					.type = &type,
					.format = options.format,
					.options = &options};
	if (code == EXIT_OK)
		code = queue_printer_begin(&printer, consumer.queue.name);
	if (code == EXIT_OK) {
		payload = calloc(1, type.bytes);
		if (payload == NULL)
			takt_message(TAKT_ERROR, "queue '%s': no memory for one of its items (%u bytes)",
				     consumer.queue.name, type.bytes);
		code = payload ? take(&consumer, &printer, payload) : EXIT_FAILED;
	}
	free(payload);
	takt_consumer_detach(&consumer);
	takt_domain_close(&domain);
	return code;
}

const struct command queue_take_command = {
	.name = "take",
	.path = "takt queue take",
	.usage = "QUEUE [options]",
	.summary = "takes an item out of a queue, prints and acknowledges it",
	.details =
		"It competes with the queue's consumers: what it takes none of them gets. --count takes up to N, --for waits so\n"
		"long for them. What cannot be written is given back.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT | OPTIONS_COUNT | OPTIONS_FIELD | OPTIONS_FOR | OPTIONS_BAND,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
