/* SPDX-License-Identifier: Apache-2.0 */
#include "core/condition.h"

#include <stdio.h>
#include <string.h>

#include "core/parameter_value.h"
#include "core/sleep.h"
#include "core/text.h"
#include "platform/message.h"

/* -------------------------------------------------------------------------------------------------- the field */

/* "gyro[2]": an element of an array whose name stands before it. */
struct wanted {
	char name[TAKT_FIELD_NAME_BYTES];
	uint64_t element_index;
	int is_element;
};

/* @retval 0 it does not end with an index */
static int split(struct wanted *wanted, const char *field)
{
	const char *bracket = strrchr(field, '[');
	size_t bytes = bracket ? (size_t)(bracket - field) : 0;
	uint64_t index = 0;

	if (bracket == NULL || bytes >= sizeof(wanted->name) || bracket[1] < '0' || bracket[1] > '9')
		return 0;
	const char *at = bracket + 1;
	/* More than any array has is as good as too many. */
	for (; *at >= '0' && *at <= '9'; at++)
		index = index < UINT32_MAX ? index * 10 + (uint64_t)(*at - '0') : index;
	if (strcmp(at, "]") != 0)
		return 0;
	wanted->element_index = index;
	memcpy(wanted->name, field, bytes);
	wanted->name[bytes] = '\0';
	wanted->is_element = 1;
	return 1;
}

static const struct takt_flat_field *find(const struct takt_flat_type *type, const char *name)
{
	for (uint32_t i = 0; i < type->field_count; i++)
		if (strcmp(type->fields[i].name, name) == 0)
			return &type->fields[i];
	return NULL;
}

static enum takt_status refuse_absent(const struct takt_flat_type *type, const char *field)
{
	struct takt_text_nearest nearest = {.word = field};

	for (uint32_t i = 0; i < type->field_count; i++)
		takt_text_nearest_offer(&nearest, type->fields[i].name);
	takt_message(TAKT_ERROR, "type '%s' has no field '%.60s'%s%s%s", type->name, field,
		     nearest.found ? "; did you mean '" : "", nearest.found ? nearest.found : "",
		     nearest.found ? "'?" : "; its fields are shown by: takt topic info");
	return TAKT_ABSENT;
}

static enum takt_status choose_field(struct takt_condition *condition, const struct takt_flat_type *type,
				     const char *name)
{
	struct wanted wanted = {.is_element = 0};
	/* "legs[1].angle" is a name as it stands; "gyro[2]" is not. */
	const struct takt_flat_field *field = find(type, name);

	if (field == NULL && split(&wanted, name))
		field = find(type, wanted.name);
	if (field == NULL)
		return refuse_absent(type, name);
	if (field->kind == TAKT_CHAR) {
		takt_message(TAKT_ERROR, "field '%s' of type '%s' is text; a condition compares a number", field->name,
			     type->name);
		return TAKT_INVALID;
	}
	if (wanted.is_element ? wanted.element_index >= field->count : field->count != 1) {
		takt_message(TAKT_ERROR, "field '%s' of type '%s' is an array of %u; write one of '%s[0]' to '%s[%u]'",
			     field->name, type->name, field->count, field->name, field->name, field->count - 1);
		return TAKT_INVALID;
	}
	condition->kind = field->kind;
	condition->offset = field->offset + (uint32_t)wanted.element_index * takt_kind_bytes(field->kind);
	return TAKT_OK;
}

enum takt_status takt_condition_init(struct takt_condition *condition, struct takt_waiter *waiter,
				     struct takt_subscriber *subscriber, const struct takt_type *type,
				     const char *field, enum takt_comparison comparison, double value)
{
	struct takt_flat_type flat;
	struct takt_condition made = {.waiter = waiter,
				      .subscriber = subscriber,
				      .comparison = comparison,
				      .value = value};

	if (waiter->node == NULL || subscriber->node == NULL)
		return TAKT_CLOSED;
	TAKT_ASSERT(subscriber->node == waiter->node);
	if (comparison < TAKT_BELOW || comparison > TAKT_ABOVE) {
		takt_message(TAKT_ERROR, "condition on field '%.60s': %d is none of the comparisons %d to %d", field,
			     (int)comparison, (int)TAKT_BELOW, (int)TAKT_ABOVE);
		return TAKT_INVALID;
	}
	enum takt_status status = takt_type_flatten(&flat, type);
	if (status == TAKT_OK)
		status = choose_field(&made, &flat, field);
	if (status == TAKT_OK)
		*condition = made;
	return status;
}

/* -------------------------------------------------------------------------------------------------- the value */

static int is_true(const struct takt_condition *condition)
{
	const struct takt_parameter_field field = {.kind = condition->kind, .offset = condition->offset};
	double value = takt_parameter_load(condition->payload, &field);

	switch (condition->comparison) {
	case TAKT_BELOW:
		return value < condition->value;
	case TAKT_AT_MOST:
		return value <= condition->value;
	case TAKT_EQUAL_TO:
		return value <= condition->value && value >= condition->value;
	case TAKT_OTHER_THAN:
		return value < condition->value || value > condition->value;
	case TAKT_AT_LEAST:
		return value >= condition->value;
	default:
		return value > condition->value;
	}
}

static enum takt_status attempt(void *context)
{
	struct takt_condition *condition = context;

	/* A publisher that is faster than we are is met again behind the next sleep. */
	for (uint32_t i = 0; i < TAKT_DEPTH_MAX; i++) {
		enum takt_status status = takt_read_next(condition->subscriber, condition->payload, condition->info);
		if (status == TAKT_EMPTY)
			return TAKT_BUSY;
		/* What was overtaken is lost, and counted; the next one may do. */
		if (status != TAKT_OK && status != TAKT_OVERTAKEN)
			return status;
		if (status == TAKT_OK && is_true(condition))
			return TAKT_OK;
	}
	return TAKT_BUSY;
}

enum takt_status takt_condition_try_wait(struct takt_condition *condition, void *payload, struct takt_sample_info *info)
{
	if (condition->waiter == NULL)
		return TAKT_CLOSED;
	condition->payload = payload;
	condition->info = info;
	return attempt(condition);
}

enum takt_status takt_condition_wait_until(struct takt_condition *condition, uint64_t deadline_ns, void *payload,
					   struct takt_sample_info *info)
{
	if (condition->waiter == NULL)
		return TAKT_CLOSED;
	condition->payload = payload;
	condition->info = info;
	return takt_sleep_until(condition->waiter, condition->subscriber->mask, attempt, condition, deadline_ns);
}
