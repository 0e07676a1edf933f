/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the config share: they hand a text over and look at the one sentence that comes back. */
#ifndef TESTS_UNIT_CORE_CONFIG_FIXTURE_H
#define TESTS_UNIT_CORE_CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/config.h"
#include "platform/message.h"

static char last_message[TAKT_MESSAGE_BYTES_MAX + 1];
static unsigned message_count;

static void keep_message(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	assert_int_equal(severity, TAKT_ERROR);
	snprintf(last_message, sizeof(last_message), "%s", text);
	message_count++;
	if (getenv("TAKT_TEST_SHOW_MESSAGES") != NULL)
		printf("           %s\n", text);
}

static int catch_messages(void **state)
{
	(void)state;
	last_message[0] = '\0';
	message_count = 0;
	takt_message_handler_set(keep_message, NULL);
	return 0;
}

static int release_messages(void **state)
{
	(void)state;
	takt_message_handler_set(NULL, NULL);
	return 0;
}

#define caught(test) cmocka_unit_test_setup_teardown(test, catch_messages, release_messages)

/* Fails with the whole message in view. */
static void message_says(const char *expected)
{
	if (strstr(last_message, expected) == NULL)
		fail_msg("the message\n\t%s\ndoes not say\n\t%s", last_message, expected);
}

static enum takt_status try_text(const struct takt_config **config, const char *text)
{
	return takt_config_parse(config, text, (uint32_t)strlen(text), "test.yaml");
}

/* The text is a good config; the caller frees what comes back. */
static inline const struct takt_config *accept(const char *text)
{
	const struct takt_config *config = NULL;

	if (try_text(&config, text) != TAKT_OK)
		fail_msg("refused: %s", last_message);
	assert_int_equal(message_count, 0);
	assert_non_null(config);
	return config;
}

/* The text is refused with this status, and one sentence that begins with the line and has all the words; up to four, then NULL. */
static inline void refuse_as(enum takt_status expected, const char *text, const char *line, const char *const words[4])
{
	const struct takt_config *config = NULL;
	enum takt_status status = try_text(&config, text);
	char begin[64];

	if (status != expected)
		fail_msg("status is %s instead of %s: %s", takt_status_name(status), takt_status_name(expected),
			 last_message);
	assert_null(config);
	assert_int_equal(message_count, 1);
	snprintf(begin, sizeof(begin), "test.yaml:%s", line);
	message_says(begin);
	for (int i = 0; i < 4 && words[i] != NULL; i++)
		message_says(words[i]);
	message_count = 0;
}

#define refused(text, line, ...)    refuse_as(TAKT_INVALID, text, line, (const char *const[4]){__VA_ARGS__})
#define over_limit(text, line, ...) refuse_as(TAKT_LIMIT, text, line, (const char *const[4]){__VA_ARGS__})

/* Configs that differ in one line: in the domain (line 2), in the only topic (line 3), in the only node (line 7). */
#define DOMAIN(line) "domain: robot\n" line "\n"
#define TOPIC(line)  "domain: robot\ntopics:\n  - " line "\n    name: imu\n    type: imu\n    bytes: 40\n"
#define NODE(line)                                                                                                                \
	"domain: robot\ntopics:\n  - {name: imu, type: imu, bytes: 40}\nnodes:\n  - name: sensor\n    program: sensor\n    " line \
	"\n"

#endif
