/* SPDX-License-Identifier: Apache-2.0 */
/* The description of a type in the segment of a topic or a queue: written once, by whoever may write there, and compared. Internal to core. */
#ifndef TAKT_CORE_DESCRIPTION_H
#define TAKT_CORE_DESCRIPTION_H

#include <stdint.h>

#include "core/layout.h"
#include "core/type.h"
#include "platform/status.h"

/* Where one stands, and what its segment's constants say of the type. */
struct takt_description_view {
	const struct takt_description_shm *shared;
	const struct takt_field_shm *fields;
	const char *kind; /* "topic" or "queue" */
	const char *name;
	const char *type_name;
	uint32_t payload_bytes;
};

/* Writes it, where nobody has yet. A predecessor that died doing so left the hash at 0. */
void takt_description_write(struct takt_description_shm *shared, struct takt_field_shm *fields,
			    const struct takt_flat_type *type);

/* Reads it. @retval TAKT_OK @retval TAKT_NOT_READY nobody has described it yet @retval TAKT_CORRUPT with a message */
TAKT_CHECKED enum takt_status takt_description_read(const struct takt_description_view *view,
						    struct takt_flat_type *type);

/**
 * Compares a program's type with it: name and size always, all fields once it is described.
 * @retval TAKT_OK @retval TAKT_MISMATCH with the first difference @retval TAKT_CORRUPT
 */
TAKT_CHECKED enum takt_status takt_description_compare(const struct takt_description_view *view,
						       const struct takt_flat_type *type);

#endif
