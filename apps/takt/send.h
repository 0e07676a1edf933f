/* SPDX-License-Identifier: Apache-2.0 */
/* Sending a line to a node and keeping its answer. */
#ifndef APPS_TAKT_SEND_H
#define APPS_TAKT_SEND_H

#include <stddef.h>
#include <stdint.h>

#include "apps/takt/options.h"

/* Lines as the node wrote them: escape before showing. Zero-initialise. */
struct send_answer {
	char **lines;
	uint32_t count;
	uint32_t capacity;
};

/* Joins words with blanks. @retval EXIT_OK, or EXIT_FAILED with a message when they do not fit */
int send_join(char *line, size_t line_bytes, const char *verb, char *const *words, uint32_t word_count);

/**
 * Sends a line to a node of the domain that the options mean.
 * @retval EXIT_OK it answered ok  @retval EXIT_FAILED it refused (see send_show_refusal), or with a message why it cannot be asked
 */
int send_line(const struct options *options, const char *node, const char *line, struct send_answer *answer);

/* Prints the answer on standard output, escaped. @retval EXIT_OK or EXIT_FAILED when it cannot be written */
int send_show(const struct send_answer *answer);

/* Says on standard error what a node answered that refused; silent when there was no answer. */
void send_show_refusal(const char *node, const struct send_answer *answer);

void send_free(struct send_answer *answer);

#endif
