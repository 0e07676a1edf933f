/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a topic: the next sample or the newest one, as a copy or in place. Attaching is in core/subscriber.c.
 *
 * What a read of 64 bytes touches (x86-64; tests/golden/instructions.txt has the instructions):
 *	nothing new	one line: the cell. No store, no fence, 5 conditional branches.
 *	a copy		three lines of the publisher's, the cell and two of the slot; one of our own statistics, four with the histogram
 *			of ages. No fence instruction on x86, two load barriers on ARM; a clock reading unless `unmeasured`;
 *			32 branches, 35 for the newest.
 *	a borrow	the same without the payload, and one line of the roster, the pin, stored twice; one full fence; 36 branches.
 * No system call in any of them.
 */
#include "core/topic.h"

#include "core/histogram.h"
#include "core/layout.h"
#include "core/protocol/description.h"
#include "core/protocol/ring.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/message.h"

/* How a sample is fetched: copied to `payload` or, where that is NULL, pinned in place with pin `pin`. */
struct fetch {
	void *payload;
	uint32_t pin;
	const unsigned char *slot;
	struct takt_sample_header header;
};

static int is_closed(const struct takt_subscriber *subscriber)
{
	return subscriber->node == NULL || atomic_load_explicit(&subscriber->node->lost, memory_order_relaxed) != 0;
}

static struct takt_pin_shm *pin_of(const struct takt_subscriber *subscriber, uint32_t pin)
{
	return takt_ring_pin(&subscriber->ring, subscriber->pin_index[pin]);
}

static inline enum takt_ring_outcome fetch_one(const struct takt_subscriber *subscriber, uint64_t number,
					       struct fetch *fetch)
{
	if (fetch->payload)
		return takt_ring_copy(&subscriber->ring, number, &fetch->header, fetch->payload);
	enum takt_ring_outcome outcome =
		takt_ring_borrow(&subscriber->ring, number, pin_of(subscriber, fetch->pin), &fetch->slot);
	if (outcome == TAKT_RING_GOT)
		takt_ring_load_header(&fetch->header, fetch->slot);
	return outcome;
}

static void drop(const struct takt_subscriber *subscriber, const struct fetch *fetch)
{
	if (!fetch->payload)
		takt_ring_unpin(pin_of(subscriber, fetch->pin));
}

/* Said once: a loop that goes on reading must not flood its own log. */
static __attribute__((noinline, cold)) enum takt_status refuse(struct takt_subscriber *subscriber, const char *what)
{
	if (subscriber->has_complained)
		return TAKT_CORRUPT;
	subscriber->has_complained = 1;
	if (takt_os_shm_is_cut(&subscriber->segment))
		what = "its segment was cut off while it was in use";
	takt_message(TAKT_ERROR,
		     "topic '%s': %s; a publisher of it writes wrongly: stop the domain and run: takt clean %s",
		     subscriber->topic, what, subscriber->node->domain.name);
	return TAKT_CORRUPT;
}

/* The topic was not described when we attached: the first sample has a publisher behind it, and so a description. */
static __attribute__((noinline, cold)) enum takt_status check_type(struct takt_subscriber *subscriber)
{
	const struct takt_topic_shm *topic = subscriber->segment.address;
	uint64_t hash = takt_description_hash(&topic->description);
	if (hash == 0)
		return TAKT_OK;
	if (hash != subscriber->type_hash) {
		if (!subscriber->has_complained)
			takt_message(
				TAKT_ERROR,
				"topic '%s': its publisher has another layout of the type than this program; build both "
				"from the same description",
				subscriber->topic);
		subscriber->has_complained = 1;
		return TAKT_MISMATCH;
	}
	subscriber->type_is_checked = 1;
	return TAKT_OK;
}

/* -------------------------------------------------------------------------------------------------- the account */

