/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config_value.h"

#include <stdio.h>
#include <string.h>

#include "core/limits.h"
#include "core/text.h"
#include "core/type.h"

#define OWNER_BYTES_MAX 64u
#define MODE_POSSIBLE	0664u /* reading and writing, but no writing by others */

void takt_config_key_place(const struct takt_config_object *object, const char *key,
			   char place[TAKT_CONFIG_PLACE_BYTES])
{
	const int length = snprintf(place, TAKT_CONFIG_PLACE_BYTES, "%.*s%s%s", TAKT_CONFIG_PLACE_BYTES - 64,
				    object->place, object->place[0] != '\0' ? "." : "", key);

	if (length < 0)
		place[0] = '\0';
}

/* ----------------------------------------------------------------------------------------------- numbers */

/* Digits only. A leading zero means octal to some YAML readers and nothing to others, so it is not taken. */
static int parse_number(const char *text, uint64_t *value)
{
	uint64_t number = 0;

	if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
		return 0;
	for (; *text != '\0'; text++) {
		const uint64_t digit = (uint64_t)(unsigned char)*text - '0';

		if (digit > 9 || number > (UINT64_MAX - digit) / 10)
			return 0;
		number = number * 10 + digit;
	}
	*value = number;
	return 1;
}

enum takt_status takt_config_number_read(const struct takt_config_object *object,
					 const struct takt_config_number *number)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	uint64_t value = 0;

	if (number->text == NULL) {
		*number->value = number->absent;
		return TAKT_OK;
	}
	if (parse_number(number->text, &value) && value >= number->min && value <= number->max) {
		*number->value = value;
		return TAKT_OK;
	}
	takt_config_key_place(object, number->key, place);
	return takt_config_refuse(object->source, TAKT_INVALID, place,
				  "%s: %s is '%.40s'; write a whole number from %llu to %llu", object->said,
				  number->key, number->text, (unsigned long long)number->min,
				  (unsigned long long)number->max);
}

enum takt_status takt_config_numbers_read(const struct takt_config_object *object,
					  const struct takt_config_number *numbers, size_t count)
{
	enum takt_status status = TAKT_OK;

	for (size_t i = 0; i < count && status == TAKT_OK; i++)
		status = takt_config_number_read(object, &numbers[i]);
	return status;
}

/* ----------------------------------------------------------------------------------------------- choices */

enum takt_status takt_config_choice_read(const struct takt_config_object *object, const char *key, const char *text,
					 const struct takt_config_choice *choices, uint32_t *value)
{
	struct takt_text_nearest nearest = {.word = text};
	char place[TAKT_CONFIG_PLACE_BYTES];
	char words[64] = "";
	size_t used = 0;

	if (text == NULL)
		return TAKT_OK;
	for (const struct takt_config_choice *choice = choices; choice->word != NULL; choice++) {
		if (strcmp(choice->word, text) == 0) {
			*value = choice->value;
			return TAKT_OK;
		}
		takt_text_nearest_offer(&nearest, choice->word);
		if (used < sizeof(words))
			used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s", used > 0 ? ", " : "",
						 choice->word);
	}
	takt_config_key_place(object, key, place);
	return takt_config_refuse(object->source, TAKT_INVALID, place, "%s: %s is '%.40s'; write one of: %s",
				  object->said, key, text, nearest.found != NULL ? nearest.found : words);
}

/* ------------------------------------------------------------------------------------------------- texts */

/* What a wrong name could be instead, so that a person need not work the rule out. */
static void suggest_name(const char *name, char suggestion[TAKT_NAME_BYTES])
{
	uint32_t used = 0;

	for (; *name != '\0' && used + 1 < TAKT_NAME_BYTES; name++) {
		const char c = (char)(*name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name);
		const int fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9' && used > 0);

		if (fits)
			suggestion[used++] = c;
		else if (used > 0 && suggestion[used - 1] != '_')
			suggestion[used++] = '_';
	}
	suggestion[used] = '\0';
	if (used == 0)
		(void)snprintf(suggestion, TAKT_NAME_BYTES, "robot");
}

