/* SPDX-License-Identifier: Apache-2.0 */
#include "core/description.h"

#include <stdio.h>
#include <string.h>

#include "core/protocol/description.h"
#include "platform/message.h"

void takt_description_write(struct takt_description_shm *shared, struct takt_field_shm *fields,
			    const struct takt_flat_type *type)
{
	/* Relaxed: described only by whoever has the right to write there. */
	if (atomic_load_explicit(&shared->type_hash, memory_order_relaxed) != 0)
		return;
	for (uint32_t i = 0; i < type->field_count; i++) {
		memcpy(fields[i].name, type->fields[i].name, sizeof(fields[i].name));
		memcpy(fields[i].unit, type->fields[i].unit, sizeof(fields[i].unit));
		fields[i].kind = (uint16_t)type->fields[i].kind;
		fields[i].count = type->fields[i].count;
		fields[i].offset = type->fields[i].offset;
	}
	takt_description_set(shared, type->field_count, type->hash);
}

static enum takt_status refuse(const struct takt_description_view *view, const char *why)
{
	takt_message(TAKT_ERROR, "%s.%s: is damaged: %s; stop the domain and run: takt clean", view->kind, view->name,
		     why);
	return TAKT_CORRUPT;
}

enum takt_status takt_description_read(const struct takt_description_view *view, struct takt_flat_type *type)
{
	uint64_t hash = takt_description_hash(view->shared);
	if (hash == 0)
		return TAKT_NOT_READY;
	uint32_t field_count = takt_description_field_count(view->shared);
	if (field_count > TAKT_FIELD_COUNT_MAX)
		return refuse(view, "its description has too many fields");

	memset(type, 0, sizeof(*type));
	(void)snprintf(type->name, sizeof(type->name), "%s", view->type_name);
	type->bytes = view->payload_bytes;
	type->field_count = field_count;
	for (uint32_t i = 0; i < field_count; i++) {
		struct takt_field_shm field;
		memcpy(&field, &view->fields[i], sizeof(field));
		memcpy(type->fields[i].name, field.name, sizeof(field.name));
		memcpy(type->fields[i].unit, field.unit, sizeof(field.unit));
		type->fields[i].kind = field.kind;
		type->fields[i].count = field.count;
		type->fields[i].offset = field.offset;
	}
	type->hash = takt_flat_type_hash(type);
	if (takt_flat_type_check(type) != TAKT_OK || type->hash != hash)
		return refuse(view, "its description does not agree with its own checksum");
	return TAKT_OK;
}

enum takt_status takt_description_compare(const struct takt_description_view *view, const struct takt_flat_type *type)
{
	static const char remedy[] =
		"build both programs from the same description; after a change stop the domain and run: takt clean";
	if (strcmp(view->type_name, type->name) != 0) {
		takt_message(
			TAKT_ERROR,
			"%s '%s' carries type '%s', but this program has type '%s'; change `type` in the config or attach "
			"to another %s",
			view->kind, view->name, view->type_name, type->name, view->kind);
		return TAKT_MISMATCH;
	}
	if (view->payload_bytes != type->bytes) {
		takt_message(
			TAKT_ERROR,
			"%s '%s': type '%s' has %u bytes in the config and %u in this program; write `bytes: %u` in the "
			"config, and %s",
			view->kind, view->name, type->name, view->payload_bytes, type->bytes, type->bytes, remedy);
		return TAKT_MISMATCH;
	}
	/* A hash that agrees needs no look at the fields. */
	uint64_t hash = takt_description_hash(view->shared);
	if (hash == 0 || hash == type->hash)
		return TAKT_OK;

	struct takt_flat_type there;
	char difference[256];
	enum takt_status status = takt_description_read(view, &there);
	if (status != TAKT_OK)
		return status;
	(void)takt_flat_type_compare(type, &there, difference, sizeof(difference));
	takt_message(TAKT_ERROR, "%s '%s': the layout of type '%s' differs: %s (here: this program, there: the %s); %s",
		     view->kind, view->name, type->name, difference, view->kind, remedy);
	return TAKT_MISMATCH;
}