/* Relaxed, here and below: one writer; each counter is whole, all of one moment is not promised. */
static void add_one(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Of each sample only what it moves is stored. */
static void count_got(struct takt_subscriber *subscriber, uint64_t number)
{
	struct takt_subscription_shm *statistics = subscriber->statistics;
	subscriber->next = number + 1;
	subscriber->got++;
	atomic_store_explicit(&statistics->next_number, subscriber->next, memory_order_relaxed);
	atomic_store_explicit(&statistics->got_count, subscriber->got, memory_order_relaxed);
}

static void count_lost(struct takt_subscriber *subscriber, uint64_t resume)
{
	struct takt_subscription_shm *statistics = subscriber->statistics;
	takt_trace_samples_lost(subscriber, subscriber->next, resume - subscriber->next);
	subscriber->lost += resume - subscriber->next;
	subscriber->next = resume;
	atomic_store_explicit(&statistics->lost_count, subscriber->lost, memory_order_relaxed);
	atomic_store_explicit(&statistics->next_number, subscriber->next, memory_order_relaxed);
}

static uint64_t count_skipped(struct takt_subscriber *subscriber, uint64_t number)
{
	uint64_t skipped = number - subscriber->next;
	if (skipped == 0)
		return 0;
	subscriber->skipped += skipped;
	atomic_store_explicit(&subscriber->statistics->skipped_count, subscriber->skipped, memory_order_relaxed);
	return skipped;
}

/* How old the sample is: STALE or not, and the histograms, in which a repetition does not count. */
static inline void measure_age(struct takt_subscriber *subscriber, const struct takt_sample_header *header,
			       struct takt_sample_info *info)
{
	struct takt_subscription_shm *statistics = subscriber->statistics;
	uint64_t now_ns = takt_os_clock_now_ns();
	uint64_t age_ns = now_ns > header->publish_ns ? now_ns - header->publish_ns : 0;
	info->read_ns = now_ns;
	info->is_stale = subscriber->deadline_ns != 0 && age_ns > subscriber->deadline_ns;
	if (info->is_stale)
		add_one(&statistics->stale_count);
	if (info->is_repeated)
		return;
	takt_histogram_add(&statistics->age_ns, age_ns);
	if (header->origin.topic_index != subscriber->topic_index && now_ns >= header->origin.time_ns)
		takt_histogram_add(&statistics->chain_ns, now_ns - header->origin.time_ns);
}

/* What the caller is told of a sample that was got. `skipped` and `is_repeated` are the caller's to set before. */
static inline void deliver(struct takt_subscriber *subscriber, const struct fetch *fetch, struct takt_sample_info *info)
{
	const struct takt_sample_header *header = &fetch->header;
	info->number = header->number;
	info->publish_ns = header->publish_ns;
	info->origin = header->origin;
	info->lost = subscriber->lost - subscriber->lost_told;
	info->read_ns = 0;
	info->is_stale = 0;
	subscriber->lost_told = subscriber->lost;
	if (subscriber->reads_clock)
		measure_age(subscriber, header, info);
	if (fetch->payload)
		takt_trace_sample_read(subscriber, info);
	else
		takt_trace_sample_borrowed(subscriber, info, fetch->pin);
}

/* --------------------------------------------------------------------------------------------------- next, latest */

/* Where a reader that was overtaken goes on: near the oldest, then the middle, then the newest. */
static uint64_t resume_number(const struct takt_subscriber *subscriber, uint32_t attempt)
{
	uint64_t depth = (uint64_t)subscriber->ring.depth_mask + 1;
	return takt_ring_resume(&subscriber->ring, attempt == 0 ? depth - 2 : attempt == 1 ? depth / 2 : 0);
}

/* A cell of TAKT_OS_SHM_CUT_WORD holds a number that is past every reader's and is not head's: no sample is found there, and the reader
 * comes here or to fall_back. */
_Static_assert(TAKT_OS_SHM_CUT_WORD >> TAKT_CELL_SLOT_BITS !=
		       (TAKT_OS_SHM_CUT_WORD & (UINT64_MAX >> TAKT_CELL_SLOT_BITS)),
	       "the newest sample of a topic that was cut off is not there");

static __attribute__((noinline, cold)) enum takt_status overtaken(struct takt_subscriber *subscriber)
{
	if (takt_os_shm_is_cut(&subscriber->segment))
		return refuse(subscriber, "its segment was cut off while it was in use");
	add_one(&subscriber->statistics->overtaken_count);
	return TAKT_OVERTAKEN;
}

/* Said once, as refuse does. */
static __attribute__((noinline, cold)) enum takt_status unpinned(struct takt_subscriber *subscriber)
{
	if (!subscriber->has_complained)
		takt_message(
			TAKT_ERROR,
			"topic '%s': a sample may have changed while it was read in place: %s; stop the domain and "
			"run: takt clean %s",
			subscriber->topic,
			takt_os_shm_is_cut(&subscriber->segment) ? "its segment was cut off while it was in use"
			: takt_os_shm_is_cut(&subscriber->node->domain.roster)
				? "the roster was cut off while it was in use"
				: "a member of the domain took its pin away",
			subscriber->node->domain.name);
	subscriber->has_complained = 1;
	add_one(&subscriber->statistics->overtaken_count);
	return TAKT_OVERTAKEN;
}

/* The slot that was asked for holds another sample. In one that is read in place that is the publisher's doing only while the cell names
 * it still; else the pin was taken away and the slot given to a younger sample. */
static __attribute__((noinline, cold)) enum takt_status refuse_number(struct takt_subscriber *subscriber,
								      uint64_t number, const struct fetch *fetch)
{
	struct takt_sample_header header;
	int is_in_place = fetch->payload == NULL;
	drop(subscriber, fetch);
	if (is_in_place &&
	    (takt_ring_copy(&subscriber->ring, number, &header, NULL) != TAKT_RING_GOT || header.number == number))
		return unpinned(subscriber);
	return refuse(subscriber, "a cell names a slot that holds another sample");
}

static inline enum takt_status accept(struct takt_subscriber *subscriber, uint64_t number, const struct fetch *fetch)
{
	if (fetch->header.number != number)
		return refuse_number(subscriber, number, fetch);
	enum takt_status status = subscriber->type_is_checked ? TAKT_OK : check_type(subscriber);
	if (status != TAKT_OK)
		drop(subscriber, fetch);
	return status;
}

/* The publisher was faster: goes on at a younger sample, and counts what it passes as lost. */
static __attribute__((noinline, cold)) enum takt_status fall_back(struct takt_subscriber *subscriber, uint32_t attempt)
{
	uint64_t resume = resume_number(subscriber, attempt);
	if (resume <= subscriber->next || takt_os_shm_is_cut(&subscriber->segment))
		return refuse(subscriber, "a cell holds a number that its head does not know");
	count_lost(subscriber, resume);
	return TAKT_OK;
}

static inline enum takt_status get_next(struct takt_subscriber *subscriber, struct fetch *fetch,
					struct takt_sample_info *info)
{
	for (uint32_t attempt = 0; attempt < TAKT_READ_TRIES_MAX; attempt++) {
		uint64_t number = subscriber->next;
		enum takt_ring_outcome outcome = fetch_one(subscriber, number, fetch);
		if (outcome == TAKT_RING_NOT_YET)
			return takt_ring_lags(&subscriber->ring, number) ? refuse(subscriber, "its numbers went back")
									 : TAKT_EMPTY;
		enum takt_status status =
			outcome == TAKT_RING_GOT ? accept(subscriber, number, fetch) : fall_back(subscriber, attempt);
		if (status != TAKT_OK)
			return status;
		if (outcome != TAKT_RING_GOT)
			continue;
		struct takt_sample_info unwanted;
		if (info == NULL)
			info = &unwanted;
		info->skipped = 0;
		info->is_repeated = 0;
		count_got(subscriber, number);
		deliver(subscriber, fetch, info);
		return TAKT_OK;
	}
	return overtaken(subscriber);
}

static inline enum takt_status get_latest(struct takt_subscriber *subscriber, struct fetch *fetch,
					  struct takt_sample_info *info)
{
	for (uint32_t attempt = 0; attempt < TAKT_READ_TRIES_MAX; attempt++) {
		uint64_t newest = takt_ring_newest(&subscriber->ring);
		if (newest + 1 < subscriber->next)
			return refuse(subscriber, "its newest number went back");
		if (newest == 0)
			return TAKT_EMPTY;
		if (fetch_one(subscriber, newest, fetch) != TAKT_RING_GOT)
			continue;
		enum takt_status status = accept(subscriber, newest, fetch);
		if (status != TAKT_OK)
			return status;
		struct takt_sample_info unwanted;
		if (info == NULL)
			info = &unwanted;
		info->is_repeated = newest < subscriber->next;
		info->skipped = info->is_repeated ? 0 : count_skipped(subscriber, newest);
		if (!info->is_repeated)
			count_got(subscriber, newest);
		deliver(subscriber, fetch, info);
		return TAKT_OK;
	}
	return overtaken(subscriber);
}

/* -------------------------------------------------------------------------------------------------------- copies */

enum takt_status takt_read_next(struct takt_subscriber *subscriber, void *payload, struct takt_sample_info *info)
{
	TAKT_ASSERT(payload != NULL);
	if (is_closed(subscriber))
		return TAKT_CLOSED;
	/* A poller's usual answer, before anything is prepared for a sample. */
	if (!takt_ring_has(&subscriber->ring, subscriber->next))
		return TAKT_EMPTY;
	struct fetch fetch;
	fetch.payload = payload;
	return get_next(subscriber, &fetch, info);
}

enum takt_status takt_read_latest(struct takt_subscriber *subscriber, void *payload, struct takt_sample_info *info)
{
	TAKT_ASSERT(payload != NULL);
	if (is_closed(subscriber))
		return TAKT_CLOSED;
	struct fetch fetch;
	fetch.payload = payload;
	return get_latest(subscriber, &fetch, info);
}

/* ------------------------------------------------------------------------------------------------------- borrows */

static enum takt_status free_pin(const struct takt_subscriber *subscriber, uint32_t *pin)
{
	for (uint32_t i = 0; i < subscriber->pin_count; i++) {
		if (!subscriber->pin_used[i]) {
			*pin = i;
			return TAKT_OK;
		}
	}
	return TAKT_FULL;
}

static inline enum takt_status
borrow_with(struct takt_subscriber *subscriber, struct takt_borrow *borrow, struct takt_sample_info *info,
	    enum takt_status (*get)(struct takt_subscriber *, struct fetch *, struct takt_sample_info *))
{
	struct fetch fetch;
	if (is_closed(subscriber))
		return TAKT_CLOSED;
	enum takt_status status = free_pin(subscriber, &fetch.pin);
	if (status != TAKT_OK)
		return status;
	fetch.payload = NULL;
	status = get(subscriber, &fetch, info);
	if (status != TAKT_OK)
		return status;
	subscriber->pin_used[fetch.pin] = 1;
	borrow->payload = fetch.slot + sizeof(struct takt_slot_shm);
	borrow->number = fetch.header.number;
	borrow->pin = fetch.pin;
	return TAKT_OK;
}

enum takt_status takt_borrow_next(struct takt_subscriber *subscriber, struct takt_borrow *borrow,
				  struct takt_sample_info *info)
{
	return borrow_with(subscriber, borrow, info, get_next);
}

enum takt_status takt_borrow_latest(struct takt_subscriber *subscriber, struct takt_borrow *borrow,
				    struct takt_sample_info *info)
{
	return borrow_with(subscriber, borrow, info, get_latest);
}

enum takt_status takt_return(struct takt_subscriber *subscriber, struct takt_borrow *borrow)
{
	if (is_closed(subscriber))
		return TAKT_CLOSED;
	TAKT_ASSERT(borrow->payload != NULL && borrow->pin < subscriber->pin_count &&
		    subscriber->pin_used[borrow->pin]);
	struct takt_pin_shm *pin = pin_of(subscriber, borrow->pin);
	const unsigned char *slot = (const unsigned char *)borrow->payload - sizeof(struct takt_slot_shm);
	int is_kept = takt_ring_kept(&subscriber->ring, pin, slot, borrow->number);
	takt_ring_unpin(pin);
	takt_trace_sample_returned(subscriber, borrow, is_kept);
	subscriber->pin_used[borrow->pin] = 0;
	*borrow = (struct takt_borrow){0};
	return is_kept ? TAKT_OK : unpinned(subscriber);
}

/* ---------------------------------------------------------------------------------------------------------- news */

int takt_subscriber_has_news(const struct takt_subscriber *subscriber)
{
	return subscriber->node != NULL && takt_ring_has(&subscriber->ring, subscriber->next);
}

uint64_t takt_subscriber_news_ns(const struct takt_subscriber *subscriber)
{
	struct takt_sample_header header;
	if (subscriber->node == NULL ||
	    takt_ring_copy(&subscriber->ring, subscriber->next, &header, NULL) != TAKT_RING_GOT)
		return 0;
	return header.publish_ns;
}
