/* SPDX-License-Identifier: Apache-2.0 */
/* Types laid flat: their hash, their differences, and whether one from outside can be believed. */
#include "core/type.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "platform/message.h"

/* Source: Fowler, Noll, Vo: FNV-1a, 64 bit (draft-eastlake-fnv). It tells honest versions apart; it keeps nobody out. */
#define FNV_OFFSET	 14695981039346656037u
#define FNV_PRIME	 1099511628211u
#define FIELD_SAID_BYTES 112u /* longest field in words: name, kind, count, unit, offset */

/* ------------------------------------------------------------------------------------------------- hash */

static uint64_t add_byte(uint64_t hash, uint32_t byte)
{
	return (hash ^ (byte & 0xffu)) * FNV_PRIME;
}

/* The zero counts, so that "ab","c" and "a","bc" differ. A text without one ends with its array. */
static uint64_t add_text(uint64_t hash, const char *text, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes && text[i] != '\0'; i++)
		hash = add_byte(hash, (unsigned char)text[i]);
	return add_byte(hash, 0);
}

/* Byte by byte, so that the hash is the same on every machine. */
static uint64_t add_number(uint64_t hash, uint32_t number)
{
	for (uint32_t shift = 0; shift < 32; shift += 8)
		hash = add_byte(hash, number >> shift);
	return hash;
}

uint64_t takt_flat_type_hash(const struct takt_flat_type *flat)
{
	const uint32_t count = flat->field_count < TAKT_FIELD_COUNT_MAX ? flat->field_count : TAKT_FIELD_COUNT_MAX;
	uint64_t hash = add_text(FNV_OFFSET, flat->name, sizeof(flat->name));

	hash = add_number(hash, flat->bytes);
	hash = add_number(hash, flat->field_count);
	for (uint32_t i = 0; i < count; i++) {
		const struct takt_flat_field *field = &flat->fields[i];

		hash = add_text(hash, field->name, sizeof(field->name));
		hash = add_text(hash, field->unit, sizeof(field->unit));
		hash = add_number(hash, field->kind);
		hash = add_number(hash, field->count);
		hash = add_number(hash, field->offset);
	}
	return hash != 0 ? hash : 1;
}

/* ------------------------------------------------------------------------------- descriptions from outside */

static int is_terminated(const char *text, size_t bytes)
{
	return memchr(text, '\0', bytes) != NULL;
}

static int is_flat_name(const char *name)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char further[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.[]";

	return strspn(name, first) > 0 && name[strspn(name, further)] == '\0';
}

/* What is wrong with a field, or NULL. */
static const char *field_fault(const struct takt_flat_field *field, uint32_t type_bytes)
{
	if (!is_terminated(field->name, sizeof(field->name)) || !is_terminated(field->unit, sizeof(field->unit)))
		return "its name or unit does not end";
	if (!is_flat_name(field->name))
		return "its name has characters other than A-Z a-z 0-9 _ . [ ]";
	if (!takt_text_is_printable(field->unit))
		return "its unit is not printable text";
	if (takt_kind_bytes(field->kind) == 0)
		return "its kind is unknown";
	if (field->count == 0)
		return "it has no element";
	if (field->offset + (uint64_t)field->count * takt_kind_bytes(field->kind) > type_bytes)
		return "it ends outside the message";
	return NULL;
}

static const char *type_fault(const struct takt_flat_type *flat)
{
	if (flat->bytes == 0 || flat->bytes > TAKT_PAYLOAD_BYTES_MAX)
		return "its size is out of range";
	if (flat->field_count == 0 || flat->field_count > TAKT_FIELD_COUNT_MAX)
		return "its number of fields is out of range";
	return NULL;
}

enum takt_status takt_flat_type_check(const struct takt_flat_type *flat)
{
	const char *fault;

	if (!takt_name_is_valid(flat->name)) {
		takt_message(TAKT_ERROR, "a type description names its type '%.*s', which is no name",
			     (int)sizeof(flat->name), flat->name);
		return TAKT_CORRUPT;
	}
	fault = type_fault(flat);
	if (fault != NULL) {
		takt_message(TAKT_ERROR, "the description of type '%s' is damaged: %s (%u bytes, %u fields)",
			     flat->name, fault, (unsigned)flat->bytes, (unsigned)flat->field_count);
		return TAKT_CORRUPT;
	}
	for (uint32_t i = 0; i < flat->field_count; i++) {
		fault = field_fault(&flat->fields[i], flat->bytes);
		if (fault != NULL) {
			takt_message(TAKT_ERROR, "the description of type '%s' is damaged: field %u of %u: %s",
				     flat->name, (unsigned)i + 1, (unsigned)flat->field_count, fault);
			return TAKT_CORRUPT;
		}
	}
	return TAKT_OK;
}

