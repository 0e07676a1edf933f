/* SPDX-License-Identifier: Apache-2.0 */
#include "core/publisher.c"

#include "tests/schedule/steps.h"

enum takt_status steps_publisher_attach(struct takt_publisher *publisher, const struct takt_topic_constants *constants)
{
	/* The topic is described already, so no type is looked at. */
	return publisher->is_shared ? join_publishers(publisher, constants, NULL)
				    : take_over_alone(publisher, constants, NULL);
}
