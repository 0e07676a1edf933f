/* SPDX-License-Identifier: Apache-2.0 */
#include "core/parameter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <urcu/urcu-qsbr.h>

#include "core/layout.h"
#include "core/parameter_value.h"
#include "core/protocol/parameter.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/thread.h"

#define POLL_NS		(TAKT_NS_PER_MS / 2)
#define NAME_LIST_BYTES 256
#define PATH_BYTES_MAX	1024

static const struct takt_parameter_field *field_of(const struct takt_parameters *parameters, uint32_t index)
{
	TAKT_ASSERT(index < parameters->type->field_count);
	return &parameters->type->fields[index];
}

uint32_t takt_parameters_find(const struct takt_parameters *parameters, const char *name)
{
	for (uint32_t i = 0; i < parameters->type->field_count; i++)
		if (strcmp(parameters->type->fields[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

void takt_parameters_format(const struct takt_parameters *parameters, uint32_t index, char *text, uint32_t text_bytes)
{
	const struct takt_parameter_field *field = field_of(parameters, index);
	const unsigned char *newest = parameters->current;
	takt_parameter_print(field, takt_parameter_load(newest, field), text, text_bytes);
}

void takt_parameters_describe(const struct takt_parameters *parameters, uint32_t index, char *text, uint32_t text_bytes)
{
	const struct takt_parameter_field *field = field_of(parameters, index);
	char value[TAKT_PARAMETER_TEXT_BYTES], initial[TAKT_PARAMETER_TEXT_BYTES], min[TAKT_PARAMETER_TEXT_BYTES],
		max[TAKT_PARAMETER_TEXT_BYTES];
	takt_parameters_format(parameters, index, value, sizeof(value));
	takt_parameter_print(field, field->initial, initial, sizeof(initial));
	takt_parameter_print(field, field->min, min, sizeof(min));
	takt_parameter_print(field, field->max, max, sizeof(max));
	(void)snprintf(text, text_bytes, "%s=%s unit=%s kind=%s default=%s min=%s max=%s", field->name, value,
		       field->unit[0] ? field->unit : "-", takt_kind_name(field->kind), initial, min, max);
}

/* ----------------------------------------------------------------------------------------------------- parsing */

static void list_names(const struct takt_parameters *parameters, char *text, uint32_t text_bytes)
{
	uint32_t used = 0;
	text[0] = '\0';
	for (uint32_t i = 0; i < parameters->type->field_count; i++) {
		int length = snprintf(text + used, text_bytes - used, "%s%s", i ? " " : "",
				      parameters->type->fields[i].name);
		if (length < 0 || used + (uint32_t)length >= text_bytes)
			return;
		used += (uint32_t)length;
	}
}

static enum takt_status assign(const struct takt_parameters *parameters, unsigned char *set, const char *name,
			       const char *value, char *reply, uint32_t reply_bytes)
{
	uint32_t index = takt_parameters_find(parameters, name);
	if (index == UINT32_MAX) {
		char names[NAME_LIST_BYTES];
		list_names(parameters, names, sizeof(names));
		(void)snprintf(reply, reply_bytes, "unknown parameter '%.40s'; this node has: %s", name, names);
		return TAKT_INVALID;
	}
	const struct takt_parameter_field *field = field_of(parameters, index);
	double number;
	if (!takt_parameter_parse(field, value, &number) ||
	    (takt_parameter_is_whole(field->kind) && number != floor(number))) {
		(void)snprintf(reply, reply_bytes, "'%.40s' is no value for %s: expected %s", value, name,
			       field->kind == TAKT_BOOL		      ? "0 or 1"
			       : takt_parameter_is_whole(field->kind) ? "a whole number"
								      : "a number");
		return TAKT_INVALID;
	}
	number = takt_parameter_as_kept(field, number);
	if (number < takt_parameter_as_kept(field, field->min) || number > takt_parameter_as_kept(field, field->max)) {
		char min[TAKT_PARAMETER_TEXT_BYTES], max[TAKT_PARAMETER_TEXT_BYTES];
		takt_parameter_print(field, field->min, min, sizeof(min));
		takt_parameter_print(field, field->max, max, sizeof(max));
		(void)snprintf(reply, reply_bytes, "%s=%.40s is out of range: %s to %s %s", name, value, min, max,
			       field->unit);
		return TAKT_INVALID;
	}
	takt_parameter_store(set, field, number);
	return TAKT_OK;
}

/* "kp=1.2 kd=0.3": every assignment or none. Works on a private copy of the text and of the set. */
static enum takt_status parse_assignments(const struct takt_parameters *parameters, unsigned char *set,
					  const char *assignments, char *reply, uint32_t reply_bytes)
{
	char text[TAKT_LINE_BYTES_MAX];
	uint32_t count = 0;
	size_t length = strlen(assignments);
	if (length >= sizeof(text)) {
		(void)snprintf(reply, reply_bytes, "the assignments have %zu bytes, the most is %zu", length,
			       sizeof(text) - 1);
		return TAKT_INVALID;
	}
	memcpy(text, assignments, length + 1);
	for (char *rest = text; *rest;) {
		rest += strspn(rest, TAKT_PARAMETER_BLANKS);
		if (*rest == '\0')
			break;
		char *word = rest;
		rest += strcspn(rest, TAKT_PARAMETER_BLANKS);
		if (*rest)
			*rest++ = '\0';
		char *equals = strchr(word, '=');
		if (equals == NULL || equals == word) {
			(void)snprintf(reply, reply_bytes,
				       "'%.40s' is no assignment: expected NAME=VALUE without blanks", word);
			return TAKT_INVALID;
		}
		*equals = '\0';
		enum takt_status status = assign(parameters, set, word, equals + 1, reply, reply_bytes);
		if (status != TAKT_OK)
			return status;
		count++;
	}
	if (count == 0) {
		(void)snprintf(reply, reply_bytes, "nothing to set: expected NAME=VALUE ...");
		return TAKT_INVALID;
	}
	(void)snprintf(reply, reply_bytes, "%u set", count);
	return TAKT_OK;
}

/* -------------------------------------------------------------------------------------------------------- start */

static enum takt_status check_field(const struct takt_parameter_type *type, const struct takt_parameter_field *field)
{
	double min, max;
	if (!takt_name_is_valid(field->name)) {
		takt_message(TAKT_ERROR,
			     "parameters '%s': '%.40s' is no name: 1 to %d of a-z, 0-9 and _, a letter first",
			     type->name, field->name, TAKT_NAME_BYTES - 1);
		return TAKT_INVALID;
	}
	if (takt_kind_bytes(field->kind) == 0 || field->kind == TAKT_CHAR) {
		takt_message(TAKT_ERROR, "parameter '%s': its kind is not a number", field->name);
		return TAKT_INVALID;
	}
	if (field->offset > type->bytes || takt_kind_bytes(field->kind) > type->bytes - field->offset) {
		takt_message(TAKT_ERROR, "parameter '%s': it lies outside its struct of %u bytes", field->name,
			     type->bytes);
		return TAKT_INVALID;
	}
	takt_parameter_range(field->kind, &min, &max);
	/* Written so that a nan fails too. */
	if (!(field->min >= min && field->max <= max && field->min <= field->initial && field->initial <= field->max) ||
	    (takt_parameter_is_whole(field->kind) && field->initial != floor(field->initial))) {
		takt_message(
			TAKT_ERROR,
			"parameter '%s': min %g <= default %g <= max %g does not hold, or its kind cannot hold them",
			field->name, field->min, field->initial, field->max);
		return TAKT_INVALID;
	}
	return TAKT_OK;
}

static enum takt_status check_type(const struct takt_parameter_type *type)
{
	if (type->field_count > TAKT_PARAMETER_COUNT_MAX) {
		takt_message(TAKT_ERROR, "parameters '%s': %u of them, the most is %d", type->name, type->field_count,
			     TAKT_PARAMETER_COUNT_MAX);
		return TAKT_LIMIT;
	}
	if (type->bytes > TAKT_PARAMETER_SET_BYTES_MAX) {
		takt_message(TAKT_ERROR, "parameters '%s': %u bytes, the most is %d", type->name, type->bytes,
			     TAKT_PARAMETER_SET_BYTES_MAX);
		return TAKT_LIMIT;
	}
	for (uint32_t i = 0; i < type->field_count; i++) {
		enum takt_status status = check_field(type, &type->fields[i]);
		if (status != TAKT_OK)
			return status;
		for (uint32_t k = 0; k < i; k++) {
			if (strcmp(type->fields[k].name, type->fields[i].name) != 0)
				continue;
			takt_message(TAKT_ERROR, "parameters '%s': '%s' is there twice", type->name,
				     type->fields[i].name);
			return TAKT_INVALID;
		}
	}
	return TAKT_OK;
}

static int file_path(const struct takt_parameters *parameters, char *path, uint32_t path_bytes)
{
	const char *file = parameters->node->own->parameter_file;
	if (file == NULL)
		return 0;
	int is_absolute = file[0] == '/';
	int length = snprintf(path, path_bytes, "%s%s%s", is_absolute ? "" : parameters->node->config->folder,
			      is_absolute ? "" : "/", file);
	return length > 0 && (uint32_t)length < path_bytes;
}

static enum takt_status apply_file(const struct takt_parameters *parameters, unsigned char *set)
{
	char text[TAKT_LINE_BYTES_MAX], path[PATH_BYTES_MAX], reply[TAKT_MAILBOX_TEXT_BYTES];
	uint32_t count;
	if (!file_path(parameters, path, sizeof(path)))
		return TAKT_OK;
	enum takt_status status = takt_os_file_read(path, text, sizeof(text), &count);
	if (status == TAKT_ABSENT)
		return TAKT_OK;
	if (status != TAKT_OK) {
		(void)snprintf(reply, sizeof(reply), "%s", takt_status_name(status));
	} else if (strlen(text) != count) {
		(void)snprintf(reply, sizeof(reply), "a zero byte at %zu: it is no text", strlen(text) + 1);
		status = TAKT_INVALID;
	} else {
		status = parse_assignments(parameters, set, text, reply, sizeof(reply));
	}
	if (status != TAKT_OK)
		takt_message(TAKT_ERROR, "node '%s': saved parameters in %s: %s; mend or remove the file",
			     parameters->node->name, path, reply);
	return status;
}

static enum takt_status apply_config(const struct takt_parameters *parameters, unsigned char *set)
{
	const struct takt_config_node *own = parameters->node->own;
	char reply[TAKT_MAILBOX_TEXT_BYTES];
	for (uint32_t i = 0; i < own->parameters_count; i++) {
		enum takt_status status = parse_assignments(parameters, set, own->parameters[i], reply, sizeof(reply));
		if (status != TAKT_OK) {
			takt_message(TAKT_ERROR, "node '%s': `parameters` in the config: %s", own->name, reply);
			return status;
		}
	}
	return TAKT_OK;
}

enum takt_status takt_parameters_init(struct takt_parameters *parameters, struct takt_node *node,
				      const struct takt_parameter_type *type, void *sets)
{
	TAKT_ASSERT(node->config != NULL && node->parameters == NULL);
	enum takt_status status = check_type(type);
	if (status != TAKT_OK)
		return status;
	*parameters = (struct takt_parameters){.type = type, .node = node};
	for (uint32_t i = 0; i < TAKT_PARAMETER_SET_COUNT; i++)
		parameters->sets[i] = (unsigned char *)sets + (size_t)i * type->bytes;
	for (uint32_t i = 0; i < type->field_count; i++)
		takt_parameter_store(parameters->sets[0], &type->fields[i], type->fields[i].initial);
	status = apply_config(parameters, parameters->sets[0]);
	if (status == TAKT_OK)
		status = apply_file(parameters, parameters->sets[0]);
	if (status != TAKT_OK)
		return status;
	parameters->generation = 1;
	parameters->set_generation[0] = 1;
	rcu_set_pointer(&parameters->current, (void *)parameters->sets[0]);
	node->parameters = parameters;
	return TAKT_OK;
}

/* -------------------------------------------------------------------------------------------------------- loop */

const void *takt_parameters_read(struct takt_parameters *parameters)
{
	/* Between two quiescent states the pointer is the same or newer; the loop announced the older one and so keeps both. But a
	 * cycle must see one set only: the one it took when it came online. */
	return parameters->in_use ? parameters->in_use : rcu_dereference(parameters->current);
}

void takt_parameters_loop_begin(struct takt_parameters *parameters)
{
	urcu_qsbr_register_thread();
	urcu_qsbr_thread_offline();
	takt_parameters_set_registered(parameters);
}

void takt_parameters_loop_end(struct takt_parameters *parameters)
{
	takt_parameters_offline(parameters);
	takt_parameters_set_unregistered(parameters);
	urcu_qsbr_unregister_thread();
}

void takt_parameters_offline(struct takt_parameters *parameters)
{
	parameters->in_use = NULL;
	urcu_qsbr_thread_offline();
	/* Relaxed: the command thread only wants to know that the loop moves; the order is liburcu's. */
	atomic_store_explicit(&parameters->loop_is_online, 0, memory_order_relaxed);
}

void takt_parameters_online(struct takt_parameters *parameters)
{
	uint64_t cycle = atomic_load_explicit(&parameters->cycle_count, memory_order_relaxed);
	atomic_store_explicit(&parameters->cycle_count, cycle + 1, memory_order_relaxed);
	atomic_store_explicit(&parameters->loop_is_online, 1, memory_order_relaxed);
	urcu_qsbr_thread_online();
	parameters->in_use = rcu_dereference(parameters->current);
	takt_trace_parameters_looked_at(parameters);
	takt_parameters_set_applied(parameters);
	takt_trace_parameters_swapped(parameters);
}

/* ---------------------------------------------------------------------------------------------- command thread */

/* Waits until the loop has been seen outside a cycle, or in another one. A loop that hangs must not hang the command thread, and
 * synchronize_rcu has no bound of its own: it is called only behind this. */
static int loop_moves(const struct takt_parameters *parameters)
{
	uint64_t cycle = atomic_load_explicit(&parameters->cycle_count, memory_order_relaxed);
	uint64_t end_ns = takt_os_clock_now_ns() + TAKT_PARAMETER_APPLY_NS;
	while (atomic_load_explicit(&parameters->loop_is_online, memory_order_relaxed) &&
	       atomic_load_explicit(&parameters->cycle_count, memory_order_relaxed) == cycle) {
		if (takt_os_clock_now_ns() >= end_ns || takt_os_stop_requested())
			return 0;
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + POLL_NS);
	}
	return 1;
}

/* The set that is not the newest, when no cycle can hold it any more: the loop has begun one with the newest (Q5), or a grace period has
 * passed since that was published. So a loop that hangs in a cycle with the newest set is still given one more. */
static unsigned char *recycle(struct takt_parameters *parameters)
{
	if (!takt_parameters_are_free(parameters)) {
		if (!loop_moves(parameters))
			return NULL;
		urcu_qsbr_synchronize_rcu();
	}
	return parameters->sets[parameters->current == parameters->sets[0]];
}

static enum takt_status wait_applied(const struct takt_parameters *parameters)
{
	uint64_t end_ns = takt_os_clock_now_ns() + TAKT_PARAMETER_APPLY_NS;
	while (takt_parameters_loop_runs(parameters) && takt_parameters_applied(parameters) < parameters->generation) {
		if (atomic_load_explicit(&parameters->node->stop_wanted, memory_order_relaxed))
			return TAKT_STOPPED;
		if (takt_os_clock_now_ns() >= end_ns || takt_os_stop_requested())
			return TAKT_TIMEOUT;
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + POLL_NS);
	}
	return TAKT_OK;
}

enum takt_status takt_parameters_set(struct takt_parameters *parameters, const char *assignments, char *reply,
				     uint32_t reply_bytes)
{
	memcpy(parameters->draft, parameters->current, parameters->type->bytes);
	enum takt_status status = parse_assignments(parameters, parameters->draft, assignments, reply, reply_bytes);
	if (status != TAKT_OK)
		return status;
	unsigned char *set = recycle(parameters);
	if (set == NULL) {
		(void)snprintf(reply, reply_bytes, "refused: the loop has been in one cycle for more than 1.0 s");
		return TAKT_BUSY;
	}
	memcpy(set, parameters->draft, parameters->type->bytes);
	parameters->generation++;
	parameters->set_generation[set == parameters->sets[1]] = parameters->generation;
	rcu_set_pointer(&parameters->current, (void *)set);
	status = wait_applied(parameters);
	if (status == TAKT_TIMEOUT)
		(void)snprintf(reply, reply_bytes, "accepted, not applied: no cycle for 1.0 s");
	if (status == TAKT_STOPPED)
		(void)snprintf(reply, reply_bytes,
			       "accepted, not applied: the node is stopped and takes it when it starts");
	struct takt_node_shm *shared = parameters->node->segment.address;
	atomic_store_explicit(&shared->parameter_generation, parameters->generation, memory_order_relaxed);
	return status;
}

enum takt_status takt_parameters_save(const struct takt_parameters *parameters, char *reply, uint32_t reply_bytes)
{
	char text[TAKT_LINE_BYTES_MAX]; /* as much as a start reads back; TAKT_PARAMETER_COUNT_MAX of the longest fit */
	char path[PATH_BYTES_MAX];
	uint32_t used = 0;
	if (!file_path(parameters, path, sizeof(path))) {
		(void)snprintf(reply, reply_bytes,
			       "the config names no file to save to: add `parameter_file: PATH` to node '%s'",
			       parameters->node->name);
		return TAKT_ABSENT;
	}
	for (uint32_t i = 0; i < parameters->type->field_count; i++) {
		char value[TAKT_PARAMETER_TEXT_BYTES];
		takt_parameters_format(parameters, i, value, sizeof(value));
		used += (uint32_t)snprintf(text + used, sizeof(text) - used, "%s=%s\n",
					   parameters->type->fields[i].name, value);
		TAKT_ASSERT(used < sizeof(text));
	}
	enum takt_status status = takt_os_file_replace(path, text, used);
	(void)snprintf(reply, reply_bytes, "%s %s", status == TAKT_OK ? "saved to" : takt_status_name(status), path);
	return status;
}
