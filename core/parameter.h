/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters: numbers of a running node that a command may change, described once like a message:
 *
 *	struct gains { double kp; double kd; int32_t trim; };
 *	TAKT_PARAMETERS(gains, struct gains,
 *		TAKT_PARAMETER(struct gains, kp, TAKT_F64, 12.0, 0.0, 100.0, "V/rad"),
 *		TAKT_PARAMETER(struct gains, kd, TAKT_F64, 1.5, 0.0, 10.0, "V s/rad"),
 *		TAKT_PARAMETER(struct gains, trim, TAKT_I32, 0, -5, 5, ""));
 *
 *	static struct takt_parameters parameters;
 *	static struct gains sets[TAKT_PARAMETER_SET_COUNT];
 *	takt_parameters_init(&parameters, &node, &takt_parameters_gains, sets);
 *	...
 *	const struct gains *gains = takt_parameters_read(&parameters);   // in each cycle, without a lock
 *
 * All values that one command sets take effect together, between two cycles. Two fixed sets, under liburcu (QSBR): one in
 * force, and one that is filled behind a grace period.
 */
#ifndef TAKT_CORE_PARAMETER_H
#define TAKT_CORE_PARAMETER_H

#include <stddef.h>
#include <stdint.h>

#include "core/atomic.h"
#include "core/limits.h"
#include "core/node.h"
#include "core/type.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_PARAMETER_SET_COUNT 2
#define TAKT_PARAMETER_BLANKS	 " \t\r\n"	      /* between assignments */
#define TAKT_PARAMETER_APPLY_NS	 UINT64_C(1000000000) /* how long a command waits for the loop to apply it */

struct takt_parameter_field {
	const char *name;
	const char *unit;
	uint32_t kind; /* an integer kind, TAKT_F32, TAKT_F64 or TAKT_BOOL */
	uint32_t offset;
	double initial;
	double min;
	double max;
};

struct takt_parameter_type {
	const char *name;
	const struct takt_parameter_field *fields;
	uint32_t field_count;
	uint32_t bytes;
};

/* One parameter: struct, member, kind, default, smallest and largest value allowed, unit. */
#define TAKT_PARAMETER(structure, member, kind, initial, min, max, unit)                                               \
	{                                                                                                              \
#member, unit, kind,                                                                                   \
			(uint32_t)(offsetof(structure, member) +                                                       \
				   TAKT_TYPE_REQUIRE(sizeof(((structure *)0)->member) == TAKT_KIND_BYTES(kind))),      \
			initial, min, max                                                                              \
	}

/* Defines takt_parameters_NAME. */
#define TAKT_PARAMETERS(type_name, structure, ...)                                                                     \
	static const struct takt_parameter_field takt_parameters_##type_name##_fields[] = {__VA_ARGS__};               \
	static const struct takt_parameter_type takt_parameters_##type_name = {                                        \
		#type_name, takt_parameters_##type_name##_fields,                                                      \
		(uint32_t)(sizeof(takt_parameters_##type_name##_fields) / sizeof(struct takt_parameter_field)),        \
		(uint32_t)sizeof(structure) + TAKT_TYPE_REQUIRE(sizeof(structure) <= TAKT_PARAMETER_SET_BYTES_MAX)}

/* A node's parameters. Declare it static and zeroed. */
struct takt_parameters {
	const struct takt_parameter_type *type;
	struct takt_node *node;
	unsigned char *sets[TAKT_PARAMETER_SET_COUNT];
	uint64_t set_generation[TAKT_PARAMETER_SET_COUNT]; /* command thread only */
	uint64_t generation;				   /* of the newest set; command thread only */
	void *current;					   /* under liburcu */
	const void *in_use;				   /* the loop's set in this cycle; NULL outside one */
	TAKT_ATOMIC(uint64_t) applied_generation;	   /* the newest that the loop has begun a cycle with */
	TAKT_ATOMIC(uint64_t) cycle_count;		   /* quiescent states of the loop */
	TAKT_ATOMIC(uint32_t) loop_is_online;		   /* 1: inside a cycle */
	TAKT_ATOMIC(uint32_t) loop_is_registered;
	unsigned char draft[TAKT_PARAMETER_SET_BYTES_MAX]; /* values of a command that is being checked */
};

/**
 * Describes this node's parameters and gives them their first values: defaults, then the config's `parameters`, then those of the
 * config's `parameter_file` if it exists.
 * @param sets TAKT_PARAMETER_SET_COUNT of the described struct
 * @retval TAKT_OK  @retval TAKT_INVALID a wrong description, or a value in config or file that is unknown or out of range
 * @retval TAKT_LIMIT more than TAKT_PARAMETER_COUNT_MAX  @retval TAKT_DENIED, TAKT_NO_SPACE, TAKT_SYSTEM the file cannot be read. Each
 * with a message.
 * RT: start-up only, before the loop. A node has one struct of parameters.
 */
TAKT_CHECKED enum takt_status takt_parameters_init(struct takt_parameters *parameters, struct takt_node *node,
						   const struct takt_parameter_type *type, void *sets);

/* The values in force, whole and unchanged until the next takt_loop_next. RT: safe; wait-free. Threads: the loop's. */
const void *takt_parameters_read(struct takt_parameters *parameters);

/* ------------------------------------------------------------- for core's loop and command thread, not for programs */

/* The loop's thread enters and leaves liburcu's care. RT: start-up only. */
void takt_parameters_loop_begin(struct takt_parameters *parameters);
void takt_parameters_loop_end(struct takt_parameters *parameters);
/* The loop sleeps: it holds no set. And wakes: it takes the newest. RT: safe. */
void takt_parameters_offline(struct takt_parameters *parameters);
void takt_parameters_online(struct takt_parameters *parameters);

/**
 * Checks and applies "kp=1.2 kd=0.3" as one change. Threads: the command thread; before the loop, the one that sets up.
 * @param reply what to tell the sender, on every result
 * @retval TAKT_OK applied, or put in place while no loop runs
 * @retval TAKT_TIMEOUT accepted, not applied: no cycle for 1.0 s
 * @retval TAKT_INVALID malformed, unknown or out of range; nothing changed
 * @retval TAKT_STOPPED accepted, taken when the stopped node starts, or this process is asked to end
 * @retval TAKT_BUSY the loop has been in one cycle for more than 1.0 s; nothing changed
 */
TAKT_CHECKED enum takt_status takt_parameters_set(struct takt_parameters *parameters, const char *assignments,
						  char *reply, uint32_t reply_bytes);

/* "1.25" of parameter `index`; and the whole line "kp=1.25 unit=V/rad kind=f64 default=12 min=0 max=100". Threads: the command thread. */
void takt_parameters_format(const struct takt_parameters *parameters, uint32_t index, char *text, uint32_t text_bytes);
void takt_parameters_describe(const struct takt_parameters *parameters, uint32_t index, char *text,
			      uint32_t text_bytes);
/* Index by name; UINT32_MAX when there is none. */
uint32_t takt_parameters_find(const struct takt_parameters *parameters, const char *name);
/* Writes all values to the config's `parameter_file`. @retval TAKT_OK @retval TAKT_ABSENT the config names none, or its folder is
 * missing @retval TAKT_DENIED @retval TAKT_NO_SPACE @retval TAKT_SYSTEM. `reply` says it. */
TAKT_CHECKED enum takt_status takt_parameters_save(const struct takt_parameters *parameters, char *reply,
						   uint32_t reply_bytes);

#ifdef __cplusplus
}
#endif
#endif
