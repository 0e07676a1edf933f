/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/topic.h"

#include <inttypes.h>
#include <stdio.h>

#include "apps/takt/decode.h"
#include "apps/takt/sample.h"
#include "core/text.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/thread.h"

/* Tools poll and are never posted. The pause follows the topic: short while samples come, long while it is silent. */
#define PAUSE_NS_MIN   (1 * TAKT_NS_PER_MS)
#define PAUSE_NS_MAX   (10 * TAKT_NS_PER_MS)
#define FLUSH_NS       (100 * TAKT_NS_PER_MS) /* so old may be what a pipe or a file has not got yet */
#define IDLE_POLLS_MAX 100u /* so many polls without news before a look whether the topic is still there */
#define BUFFER_BYTES   (256u * 1024u)

struct echo {
	struct options options;
	struct takt_domain domain;
	struct reader reader;
	struct takt_flat_type type;
	struct decode_selection selection;
	uint64_t printed_count;
	uint64_t end_ns;
	uint64_t flushed_ns;
	uint64_t pause_ns;
	uint32_t idle_count;
};

/* ------------------------------------------------------------------------------------------------------ samples */

static struct sample_view view_of(const struct echo *echo)
{
	return (struct sample_view){echo->reader.topic, &echo->domain, &echo->selection};
}

static double milliseconds(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e6 : 0.0;
}

static void print_text(const struct echo *echo, const struct takt_sample_header *header, uint64_t lost)
{
	uint64_t now_ns = takt_os_clock_now_ns();
	struct sample_view view = view_of(echo);

	(void)printf("%s #%" PRIu64 "  age %.3f ms", echo->reader.topic, header->number,
		     milliseconds(header->publish_ns, now_ns));
	if (header->origin.topic_index != echo->reader.constants.topic_index)
		(void)printf("  origin %s #%" PRIu64 ", %.3f ms before",
			     sample_origin_name(&view, &header->origin).text, header->origin.number,
			     milliseconds(header->origin.time_ns, header->publish_ns));
	else if (header->origin.time_ns != header->publish_ns)
		(void)printf("  measured %.3f ms before", milliseconds(header->origin.time_ns, header->publish_ns));
	if (lost)
		(void)printf("  lost %" PRIu64 " before", lost);
	(void)fputc('\n', stdout);
	decode_print_text(stdout, &echo->selection, echo->reader.payload);
}

static void print_sample(struct echo *echo, const struct takt_sample_header *header, uint64_t lost)
{
	const struct sample_view view = view_of(echo);

	if (echo->options.format == OUTPUT_TABLE)
		print_text(echo, header, lost);
	else if (echo->options.format == OUTPUT_JSON)
		sample_print_json(stdout, &view, header, echo->reader.payload, lost, echo->printed_count == 0);
	else
		sample_print_csv(stdout, &view, header, echo->reader.payload);
	echo->printed_count++;
}

static void flush_in_time(struct echo *echo)
{
	uint64_t now_ns = takt_os_clock_now_ns();

	if (now_ns - echo->flushed_ns < FLUSH_NS)
		return;
	(void)fflush(stdout);
	echo->flushed_ns = now_ns;
}

/* ------------------------------------------------------------------------------------------------------- follow */

static int is_complete(const struct echo *echo)
{
	return (echo->options.count != 0 && echo->printed_count >= echo->options.count) ||
	       takt_os_clock_now_ns() >= echo->end_ns || takt_os_stop_requested() || ferror(stdout);
}

/* Prints what is there. @retval TAKT_EMPTY all of it @retval TAKT_STOPPED enough @retval TAKT_CORRUPT */
static enum takt_status drain(struct echo *echo)
{
	uint64_t got_before = echo->reader.got;

	for (;;) {
		struct takt_sample_header header;
		uint64_t lost = 0;
		enum takt_status status;

		if (is_complete(echo))
			return TAKT_STOPPED;
		status = reader_next(&echo->reader, &header, &lost);
		if (status == TAKT_OVERTAKEN)
			continue;
		if (status == TAKT_OK) {
			print_sample(echo, &header, lost);
			flush_in_time(echo);
			continue;
		}
		uint64_t count = echo->reader.got - got_before;
		echo->idle_count = count ? 0 : echo->idle_count + 1;
		/* An eighth of the ring in one pause is much: pause less. */
		if (count >= echo->reader.constants.depth / 8 + 1)
			echo->pause_ns /= 2;
		else if (count == 0)
			echo->pause_ns *= 2;
		return status;
	}
}

/* The newest sample, if it is new; those in between are passed over on purpose. */
static enum takt_status take_newest(struct echo *echo)
{
	uint64_t newest = reader_newest(&echo->reader);
	struct takt_sample_header header;
	uint64_t lost = 0;

	if (is_complete(echo))
		return TAKT_STOPPED;
	if (newest < echo->reader.next) {
		echo->idle_count++;
		return TAKT_EMPTY;
	}
	reader_seek(&echo->reader, newest);
	enum takt_status status = reader_next(&echo->reader, &header, &lost);
	if (status == TAKT_OVERTAKEN)
		return TAKT_EMPTY;
	if (status != TAKT_OK)
		return status;
	echo->idle_count = 0;
	/* A sample that was overwritten between the two looks was passed over too. */
	echo->reader.lost = 0;
	print_sample(echo, &header, 0);
	return TAKT_EMPTY;
}

