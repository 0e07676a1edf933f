/* SPDX-License-Identifier: Apache-2.0 */
/* The two loops that every channel runs in, floors and takt alike: round trips and streams. */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bench_run.h"
#include "platform/clock.h"
#include "platform/message.h"

#define LAST	      UINT64_MAX /* the number that ends a conversation */
#define WARM_ROUNDS   200u
#define WARM_NS	      (20 * TAKT_NS_PER_MS)
#define BATCH	      64u   /* messages of a stream between two looks at the clock */
#define PADDING_BYTES 8192u /* some receivers need room for their largest piece */
#define WARM_MESSAGES 4u    /* of a stream, in units of its depth */

static enum takt_status prepare(struct bench_burst *burst)
{
	burst->link = (struct takt_os_bench_link){
		.channel = burst->subject->channel,
		.bytes = burst->subject->bytes,
		.slot_count = burst->subject->depth,
		.folder = burst->folder,
	};
	takt_os_bench_sem_init(&burst->shared->sems[0]);
	return burst->link.channel->create(&burst->link);
}

static void clean_up(struct bench_burst *burst)
{
	burst->link.channel->destroy(&burst->link);
}

/* A message with its number at both ends, so that half of an older one would be seen. */
static void put_number(unsigned char *message, uint32_t bytes, uint64_t number)
{
	memcpy(message, &number, sizeof(number));
	memcpy(message + bytes - sizeof(number), &number, sizeof(number));
}

static int has_number(const unsigned char *message, uint32_t bytes, uint64_t number, int is_in_place)
{
	return memcmp(message, &number, sizeof(number)) == 0 &&
	       (is_in_place || memcmp(message + bytes - sizeof(number), &number, sizeof(number)) == 0);
}

unsigned char *bench_message_make(uint32_t bytes)
{
	unsigned char *message = aligned_alloc(64, ((size_t)bytes + PADDING_BYTES + 63) / 64 * 64);

	if (message)
		memset(message, 0x5a, bytes + PADDING_BYTES);
	return message;
}

/* In-place channels hand over the first word and have compared it with the last. */
static int is_in_place(const struct bench_burst *burst)
{
	return burst->link.channel == &takt_os_bench_in_place || burst->link.channel == &bench_takt_in_place;
}

/* -------------------------------------------------------------------------------------------------- round trips */

static int exchange(struct takt_os_bench_link *link, unsigned char *message, uint64_t number, int in_place)
{
	put_number(message, link->bytes, number);
	return link->channel->send(link, message) && link->channel->receive(link, message) &&
	       has_number(message, link->bytes, number, in_place);
}

static int ask(struct bench_burst *burst, unsigned char *message)
{
	struct takt_os_bench_link *link = &burst->link;
	struct bench_histogram *histogram = &burst->shared->histogram;
	int in_place = is_in_place(burst);
	uint64_t number = 0;
	uint64_t begin_ns = takt_os_bench_now_ns();
	uint64_t warm_ns =
		begin_ns + WARM_NS < begin_ns + burst->span_ns ? begin_ns + WARM_NS : begin_ns + burst->span_ns;

	while (number < WARM_ROUNDS && takt_os_bench_now_ns() < warm_ns)
		if (!exchange(link, message, ++number, in_place))
			return 1;
	begin_ns = bench_begin(burst);
	uint64_t stop_ns = burst->shared->stop_ns;
	while (begin_ns < stop_ns) {
		if (!exchange(link, message, ++number, in_place))
			return 1;
		uint64_t end_ns = takt_os_bench_now_ns();
		/* One way is half of both: tenths of ns. */
		bench_histogram_add(histogram, (end_ns - begin_ns) * 5);
		begin_ns = end_ns;
	}
	put_number(message, link->bytes, LAST);
	return !link->channel->send(link, message);
}

static int answer(struct bench_burst *burst, unsigned char *message)
{
	struct takt_os_bench_link *link = &burst->link;
	int in_place = is_in_place(burst);

	for (uint64_t number = 1;; number++) {
		if (!link->channel->receive(link, message))
			return 1;
		if (has_number(message, link->bytes, LAST, in_place))
			return 0;
		if (!has_number(message, link->bytes, number, in_place) || !link->channel->send(link, message))
			return 1;
	}
}

/* -------------------------------------------------------------------------------------------------------- stream */

/* Once for some hundred messages, so it may be long: the receiver has to come on first. */
static int wait_for_receiver(struct bench_burst *burst, uint64_t sent, uint64_t *credit)
{
	struct takt_os_bench_link *link = &burst->link;
	uint64_t window = burst->subject->depth - 1u;

	/* What is kept back would never be received. */
	if (link->channel->flush && !link->channel->flush(link))
		return 0;
	for (;;) {
		/* Acquire: the receiver's reads before our stores into the slots that they free. */
		*credit = atomic_load_explicit(&burst->shared->credit, memory_order_acquire);
		if (sent - *credit < window)
			return 1;
		if (burst->subject->sleeps && !takt_os_bench_sem_wait(&burst->shared->sems[0]))
			return 0;
	}
}

/* Both are inline in the loops of this file: a floor of some ns for a message must not pay for a call. */
static inline int wait_for_credit(struct bench_burst *burst, uint64_t sent, uint64_t *credit)
{
	return sent - *credit < burst->subject->depth - 1u || wait_for_receiver(burst, sent, credit);
}

