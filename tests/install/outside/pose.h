/* SPDX-License-Identifier: Apache-2.0 */
/* A message, parameters, and the places of takt's handles as this language sees them: C and C++ must print the same. */
#ifndef OUTSIDE_POSE_H
#define OUTSIDE_POSE_H

#include <stddef.h>
#include <stdio.h>

#include <takt/takt.h>

struct pose {
	double angle;
	uint32_t count;
	char frame[12];
};
TAKT_TYPE(pose, struct pose, TAKT_FIELD(struct pose, angle, TAKT_F64, 1, "rad"),
	  TAKT_FIELD(struct pose, count, TAKT_U32, 1, ""), TAKT_FIELD(struct pose, frame, TAKT_CHAR, 12, ""));

struct gains {
	double kp;
	int32_t trim;
};
TAKT_PARAMETERS(gains, struct gains, TAKT_PARAMETER(struct gains, kp, TAKT_F64, 12.5, 0.0, 100.0, "V/rad"),
		TAKT_PARAMETER(struct gains, trim, TAKT_I32, -3, -5, 5, ""));

#define PLACE(structure, member) printf(#structure "." #member " %zu\n", offsetof(struct structure, member))
#define BYTES(structure)	 printf(#structure " %zu\n", sizeof(struct structure))

static inline void print_places(void)
{
	PLACE(takt_node, lost);
	PLACE(takt_node, publisher_descriptors);
	PLACE(takt_node, command_thread_ends);
	PLACE(takt_node, loop_waiter_plus_one);
	PLACE(takt_node, mailbox);
	PLACE(takt_node, parameters);
	BYTES(takt_node);
	PLACE(takt_mailbox, command_index);
	BYTES(takt_mailbox);
	PLACE(takt_parameters, applied_generation);
	PLACE(takt_parameters, loop_is_registered);
	PLACE(takt_parameters, draft);
	BYTES(takt_parameters);
	PLACE(takt_publisher, lock);
	PLACE(takt_publisher, presence);
	PLACE(takt_publisher, segment);
	BYTES(takt_publisher);
	PLACE(takt_subscriber, segment);
	BYTES(takt_subscriber);
	PLACE(takt_waiter, bit);
	BYTES(takt_waiter);
	PLACE(takt_loop, waiter);
	PLACE(takt_loop, usage);
	BYTES(takt_loop);
	BYTES(takt_loan);
	BYTES(takt_borrow);
	BYTES(takt_sample_info);
	BYTES(takt_histogram);
	BYTES(takt_config);
	BYTES(takt_domain);
}

#endif
