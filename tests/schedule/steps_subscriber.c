/* SPDX-License-Identifier: Apache-2.0 */
#include "core/subscriber.c"

#include "tests/schedule/steps.h"

enum takt_status steps_pins_take(struct takt_subscriber *subscriber, uint32_t wanted)
{
	return take_pins(subscriber, subscriber->node, wanted);
}

void steps_pins_give(struct takt_subscriber *subscriber)
{
	give_pins(subscriber);
}

void steps_start_choose(struct takt_subscriber *subscriber, uint32_t history)
{
	choose_start(subscriber, history);
	open_account(subscriber);
}