static int follow(struct echo *echo)
{
	int is_limited = echo->options.rate_hz > 0;
	uint64_t due_ns = takt_os_clock_now_ns();

	for (;;) {
		enum takt_status status = is_limited ? take_newest(echo) : drain(echo);

		if (status == TAKT_STOPPED)
			return EXIT_OK;
		if (status != TAKT_EMPTY)
			return EXIT_FAILED;
		if (echo->idle_count >= IDLE_POLLS_MAX) {
			if (topic_is_gone(&echo->reader))
				return EXIT_FAILED;
			echo->idle_count = 0;
		}
		flush_in_time(echo);
		if (echo->pause_ns < PAUSE_NS_MIN)
			echo->pause_ns = PAUSE_NS_MIN;
		if (echo->pause_ns > PAUSE_NS_MAX)
			echo->pause_ns = PAUSE_NS_MAX;
		due_ns = is_limited ? due_ns + (uint64_t)(1e9 / echo->options.rate_hz)
				    : takt_os_clock_now_ns() + echo->pause_ns;
		/* A stop ends the sleep; what has come until then is still printed. */
		(void)takt_os_clock_sleep_until(due_ns < echo->end_ns ? due_ns : echo->end_ns);
	}
}

/* -------------------------------------------------------------------------------------------------------- begin */

static int no_field(const struct echo *echo, const char *wanted)
{
	struct takt_text_nearest nearest = {.word = wanted};
	char names[512] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < echo->type.field_count; i++) {
		const char *name = echo->type.fields[i].name;

		takt_text_nearest_offer(&nearest, name);
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "", name);
	}
	if (nearest.found)
		takt_message(TAKT_ERROR,
			     "topic '%s': its type '%s' has no field '%.40s'; did you mean '%s'? There are: %s",
			     echo->reader.topic, echo->type.name, wanted, nearest.found, names);
	else
		takt_message(TAKT_ERROR, "topic '%s': its type '%s' has no field '%.40s'; there are: %s",
			     echo->reader.topic, echo->type.name, wanted, names);
	return EXIT_FAILED;
}

static int select_fields(struct echo *echo)
{
	if (echo->options.field_count == 0)
		decode_select_all(&echo->selection, &echo->type);
	else
		decode_select_none(&echo->selection, &echo->type);
	for (uint32_t i = 0; i < echo->options.field_count; i++)
		if (decode_select_add(&echo->selection, echo->options.fields[i]) == 0)
			return no_field(echo, echo->options.fields[i]);
	uint32_t columns = decode_csv_columns(&echo->selection);
	if (echo->options.format != OUTPUT_CSV || columns <= DECODE_CSV_COLUMNS_MAX)
		return EXIT_OK;
	takt_message(TAKT_ERROR, "topic '%s' would have %u columns, and %d are a table's limit; choose with --field",
		     echo->reader.topic, columns, DECODE_CSV_COLUMNS_MAX);
	return EXIT_FAILED;
}

static void begin(struct echo *echo)
{
	static char buffer[BUFFER_BYTES];
	uint64_t newest = reader_newest(&echo->reader);

	/* From the newest on, as a subscriber does; the history on request. */
	if (echo->options.history)
		reader_seek(&echo->reader, reader_oldest(&echo->reader));
	else
		reader_seek(&echo->reader, newest ? newest : 1);
	if (!takt_os_output_is_terminal())
		(void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	echo->pause_ns = PAUSE_NS_MIN;
	echo->flushed_ns = takt_os_clock_now_ns();
	if (echo->options.format == OUTPUT_CSV) {
		const struct sample_view view = view_of(echo);

		sample_print_csv_head(stdout, &view);
	}
}

static int end(const struct echo *echo, int code)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("takt: the samples could not be written");
		return EXIT_FAILED;
	}
	if (echo->reader.lost)
		takt_message(TAKT_WARNING,
			     "topic '%s': %" PRIu64 " samples printed, %" PRIu64
			     " lost: the ring of %u had overwritten "
			     "them before this tool looked; a larger `depth` helps, or --rate",
			     echo->reader.topic, echo->printed_count, echo->reader.lost, echo->reader.constants.depth);
	return code;
}

static int run(int argc, char **argv)
{
	static struct echo echo;
	int code = options_parse(&echo.options, &topic_echo_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (domain_attach(echo.options.domain, &echo.domain) != EXIT_OK)
		return EXIT_FAILED;
	takt_os_process_prepare(1);
	echo.end_ns = echo.options.for_ns ? takt_os_clock_now_ns() + echo.options.for_ns : TAKT_FOREVER;
	code = topic_wait(&echo.reader, &echo.domain, echo.options.arguments[0], &echo.type, echo.end_ns);
	if (code == EXIT_OK)
		code = select_fields(&echo);
	if (code == EXIT_OK) {
		begin(&echo);
		code = end(&echo, follow(&echo));
	}
	reader_close(&echo.reader);
	takt_domain_close(&echo.domain);
	return code;
}

const struct command topic_echo_command = {
	.name = "echo",
	.path = "takt topic echo",
	.usage = "TOPIC [options]",
	.summary = "prints a topic's samples as they come, decoded by the description in its segment",
	.details =
		"It begins with the newest sample and ends with --count, --for or Ctrl-C. It only looks: nobody waits for it, and\n"
		"what it misses is counted and said at the end. table: a block a sample; csv: a line a sample, with units in\n"
		"the head; json: an object a line, the first also with the units.",
	.options = OPTIONS_DOMAIN | OPTIONS_FORMAT | OPTIONS_COUNT | OPTIONS_HISTORY | OPTIONS_FIELD | OPTIONS_FOR |
		   OPTIONS_RATE,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
