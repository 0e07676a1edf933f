/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message types: a C struct, described once.
 *
 *	struct vec3 { double x, y, z; };
 *	TAKT_TYPE(vec3, struct vec3,
 *		TAKT_FIELD(struct vec3, x, TAKT_F64, 1, "m"),
 *		TAKT_FIELD(struct vec3, y, TAKT_F64, 1, "m"),
 *		TAKT_FIELD(struct vec3, z, TAKT_F64, 1, "m"));
 *
 *	struct pose { struct vec3 position; float quaternion[4]; char frame[16]; };
 *	TAKT_TYPE(pose, struct pose,
 *		TAKT_NESTED(struct pose, position, vec3, 1),
 *		TAKT_FIELD(struct pose, quaternion, TAKT_F32, 4, ""),
 *		TAKT_FIELD(struct pose, frame, TAKT_CHAR, 16, ""));
 *
 * defines takt_type_vec3 and takt_type_pose. A field whose size does not agree with its description does not compile. takt lays
 * nested types flat ("position.x"), hashes the result and stores it in the topic, so that any tool can decode it and a program
 * with another struct is refused with the first difference.
 */
#ifndef TAKT_CORE_TYPE_H
#define TAKT_CORE_TYPE_H

#include <stddef.h>
#include <stdint.h>

#include "core/limits.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum takt_kind {
	TAKT_I8 = 1,
	TAKT_U8 = 2,
	TAKT_I16 = 3,
	TAKT_U16 = 4,
	TAKT_I32 = 5,
	TAKT_U32 = 6,
	TAKT_I64 = 7,
	TAKT_U64 = 8,
	TAKT_F32 = 9,
	TAKT_F64 = 10,
	TAKT_BOOL = 11,	 /* one byte, 0 or 1: uint8_t or bool */
	TAKT_CHAR = 12,	 /* count > 1: text in a fixed array, ended by a zero or by the array */
	TAKT_STRUCT = 13 /* only in descriptions: a nested type; never in a flat field */
};

struct takt_type;

struct takt_type_field {
	const char *name;
	const char *unit;		/* "" where it has none */
	const struct takt_type *nested; /* NULL but for TAKT_STRUCT */
	uint32_t kind;
	uint32_t count; /* array elements; 1 for a plain field */
	uint32_t offset;
};

struct takt_type {
	const char *name;
	const struct takt_type_field *fields;
	uint32_t field_count;
	uint32_t bytes;
	uint32_t alignment;
};

/* Bytes of one element of a kind, as a constant expression. 0 for TAKT_STRUCT and what is no kind. */
#define TAKT_KIND_BYTES(kind)                                                                                          \
	((kind) == TAKT_I8 || (kind) == TAKT_U8 || (kind) == TAKT_BOOL || (kind) == TAKT_CHAR ? 1u                     \
	 : (kind) == TAKT_I16 || (kind) == TAKT_U16					      ? 2u                     \
	 : (kind) == TAKT_I32 || (kind) == TAKT_U32 || (kind) == TAKT_F32		      ? 4u                     \
	 : (kind) == TAKT_I64 || (kind) == TAKT_U64 || (kind) == TAKT_F64		      ? 8u                     \
											      : 0u)

/* Zero, or an array of negative size: a description that does not fit its struct. */
#define TAKT_TYPE_REQUIRE(condition) ((uint32_t)(0 * sizeof(char[(condition) ? 1 : -1])))

/**
 * One field: the struct, its member, the element kind, the number of elements (1 for a plain member) and the unit ("" for none).
 */
#define TAKT_FIELD(structure, member, kind, count, unit)                                                               \
	{                                                                                                              \
#member, unit, NULL, kind, (uint32_t)(count),                                                          \
			(uint32_t)(offsetof(structure, member) +                                                       \
				   TAKT_TYPE_REQUIRE(sizeof(((structure *)0)->member) ==                               \
						     (size_t)(count)*TAKT_KIND_BYTES(kind)))                           \
	}

