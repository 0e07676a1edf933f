/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of attaching, joining and leaving that are static in the shipped files: what of them touches shared words, without the files. */
#ifndef TAKT_TEST_SCHEDULE_STEPS_H
#define TAKT_TEST_SCHEDULE_STEPS_H

#include "core/node.h"
#include "core/topic.h"
#include "core/topic_segment.h"

/* core/publisher.c: takes the right to publish, alone or as one of several, repairs, and chooses a slot. */
enum takt_status steps_publisher_attach(struct takt_publisher *publisher, const struct takt_topic_constants *constants);

/* core/subscriber.c */
enum takt_status steps_pins_take(struct takt_subscriber *subscriber, uint32_t wanted);
void steps_pins_give(struct takt_subscriber *subscriber);
void steps_start_choose(struct takt_subscriber *subscriber, uint32_t history);

/* core/node.c */
enum takt_status steps_place_claim(struct takt_node *node);
void steps_place_leave(const struct takt_node *node);

#endif
