/* SPDX-License-Identifier: Apache-2.0 */
/* A producer, and consumers of its queues. */
#include "tests/hostile/toolbox.h"

static uint64_t next_seed = 1, items_taken;

void push(void)
{
	const uint32_t queue = (uint32_t)draw(2);
	struct message message;

	message_fill(&message, next_seed++);
	(void)begin(PUSH);
	(void)end(PUSH, takt_queue_push(&producers[queue], &message, queue ? 0 : (uint32_t)draw(3), NULL));
}

/* Who may only take maps the items read-only, so what stands in the slot is the producer's word. */
static void check_item(uint32_t queue, const struct takt_item *item, const struct message *message)
{
	const struct takt_item_shm *written = (const struct takt_item_shm *)item->payload - 1;

	if (!message_is_whole(message) || message->seed == 0 || message->seed >= next_seed)
		broken("what was taken from '%s' is no item that its producer pushed", queue_names[queue]);
	if (atomic_load_explicit(&written->number, memory_order_relaxed) != item->number)
		broken("item %llu of '%s' is another one", (unsigned long long)item->number, queue_names[queue]);
	items_taken++;
}

void take(struct user *user)
{
	const uint32_t queue = (uint32_t)draw(2);
	const enum kind kind = draw(16) ? TAKE : TAKE_UNTIL;
	struct takt_consumer *consumer = &user->consumers[queue];
	const uint32_t band = queue || draw(2) ? TAKT_BAND_ANY : (uint32_t)draw(3);
	struct message message;
	struct takt_item item;

	if (user->held_count[queue] == HELD_MAX)
		return;
	const uint64_t deadline_ns = begin(kind);
	const enum takt_status status =
		end(kind, kind == TAKE ? takt_queue_take(consumer, band, &message, &item)
				       : takt_queue_take_until(consumer, band, &message, &item, deadline_ns));
	if (status != TAKT_OK)
		return;
	check_item(queue, &item, &message);
	user->held[queue][user->held_count[queue]++] = item;
}

void finish(struct user *user)
{
	const uint32_t queue = (uint32_t)draw(2);
	const enum kind kind = draw(3) ? ACKNOWLEDGE : GIVE_BACK;

	if (user->held_count[queue] == 0)
		return;
	struct takt_item *item = &user->held[queue][draw(user->held_count[queue])];
	(void)begin(kind);
	const enum takt_status status =
		end(kind, kind == ACKNOWLEDGE ? takt_queue_acknowledge(&user->consumers[queue], item)
					      : takt_queue_return(&user->consumers[queue], item));
	/* Still ours; all else is over. */
	if (status != TAKT_TIMEOUT)
		*item = user->held[queue][--user->held_count[queue]];
}

uint64_t taken_count(void)
{
	return items_taken;
}
