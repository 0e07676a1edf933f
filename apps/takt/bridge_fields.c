/* SPDX-License-Identifier: Apache-2.0 */
/* A type that is described on the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bridge.h"
#include "core/text.h"
#include "platform/message.h"

#define KINDS	   "i8 u8 i16 u16 i32 u32 i64 u64 f32 f64 bool char"
#define FIELD_TEXT 160

/* Where the layout has come to. */
struct layout {
	uint32_t end;
	uint32_t alignment;
	int is_explicit; /* a field said where it stands: the size is no compiler's */
};

static uint32_t kind_of(const char *word, uint32_t length)
{
	for (uint32_t kind = TAKT_I8; kind <= TAKT_CHAR; kind++) {
		const char *name = takt_kind_name(kind);

		if (strlen(name) == length && strncmp(name, word, length) == 0)
			return kind;
	}
	return 0;
}

/* "f32[3]" @retval NULL, or what is wrong */
static const char *read_kind(const char *word, struct takt_flat_field *field)
{
	const uint32_t length = (uint32_t)strcspn(word, "[");
	char *end;

	field->kind = kind_of(word, length);
	if (field->kind == 0)
		return "its kind is none of " KINDS;
	field->count = 1;
	if (word[length] == '\0')
		return NULL;
	const unsigned long count = strtoul(word + length + 1, &end, 10);
	if (word[length + 1] < '0' || word[length + 1] > '9' || strcmp(end, "]") != 0 || count == 0 ||
	    count > TAKT_PAYLOAD_BYTES_MAX)
		return "its number of elements is none, as in f32[3]";
	field->count = (uint32_t)count;
	return NULL;
}

static const char *place(struct takt_flat_field *field, const char *at, struct layout *layout)
{
	const uint32_t bytes = takt_kind_bytes(field->kind);
	char *end;

	field->offset = (layout->end + bytes - 1) / bytes * bytes;
	if (at != NULL) {
		const unsigned long offset = strtoul(at + 1, &end, 10);

		if (at[1] < '0' || at[1] > '9' || *end != '\0' || offset > TAKT_PAYLOAD_BYTES_MAX)
			return "behind @ stands its offset in bytes";
		field->offset = (uint32_t)offset;
		layout->is_explicit = 1;
	}
	const uint64_t field_end = field->offset + (uint64_t)field->count * bytes;
	if (field_end > TAKT_PAYLOAD_BYTES_MAX)
		return "it ends behind the largest sample that there can be";
	if (field_end > layout->end)
		layout->end = (uint32_t)field_end;
	if (bytes > layout->alignment)
		layout->alignment = bytes;
	return NULL;
}

/* Cuts the next word off. @retval NULL: there is none */
static char *cut_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\n");
	char *end = word + strcspn(word, " \t\n");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return *word ? word : NULL;
}

/* "pressure f64 Pa @8" @retval NULL, or what is wrong */
static const char *read_field(char *text, struct takt_flat_field *field, struct layout *layout)
{
	const char *name = cut_word(&text);
	const char *kind = cut_word(&text);
	const char *at = NULL;
	const char *wrong;

	if (name == NULL || kind == NULL)
		return "it must be NAME KIND [UNIT] [@OFFSET]";
	if (strlen(name) >= sizeof(field->name))
		return "its name is too long";
	(void)snprintf(field->name, sizeof(field->name), "%s", name);
	for (const char *word; (word = cut_word(&text)) != NULL;) {
		if (word[0] == '@' && at == NULL)
			at = word;
		else if (field->unit[0] || strlen(word) >= sizeof(field->unit))
			return "it must be NAME KIND [UNIT] [@OFFSET]";
		else
			(void)snprintf(field->unit, sizeof(field->unit), "%s", word);
	}
	wrong = read_kind(kind, field);
	return wrong ? wrong : place(field, at, layout);
}

static enum takt_status check_size(const struct takt_flat_type *type, const struct layout *layout)
{
	const uint32_t bytes = (layout->end + layout->alignment - 1) / layout->alignment * layout->alignment;

	if (bytes == type->bytes || (layout->is_explicit && layout->end <= type->bytes))
		return TAKT_OK;
	takt_message(
		TAKT_ERROR,
		"--fields: they make a struct of %u bytes, and the config says that type '%s' has %u; correct one of them, "
		"or place the fields with @OFFSET",
		bytes, type->name, type->bytes);
	return TAKT_INVALID;
}

enum takt_status bridge_fields_read(const char *text, struct takt_flat_type *type)
{
	struct layout layout = {.alignment = 1};

	type->field_count = 0;
	for (;;) {
		const size_t length = strcspn(text, ",");
		char one[FIELD_TEXT];
		const char *wrong = NULL;

		if (type->field_count == TAKT_FIELD_COUNT_MAX) {
			takt_message(TAKT_ERROR, "--fields: more than %d fields, as many as a type can have",
				     TAKT_FIELD_COUNT_MAX);
			return TAKT_LIMIT;
		}
		struct takt_flat_field *field = &type->fields[type->field_count++];
		*field = (struct takt_flat_field){.offset = 0};
		(void)snprintf(one, sizeof(one), "%.*s", (int)length, text);
		wrong = length < sizeof(one) ? read_field(one, field, &layout) : "it is too long";
		if (wrong) {
			takt_message(TAKT_ERROR, "--fields: '%.*s': %s", (int)length, text, wrong);
			return TAKT_INVALID;
		}
		if (text[length] == '\0')
			break;
		text += length + 1;
	}
	if (check_size(type, &layout) != TAKT_OK || takt_flat_type_check(type) != TAKT_OK)
		return TAKT_INVALID;
	type->hash = takt_flat_type_hash(type);
	return TAKT_OK;
}
