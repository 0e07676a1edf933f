/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config_complete.h"
#include "core/config_value.h"

static const struct takt_config_choice sync_kinds[] = {{"semaphore", TAKT_SYNC_SEMAPHORE}, {"mutex", TAKT_SYNC_MUTEX},
						       {"rwlock", TAKT_SYNC_RWLOCK},	   {"events", TAKT_SYNC_EVENTS},
						       {"barrier", TAKT_SYNC_BARRIER},	   {NULL, 0}};

/* A key that means nothing to its kind is a mistake, and would be believed. */
static enum takt_status refuse_key(const struct takt_config_object *object, const char *key, const char *text,
				   const struct takt_config_sync *sync, enum takt_sync_kind meant)
{
	char place[TAKT_CONFIG_PLACE_BYTES];

	if (text == NULL || sync->kind == meant)
		return TAKT_OK;
	takt_config_key_place(object, key, place);
	return takt_config_refuse(object->source, TAKT_INVALID, place,
				  "%s: `%s` means nothing to kind %s; remove it, or write `kind: %s`", object->said,
				  key, takt_sync_kind_name((uint32_t)sync->kind), takt_sync_kind_name((uint32_t)meant));
}

static enum takt_status check_sync_keys(const struct takt_config_object *object, const struct takt_config_sync *sync,
					const struct takt_config_raw_sync *raw)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	enum takt_status status = refuse_key(object, "initial", raw->initial, sync, TAKT_SYNC_SEMAPHORE);

	if (status == TAKT_OK)
		status = refuse_key(object, "maximum", raw->maximum, sync, TAKT_SYNC_SEMAPHORE);
	if (status == TAKT_OK)
		status = refuse_key(object, "undo", raw->undo, sync, TAKT_SYNC_SEMAPHORE);
	if (status == TAKT_OK)
		status = refuse_key(object, "members", raw->members, sync, TAKT_SYNC_BARRIER);
	if (status != TAKT_OK || sync->kind != TAKT_SYNC_BARRIER || raw->members)
		return status;
	takt_config_key_place(object, "members", place);
	return takt_config_refuse(object->source, TAKT_INVALID, place,
				  "%s: a barrier needs `members:`, how many threads meet there", object->said);
}

static enum takt_status check_units(const struct takt_config_object *object, const struct takt_config_sync *sync)
{
	char place[TAKT_CONFIG_PLACE_BYTES];

	if (sync->kind != TAKT_SYNC_SEMAPHORE)
		return TAKT_OK;
	takt_config_key_place(object, "initial", place);
	if (sync->initial > sync->maximum)
		return takt_config_refuse(object->source, TAKT_INVALID, place,
					  "%s: initial %u is more than maximum %u; lower the one or raise the other",
					  object->said, (unsigned)sync->initial, (unsigned)sync->maximum);
	/* Held units are given back by who holds them, so no more than at first can ever be there. */
	if (sync->is_undone && sync->initial != sync->maximum)
		return takt_config_refuse(
			object->source, TAKT_INVALID, place,
			"%s: initial %u and maximum %u differ, but held units never become more; write one number, or "
			"`undo: false` for a counter of wake-ups",
			object->said, (unsigned)sync->initial, (unsigned)sync->maximum);
	return TAKT_OK;
}

enum takt_status takt_config_sync_read(const struct takt_config_object *object, struct takt_config_sync *sync,
				       const struct takt_config_raw_sync *raw)
{
	uint32_t kind = 0;
	uint64_t initial, maximum, members;
	const struct takt_config_number numbers[] = {
		{"initial", raw->initial, UINT64_MAX, 0, INT32_MAX, &initial},
		{"maximum", raw->maximum, UINT64_MAX, 1, INT32_MAX, &maximum},
		{"members", raw->members, 0, 2, TAKT_WAITER_COUNT_MAX, &members},
	};
	enum takt_status status = takt_config_name_check(object, "name", raw->name);

	sync->name = raw->name;
	sync->is_undone = 1;
	if (status == TAKT_OK)
		status = takt_config_choice_read(object, "kind", raw->kind, sync_kinds, &kind);
	sync->kind = (enum takt_sync_kind)kind;
	if (status == TAKT_OK)
		status = takt_config_numbers_read(object, numbers, sizeof(numbers) / sizeof(numbers[0]));
	if (status == TAKT_OK)
		status = takt_config_choice_read(object, "undo", raw->undo, takt_config_booleans, &sync->is_undone);
	if (status == TAKT_OK)
		status = check_sync_keys(object, sync, raw);
	if (status != TAKT_OK)
		return status;
	/* One of the two numbers says the other, where held units never become more. */
	if (initial == UINT64_MAX)
		initial = maximum != UINT64_MAX && sync->is_undone ? maximum : sync->is_undone;
	if (maximum == UINT64_MAX)
		maximum = sync->is_undone ? (initial ? initial : 1) : INT32_MAX;
	sync->initial = sync->kind == TAKT_SYNC_SEMAPHORE ? (uint32_t)initial : 0;
	sync->maximum = sync->kind == TAKT_SYNC_SEMAPHORE ? (uint32_t)maximum : (uint32_t)members;
	sync->members = (uint32_t)members;
	status = check_units(object, sync);
	return status == TAKT_OK ? takt_config_rights_read(object, &raw->rights, &sync->rights) : status;
}

const char *takt_sync_kind_name(uint32_t kind)
{
	for (const struct takt_config_choice *choice = sync_kinds; choice->word != NULL; choice++)
		if (choice->value == kind)
			return choice->word;
	return "?";
}