/* A field that is itself described: the member, the described type's name, the number of elements. */
#define TAKT_NESTED(structure, member, type_name, count)                                                               \
	{                                                                                                              \
#member, "", &takt_type_##type_name, TAKT_STRUCT, (uint32_t)(count),                                   \
			(uint32_t)(offsetof(structure, member) +                                                       \
				   TAKT_TYPE_REQUIRE(sizeof(((structure *)0)->member) ==                               \
						     (size_t)(count) * sizeof(takt_type_##type_name##_struct)))        \
	}

#ifdef __cplusplus
#define TAKT_ALIGNOF(structure) alignof(structure)
#else
#define TAKT_ALIGNOF(structure) _Alignof(structure)
#endif

/* Defines takt_type_NAME, for one C file or, being static, for a header that several include. */
#define TAKT_TYPE(type_name, structure, ...)                                                                           \
	typedef structure takt_type_##type_name##_struct;                                                              \
	static const struct takt_type_field takt_type_##type_name##_fields[] = {__VA_ARGS__};                          \
	static const struct takt_type takt_type_##type_name __attribute__((unused)) = {                                \
		#type_name, takt_type_##type_name##_fields,                                                            \
		(uint32_t)(sizeof(takt_type_##type_name##_fields) / sizeof(struct takt_type_field)),                   \
		(uint32_t)sizeof(structure) + TAKT_TYPE_REQUIRE(sizeof(structure) <= TAKT_PAYLOAD_BYTES_MAX),          \
		(uint32_t)TAKT_ALIGNOF(structure) +                                                                    \
			TAKT_TYPE_REQUIRE(TAKT_ALIGNOF(structure) <= TAKT_PAYLOAD_ALIGNMENT)}

/* One field of a flat description, in private memory. */
struct takt_flat_field {
	char name[TAKT_FIELD_NAME_BYTES]; /* "position.x", "legs[1].angle" */
	char unit[TAKT_FIELD_UNIT_BYTES];
	uint32_t kind;
	uint32_t count;
	uint32_t offset;
};

/* A type laid flat: what is stored in a topic, compared, decoded. About 9 KB: declare it static, not on a real-time stack. */
struct takt_flat_type {
	char name[TAKT_NAME_BYTES];
	uint32_t bytes;
	uint32_t field_count;
	uint64_t hash; /* of name, bytes and every field; never 0 */
	struct takt_flat_field fields[TAKT_FIELD_COUNT_MAX];
};

/**
 * Lays a described type flat.
 * @retval TAKT_OK
 * @retval TAKT_LIMIT more than TAKT_FIELD_COUNT_MAX fields, or a name or unit too long; a message names the type and the field
 * @retval TAKT_INVALID a name with other characters than letters, digits and _, a field outside the struct, a nested type that
 *         contains itself; a message says which
 * RT: start-up only. Threads: any, on different results.
 */
TAKT_CHECKED enum takt_status takt_type_flatten(struct takt_flat_type *flat, const struct takt_type *type);

/* Computes `hash` anew from everything else. */
uint64_t takt_flat_type_hash(const struct takt_flat_type *flat);

/**
 * Checks a description that came from outside: names, kinds, bounds. Overlaps are allowed (unions).
 * @retval TAKT_OK  @retval TAKT_CORRUPT a message says which field and why
 */
TAKT_CHECKED enum takt_status takt_flat_type_check(const struct takt_flat_type *flat);
/* And that its hash is its own: for one that is to be stored. */
TAKT_CHECKED enum takt_status takt_flat_type_check_hash(const struct takt_flat_type *flat);

/**
 * Says in words where two descriptions differ first: "field 3 is 'gyro' f32[3] rad/s here and 'accel' f32[3] m/s^2 there".
 * @param text at least 256 bytes
 * @retval TAKT_OK they are the same, text is empty  @retval TAKT_MISMATCH text names the first difference
 */
enum takt_status takt_flat_type_compare(const struct takt_flat_type *here, const struct takt_flat_type *there,
					char *text, uint32_t text_bytes);

/* "f32", "u8", ...; "?" for what is no kind. */
const char *takt_kind_name(uint32_t kind);
/* Bytes of one element; 0 for what is no kind. */
uint32_t takt_kind_bytes(uint32_t kind);

/* 1 when a text is a valid name of a domain, node, topic or type: 1 to TAKT_NAME_BYTES - 1 of [a-z0-9_], a letter first. */
int takt_name_is_valid(const char *name);

#ifdef __cplusplus
}
#endif
#endif
