/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floors of `takt bench` that need no system call: each is the least that two processes can do with shared memory, and less
 * than takt promises. No loss count, no time of publishing, no second reader, nothing survives a death.
 */
#include "platform/linux/port.h"

#include <string.h>

#include "platform/bench.h"
#include "platform/clock.h"

/* Sizes that the compiler knows become a few moves; a floor must not pay for a call of memcpy. */
static inline void copy(void *to, const void *from, uint32_t bytes)
{
	if (bytes == 64)
		memcpy(to, from, 64);
	else if (bytes == 8)
		memcpy(to, from, 8);
	else
		memcpy(to, from, bytes);
}

/* Each direction has its half of the memory, its parts on cache lines of their own. */
static enum takt_status create(struct takt_os_bench_link *link, uint64_t half_bytes)
{
	half_bytes = (half_bytes + 4095u) / 4096u * 4096u;
	link->shared_bytes = 2 * half_bytes;
	link->shared = takt_os_bench_memory_map(link->shared_bytes);
	return link->shared ? TAKT_OK : TAKT_NO_SPACE;
}

static enum takt_status attach(struct takt_os_bench_link *link)
{
	unsigned char *shared = link->shared;
	uint64_t half_bytes = link->shared_bytes / 2;

	link->out = shared + (link->side == 0 ? 0 : half_bytes);
	link->in = shared + (link->side == 0 ? half_bytes : 0);
	return TAKT_OK;
}

static void destroy(struct takt_os_bench_link *link)
{
	takt_os_bench_memory_unmap(link->shared, link->shared_bytes);
	link->shared = NULL;
}

/* -------------------------------------------------------------------------------------------------------- word */

struct word {
	_Alignas(64) _Atomic uint64_t number;
	unsigned char payload[];
};

static enum takt_status create_word(struct takt_os_bench_link *link)
{
	return create(link, sizeof(struct word) + link->bytes);
}

static int send_word(struct takt_os_bench_link *link, const void *message)
{
	struct word *word = link->out;

	copy(word->payload, message, link->bytes);
	/* BF1 release: the payload before its number. Pairs with BF2. Without it an older payload is read. */
	atomic_store_explicit(&word->number, ++link->sent, memory_order_release);
	return 1;
}

static int receive_word(struct takt_os_bench_link *link, void *message)
{
	struct word *word = link->in;
	uint64_t wanted = link->received + 1;

	/* BF2 acquire: the number before the payload. Pairs with BF1. */
	while (atomic_load_explicit(&word->number, memory_order_acquire) != wanted)
		;
	copy(message, word->payload, link->bytes);
	link->received = wanted;
	return 1;
}

const struct takt_os_bench_channel takt_os_bench_word = {
	.name = "sequence word",
	.create = create_word,
	.attach = attach,
	.send = send_word,
	.receive = receive_word,
	.destroy = destroy,
};

/* -------------------------------------------------------------------------------------------------------- ring */

struct ring {
	_Alignas(64) _Atomic uint64_t head;
	_Alignas(64) unsigned char slots[];
};

static enum takt_status create_ring(struct takt_os_bench_link *link)
{
	return create(link, sizeof(struct ring) + (uint64_t)link->slot_count * link->bytes);
}

static unsigned char *slot_of(struct ring *ring, const struct takt_os_bench_link *link, uint64_t number)
{
	return ring->slots + (number & (link->slot_count - 1)) * link->bytes;
}

static int send_ring(struct takt_os_bench_link *link, const void *message)
{
	struct ring *ring = link->out;

	copy(slot_of(ring, link, link->sent), message, link->bytes);
	/* BF3 release: the slot before head. Pairs with BF4. Without it an older slot is read. */
	atomic_store_explicit(&ring->head, ++link->sent, memory_order_release);
	return 1;
}

/* Head is looked at only when all that it promised has been read: its line stays with the producer as long as possible. */
static int receive_ring(struct takt_os_bench_link *link, void *message)
{
	struct ring *ring = link->in;

	while (link->received == link->seen)
		/* BF4 acquire: head before the slots. Pairs with BF3. */
		link->seen = atomic_load_explicit(&ring->head, memory_order_acquire);
	copy(message, slot_of(ring, link, link->received), link->bytes);
	link->received++;
	return 1;
}

const struct takt_os_bench_channel takt_os_bench_ring = {
	.name = "bare ring",
	.create = create_ring,
	.attach = attach,
	.send = send_ring,
	.receive = receive_ring,
	.destroy = destroy,
};

/* ---------------------------------------------------------------------------------------------------- in place */

/* The first and the last word are what a user of a large sample touches at least; the rest is neither written nor read. */
static int send_in_place(struct takt_os_bench_link *link, const void *message)
{
	struct ring *ring = link->out;
	unsigned char *slot = slot_of(ring, link, link->sent);

	memcpy(slot, message, 8);
	memcpy(slot + link->bytes - 8, message, 8);
	/* BF5 release: the slot before head. Pairs with BF6. */
	atomic_store_explicit(&ring->head, ++link->sent, memory_order_release);
	return 1;
}

static int receive_in_place(struct takt_os_bench_link *link, void *message)
{
	struct ring *ring = link->in;
	unsigned char last[8];

	while (link->received == link->seen)
		/* BF6 acquire: head before the slot. Pairs with BF5. */
		link->seen = atomic_load_explicit(&ring->head, memory_order_acquire);
	const unsigned char *slot = slot_of(ring, link, link->received);
	memcpy(message, slot, 8);
	memcpy(last, slot + link->bytes - 8, 8);
	link->received++;
	return memcmp(message, last, 8) == 0;
}

const struct takt_os_bench_channel takt_os_bench_in_place = {
	.name = "slots in place",
	.create = create_ring,
	.attach = attach,
	.send = send_in_place,
	.receive = receive_in_place,
	.destroy = destroy,
};

/* ----------------------------------------------------------------------------------------------------- seqlock */

struct seqlock {
	_Alignas(64) _Atomic uint64_t state;
	_Atomic uint64_t time_ns;
	_Atomic uint64_t words[];
};

static enum takt_status create_seqlock(struct takt_os_bench_link *link)
{
	return create(link, sizeof(struct seqlock) + link->bytes);
}

static int send_seqlock(struct takt_os_bench_link *link, const void *message)
{
	struct seqlock *seqlock = link->out;
	const unsigned char *at = message;

	link->sent += 2;
	atomic_store_explicit(&seqlock->state, link->sent - 1, memory_order_relaxed);
	/* BF7 release fence: odd before any word. Pairs with a reader's second look. Without it half a payload is accepted. */
	atomic_thread_fence(memory_order_release);
	for (uint32_t i = 0; i < link->bytes / 8; i++) {
		uint64_t word;

		memcpy(&word, at + (size_t)i * 8, 8);
		atomic_store_explicit(&seqlock->words[i], word, memory_order_relaxed);
	}
	atomic_store_explicit(&seqlock->time_ns, takt_os_bench_now_ns(), memory_order_relaxed);
	/* BF8 release: the words before even. */
	atomic_store_explicit(&seqlock->state, link->sent, memory_order_release);
	/* BF9 seq_cst fence: what every publish needs that asks afterwards whether somebody sleeps (P4). */
	atomic_thread_fence(memory_order_seq_cst);
	return 1;
}

const struct takt_os_bench_channel takt_os_bench_seqlock = {
	.name = "seqlock, clock, fence",
	.create = create_seqlock,
	.attach = attach,
	.send = send_seqlock,
	.destroy = destroy,
};