static inline void give_credit(struct bench_burst *burst, uint32_t step, uint64_t received)
{
	if (received % step != 0)
		return;
	/* Release: our reads before the sender may use the slots again. */
	atomic_store_explicit(&burst->shared->credit, received, memory_order_release);
	if (burst->subject->sleeps)
		takt_os_bench_sem_post(&burst->shared->sems[0]);
}

static uint32_t credit_step(const struct bench_burst *burst)
{
	return burst->subject->depth / 4 ? burst->subject->depth / 4 : 1;
}

int bench_credit_wait(struct bench_burst *burst, uint64_t sent, uint64_t *credit)
{
	return wait_for_credit(burst, sent, credit);
}

void bench_credit_give(struct bench_burst *burst, uint64_t received)
{
	give_credit(burst, credit_step(burst), received);
}

/* The last message has no number of its own; it ends the stream when all others have been received. */
static int end_stream(struct bench_burst *burst, unsigned char *message)
{
	struct takt_os_bench_link *link = &burst->link;

	put_number(message, link->bytes, LAST);
	if (!link->channel->send(link, message) || (link->channel->flush && !link->channel->flush(link)))
		return 0;
	while (!atomic_load_explicit(&burst->shared->is_over, memory_order_acquire))
		if (burst->subject->sleeps && !takt_os_bench_sem_wait(&burst->shared->sems[0]))
			return 0;
	return 1;
}

static int send_many(struct bench_burst *burst, unsigned char *message, uint64_t *sent, uint64_t *credit,
		     uint64_t count)
{
	struct takt_os_bench_link *link = &burst->link;

	for (uint64_t i = 0; i < count; i++) {
		if (!wait_for_credit(burst, *sent, credit))
			return 0;
		put_number(message, link->bytes, ++*sent);
		if (!link->channel->send(link, message))
			return 0;
	}
	return 1;
}

static int pour(struct bench_burst *burst, unsigned char *message)
{
	struct takt_os_bench_link *link = &burst->link;
	uint32_t batch = link->bytes > 65536 ? 4 : BATCH;
	uint64_t sent = 0, credit = 0;

	if (!send_many(burst, message, &sent, &credit, (uint64_t)WARM_MESSAGES * burst->subject->depth))
		return 1;
	uint64_t first = sent;
	uint64_t begin_ns = bench_begin(burst);
	for (uint64_t at_ns = begin_ns; at_ns < burst->shared->stop_ns;) {
		if (!send_many(burst, message, &sent, &credit, batch))
			return 1;
		uint64_t now_ns = takt_os_bench_now_ns();
		bench_histogram_add(&burst->shared->histogram, (now_ns - at_ns) * 10 / batch);
		at_ns = now_ns;
	}
	uint64_t count = sent - first;
	/* What was not received does not count: the end is when the other side has all of it. */
	if (!wait_for_credit(burst, sent, &credit) || !end_stream(burst, message))
		return 1;
	burst->shared->value = (double)count * 1e9 / (double)(takt_os_bench_now_ns() - begin_ns);
	return 0;
}

static int drink(struct bench_burst *burst, unsigned char *message)
{
	struct takt_os_bench_link *link = &burst->link;
	int in_place = is_in_place(burst);
	uint32_t step = credit_step(burst);

	for (uint64_t number = 1;; number++) {
		if (!link->channel->receive(link, message))
			return 1;
		if (has_number(message, link->bytes, LAST, in_place))
			break;
		if (!has_number(message, link->bytes, number, in_place))
			return 1;
		give_credit(burst, step, number);
	}
	atomic_store_explicit(&burst->shared->is_over, 1, memory_order_release);
	if (burst->subject->sleeps)
		takt_os_bench_sem_post(&burst->shared->sems[0]);
	return 0;
}

/* ------------------------------------------------------------------------------------------------------ subjects */

static int run_two(struct bench_burst *burst, uint32_t index,
		   int (*const parts[2])(struct bench_burst *, unsigned char *))
{
	struct takt_os_bench_link *link = &burst->link;
	unsigned char *message = bench_message_make(link->bytes);

	link->side = index;
	if (message == NULL || (link->channel->attach && link->channel->attach(link) != TAKT_OK))
		return 1;
	bench_meet(burst);
	int result = parts[index](burst, message);
	if (result == 0)
		bench_part(burst);
	if (link->channel->detach)
		link->channel->detach(link);
	free(message);
	return result;
}

static int run_round_trips(struct bench_burst *burst, uint32_t index)
{
	static int (*const parts[2])(struct bench_burst *, unsigned char *) = {ask, answer};
	return run_two(burst, index, parts);
}

static int run_stream(struct bench_burst *burst, uint32_t index)
{
	static int (*const parts[2])(struct bench_burst *, unsigned char *) = {pour, drink};
	return run_two(burst, index, parts);
}

struct bench_subject bench_round_trip(const struct takt_os_bench_channel *channel, uint32_t bytes)
{
	return (struct bench_subject){.run = run_round_trips,
				      .prepare = prepare,
				      .clean_up = clean_up,
				      .channel = channel,
				      .process_count = 2,
				      .bytes = bytes,
				      .depth = 4};
}

struct bench_subject bench_stream(const struct takt_os_bench_channel *channel, uint32_t bytes, uint32_t depth)
{
	return (struct bench_subject){.run = run_stream,
				      .prepare = prepare,
				      .clean_up = clean_up,
				      .channel = channel,
				      .process_count = 2,
				      .bytes = bytes,
				      .depth = depth};
}
