/* SPDX-License-Identifier: Apache-2.0 */
/* Single values of a config: from text to numbers, words, names and rights, each in its range. */
#ifndef TAKT_CORE_CONFIG_VALUE_H
#define TAKT_CORE_CONFIG_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "core/config.h"
#include "core/config_schema.h"
#include "core/config_source.h"

/* What a message is about: where it stands, and what a person calls it. */
struct takt_config_object {
	const struct takt_config_source *source;
	char place[TAKT_CONFIG_PLACE_BYTES]; /* "" for the config itself */
	char said[TAKT_CONFIG_SAID_BYTES];   /* "topic 'imu'" */
};

/* Puts the place of one of an object's keys together: "topics[3].depth". */
void takt_config_key_place(const struct takt_config_object *object, const char *key,
			   char place[TAKT_CONFIG_PLACE_BYTES]);

/* One number of an object. */
struct takt_config_number {
	const char *key;
	const char *text; /* NULL: the key is not there */
	uint64_t absent;  /* its value then */
	uint64_t min;
	uint64_t max;
	uint64_t *value;
};

/* One word of several. A table of them ends with a NULL word. */
struct takt_config_choice {
	const char *word;
	uint32_t value;
};

/* All of these: @retval TAKT_OK  @retval TAKT_INVALID with a message that says what to write. An absent (NULL) text leaves the value,
 * a number becomes `absent`. */
TAKT_CHECKED enum takt_status takt_config_number_read(const struct takt_config_object *object,
						      const struct takt_config_number *number);
TAKT_CHECKED enum takt_status takt_config_numbers_read(const struct takt_config_object *object,
						       const struct takt_config_number *numbers, size_t count);
TAKT_CHECKED enum takt_status takt_config_choice_read(const struct takt_config_object *object, const char *key,
						      const char *text, const struct takt_config_choice *choices,
						      uint32_t *value);
TAKT_CHECKED enum takt_status takt_config_name_check(const struct takt_config_object *object, const char *key,
						     const char *name);
TAKT_CHECKED enum takt_status takt_config_text_check(const struct takt_config_object *object, const char *key,
						     const char *text, uint32_t bytes_max);

/* `rights` holds what counts where the object says nothing. */
TAKT_CHECKED enum takt_status takt_config_rights_read(const struct takt_config_object *object,
						      const struct takt_config_raw_rights *raw,
						      struct takt_config_rights *rights);
/* The same of a queue's `take_owner`, `take_group`, `take_mode`. */
TAKT_CHECKED enum takt_status takt_config_take_rights_read(const struct takt_config_object *object,
							   const struct takt_config_raw_rights *raw,
							   struct takt_config_rights *rights);

#endif
