/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node.c"

#include "tests/schedule/steps.h"

enum takt_status steps_place_claim(struct takt_node *node)
{
	return claim_place(node);
}

void steps_place_leave(const struct takt_node *node)
{
	leave_place(node);
}
