/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/escape.h"
#include "core/commander.h"
#include "core/limits.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

/* The node itself waits 1 s for its loop; a loaded machine gets as much again. */
#define ANSWER_NS_DEFAULT (3 * TAKT_NS_PER_S)

int send_join(char *line, size_t line_bytes, const char *verb, char *const *words, uint32_t word_count)
{
	size_t used = (size_t)snprintf(line, line_bytes, "%s", verb);

	for (uint32_t i = 0; i < word_count && used < line_bytes; i++)
		used += (size_t)snprintf(line + used, line_bytes - used, "%s%s", used ? " " : "", words[i]);
	if (used < line_bytes)
		return EXIT_OK;
	takt_message(TAKT_ERROR, "the command is longer than the %zu bytes that a line may have; send it in parts",
		     line_bytes - 1);
	return EXIT_FAILED;
}

static void keep(void *context, const char *line)
{
	struct send_answer *answer = context;
	size_t bytes = strlen(line) + 1;
	char *copy = malloc(bytes);

	if (answer->count == answer->capacity) {
		uint32_t capacity = answer->capacity ? 2 * answer->capacity : 16;
		char **larger = realloc(answer->lines, capacity * sizeof(*larger));

		if (larger) {
			answer->lines = larger;
			answer->capacity = capacity;
		}
	}
	if (copy == NULL || answer->count == answer->capacity) {
		takt_message(TAKT_ERROR, "no memory is left for the node's answer");
		exit(1);
	}
	memcpy(copy, line, bytes);
	answer->lines[answer->count++] = copy;
}

int send_line(const struct options *options, const char *node, const char *line, struct send_answer *answer)
{
	struct takt_domain domain;
	uint64_t timeout_ns = options->timeout_ns ? options->timeout_ns : ANSWER_NS_DEFAULT;

	if (domain_attach(options->domain, &domain) != EXIT_OK)
		return EXIT_FAILED;
	if (takt_domain_node_find(&domain, node) == UINT32_MAX) {
		(void)domain_no_node(&domain, node);
		takt_domain_close(&domain);
		return EXIT_FAILED;
	}
	/* A pipe whose reader has died is then a status; and Ctrl-C leaves no reply pipe behind. */
	takt_os_process_prepare(1);
	enum takt_status status =
		takt_command_send(domain.name, node, line, takt_os_clock_now_ns() + timeout_ns, keep, answer);
	takt_domain_close(&domain);
	return status == TAKT_OK ? EXIT_OK : EXIT_FAILED;
}

static void put(FILE *file, const char *before, const char *line)
{
	char escaped[ESCAPE_BYTES(TAKT_LINE_BYTES_MAX)];

	(void)escape_text(escaped, sizeof(escaped), line, strlen(line));
	(void)fprintf(file, "%s%s\n", before, escaped);
}

int send_show(const struct send_answer *answer)
{
	for (uint32_t i = 0; i < answer->count; i++)
		put(stdout, "", answer->lines[i]);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_OK;
	perror("takt: the answer could not be written");
	return EXIT_FAILED;
}

void send_show_refusal(const char *node, const struct send_answer *answer)
{
	char before[TAKT_NAME_BYTES + 32];

	(void)snprintf(before, sizeof(before), "takt: node '%.31s': ", node);
	for (uint32_t i = 0; i < answer->count; i++)
		put(stderr, before, answer->lines[i]);
}

void send_free(struct send_answer *answer)
{
	for (uint32_t i = 0; i < answer->count; i++)
		free(answer->lines[i]);
	free(answer->lines);
	*answer = (struct send_answer){0};
}