enum takt_status takt_flat_type_check_hash(const struct takt_flat_type *flat)
{
	enum takt_status status = takt_flat_type_check(flat);

	if (status != TAKT_OK || flat->hash == takt_flat_type_hash(flat))
		return status;
	takt_message(TAKT_ERROR,
		     "the description of type '%s' has a hash that is not its own; compute it: takt_flat_type_hash",
		     flat->name);
	return TAKT_CORRUPT;
}

/* ---------------------------------------------------------------------------------------------- comparing */

static int fields_agree(const struct takt_flat_field *a, const struct takt_flat_field *b)
{
	return strncmp(a->name, b->name, sizeof(a->name)) == 0 && strncmp(a->unit, b->unit, sizeof(a->unit)) == 0 &&
	       a->kind == b->kind && a->count == b->count && a->offset == b->offset;
}

/* "'gyro' f32[3] rad/s", with the offset where only that can tell two apart, or "absent". */
static void say_field(char said[FIELD_SAID_BYTES], const struct takt_flat_type *flat, uint32_t field_index,
		      int other_offset)
{
	const struct takt_flat_field *field = &flat->fields[field_index];
	char count[16] = "";
	char offset[24] = "";

	if (field_index >= flat->field_count) {
		(void)snprintf(said, FIELD_SAID_BYTES, "absent");
		return;
	}
	if (field->count != 1)
		(void)snprintf(count, sizeof(count), "[%u]", (unsigned)field->count);
	if (other_offset)
		(void)snprintf(offset, sizeof(offset), " at byte %u", (unsigned)field->offset);
	(void)snprintf(said, FIELD_SAID_BYTES, "'%.*s' %s%s%s%.*s%s", (int)sizeof(field->name), field->name,
		       takt_kind_name(field->kind), count, field->unit[0] != '\0' ? " " : "", (int)sizeof(field->unit),
		       field->unit, offset);
}

/* Index of the first field that differs or that only one side has; TAKT_FIELD_COUNT_MAX: none. */
static uint32_t first_difference(const struct takt_flat_type *here, const struct takt_flat_type *there)
{
	for (uint32_t i = 0; i < TAKT_FIELD_COUNT_MAX; i++) {
		const int has_here = i < here->field_count;
		const int has_there = i < there->field_count;

		if (has_here != has_there)
			return i;
		if (has_here && !fields_agree(&here->fields[i], &there->fields[i]))
			return i;
	}
	return TAKT_FIELD_COUNT_MAX;
}

enum takt_status takt_flat_type_compare(const struct takt_flat_type *here, const struct takt_flat_type *there,
					char *text, uint32_t text_bytes)
{
	const uint32_t index = first_difference(here, there);
	char said_here[FIELD_SAID_BYTES];
	char said_there[FIELD_SAID_BYTES];

	if (strncmp(here->name, there->name, sizeof(here->name)) != 0) {
		(void)snprintf(text, text_bytes, "the type is '%.*s' here and '%.*s' there", (int)sizeof(here->name),
			       here->name, (int)sizeof(there->name), there->name);
		return TAKT_MISMATCH;
	}
	if (index < TAKT_FIELD_COUNT_MAX) {
		const int other_offset = index < here->field_count && index < there->field_count &&
					 here->fields[index].offset != there->fields[index].offset;

		say_field(said_here, here, index, other_offset);
		say_field(said_there, there, index, other_offset);
		(void)snprintf(text, text_bytes, "field %u is %s here and %s there", (unsigned)index + 1, said_here,
			       said_there);
		return TAKT_MISMATCH;
	}
	if (here->bytes != there->bytes) {
		(void)snprintf(text, text_bytes, "the struct has %u bytes here and %u there", (unsigned)here->bytes,
			       (unsigned)there->bytes);
		return TAKT_MISMATCH;
	}
	text[0] = '\0';
	return TAKT_OK;
}