enum takt_status takt_config_name_check(const struct takt_config_object *object, const char *key, const char *name)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	char suggestion[TAKT_NAME_BYTES];

	if (takt_name_is_valid(name))
		return TAKT_OK;
	suggest_name(name, suggestion);
	takt_config_key_place(object, key, place);
	return takt_config_refuse(
		object->source, TAKT_INVALID, place,
		"%s: %s is '%.40s%s' (%zu characters); a name is 1 to %u of a-z, 0-9 and _, a letter first: write "
		"for instance '%s'",
		object->said, key, name, strlen(name) > 40 ? "..." : "", strlen(name), TAKT_NAME_BYTES - 1, suggestion);
}

/* A key that is there must say something. */
enum takt_status takt_config_text_check(const struct takt_config_object *object, const char *key, const char *text,
					uint32_t bytes_max)
{
	char place[TAKT_CONFIG_PLACE_BYTES];

	if (text == NULL || (text[0] != '\0' && strlen(text) <= bytes_max && takt_text_is_printable(text)))
		return TAKT_OK;
	takt_config_key_place(object, key, place);
	return takt_config_refuse(object->source, TAKT_INVALID, place,
				  "%s: %s is '%.40s'; write 1 to %u printable characters, or remove the key",
				  object->said, key, text, (unsigned)bytes_max);
}

/* ------------------------------------------------------------------------------------------------ rights */

/* Octal with or without a leading 0 or 0o; the value 0 is no mode, since nobody could open such an object. */
static uint32_t parse_mode(const char *text)
{
	uint32_t mode = 0;

	if (text[0] == '0' && text[1] == 'o')
		text += 2;
	if (strlen(text) < 3 || strlen(text) > 4 || text[strspn(text, "01234567")] != '\0')
		return 0;
	for (; *text != '\0'; text++)
		mode = mode * 8 + (uint32_t)(*text - '0');
	return mode;
}

static enum takt_status read_mode(const struct takt_config_object *object, const char *key, const char *text,
				  uint32_t *mode)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	const uint32_t parsed = text != NULL ? parse_mode(text) : *mode;

	if (parsed != 0 && (parsed & ~MODE_POSSIBLE) == 0) {
		*mode = parsed;
		return TAKT_OK;
	}
	takt_config_key_place(object, key, place);
	if ((parsed & 0002u) != 0)
		return takt_config_refuse(object->source, TAKT_INVALID, place,
					  "%s: %s %s lets every user write; write %04o, and add writers by a group",
					  object->said, key, text, (unsigned)(parsed & MODE_POSSIBLE));
	return takt_config_refuse(
		object->source, TAKT_INVALID, place,
		"%s: %s is '%.40s'; write the octal number of reading and writing bits, such as 0600, 0640 or 0660",
		object->said, key, text);
}

/* `rights` holds what counts where the object says nothing. */
static enum takt_status read_rights(const struct takt_config_object *object, const char *const keys[3],
				    const struct takt_config_raw_rights *raw, struct takt_config_rights *rights)
{
	enum takt_status status = takt_config_text_check(object, keys[0], raw->owner, OWNER_BYTES_MAX);

	if (status == TAKT_OK)
		status = takt_config_text_check(object, keys[1], raw->group, OWNER_BYTES_MAX);
	if (status == TAKT_OK)
		status = read_mode(object, keys[2], raw->mode, &rights->mode);
	if (raw->owner != NULL)
		rights->owner = raw->owner;
	if (raw->group != NULL)
		rights->group = raw->group;
	return status;
}

enum takt_status takt_config_rights_read(const struct takt_config_object *object,
					 const struct takt_config_raw_rights *raw, struct takt_config_rights *rights)
{
	static const char *const keys[3] = {"owner", "group", "mode"};

	return read_rights(object, keys, raw, rights);
}

enum takt_status takt_config_take_rights_read(const struct takt_config_object *object,
					      const struct takt_config_raw_rights *raw,
					      struct takt_config_rights *rights)
{
	static const char *const keys[3] = {"take_owner", "take_group", "take_mode"};

	return read_rights(object, keys, raw, rights);
}
