/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring whose head, cells, spares and slots, and a roster whose masks and pins, hold anything, under a subscriber, a tool and a publisher
 * that are attached and trusting. The first byte chooses the topic; the rest are steps of one byte, some with numbers behind it.
 */
#include <string.h>
#include <sys/mman.h>

#include <sanitizer/asan_interface.h>

#include "apps/takt/reader.h"
#include "core/layout.h"
#include "core/protocol/ring.h"
#include "core/topic.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_domain.h"

#define IMAGE_BYTES_MAX (32u * 1024u)
#define BORROWS_MAX	2
#define PAGE_BYTES	4096u
#define FENCE_BYTES	(32u * 1024u * 1024u) /* 65536 slots are less */
#define STEPS_MAX	256

struct stage {
	const char *topic;
	struct takt_publisher publisher;
	struct takt_subscriber subscriber, fresh;
	struct takt_publisher fresh_publisher;
	struct reader reader;
	unsigned char image[IMAGE_BYTES_MAX];
	struct takt_borrow borrows[BORROWS_MAX];
	uint32_t borrow_count;
};

static struct takt_node victim, witness;
static struct stage stages[2] = {{.topic = "one"}, {.topic = "many"}};
static unsigned char roster_image[IMAGE_BYTES_MAX];

/* Maps the segment once more, with nothing behind it that may be touched, and moves a reader's view there: a slot outside shows. */
static void fence(struct takt_ring *ring, const struct takt_os_shm *shm)
{
	const size_t room = ((size_t)shm->bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	unsigned char *at =
		mmap(NULL, room + FENCE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	FUZZ_CHECK(at != MAP_FAILED);
	FUZZ_CHECK(mmap(at, (size_t)shm->bytes, PROT_READ, MAP_SHARED | MAP_FIXED, shm->descriptor, 0) == at);
	/* The rest of the last page; without the sanitizer this is nothing. */
	ASAN_POISON_MEMORY_REGION(at + shm->bytes, room - shm->bytes);
	ring->head = at + ((unsigned char *)ring->head - (unsigned char *)shm->address);
	ring->cells = at + ((unsigned char *)ring->cells - (unsigned char *)shm->address);
	ring->slots = at + (ring->slots - (unsigned char *)shm->address);
}

static void set_stage(struct stage *stage)
{
	const struct takt_subscriber_options options = {.history = 1, .borrows = 1};
	struct fuzz_sample sample = {.position = 1.0};

	FUZZ_CHECK(takt_publisher_attach(&stage->publisher, &victim, stage->topic, &takt_type_fuzz_sample) == TAKT_OK);
	FUZZ_CHECK(takt_subscriber_attach(&stage->subscriber, &witness, stage->topic, &takt_type_fuzz_sample,
					  &options) == TAKT_OK);
	FUZZ_CHECK(reader_open(&stage->reader, &witness.domain, stage->topic) == TAKT_OK);
	fence(&stage->subscriber.ring, &stage->subscriber.segment);
	fence(&stage->reader.ring, &stage->reader.shm);
	for (uint32_t i = 0; i < 5; i++)
		FUZZ_CHECK(takt_publish(&stage->publisher, &sample, NULL) == TAKT_OK);
	FUZZ_CHECK(stage->publisher.segment.bytes <= sizeof(stage->image));
	memcpy(stage->image, stage->publisher.segment.address, (size_t)stage->publisher.segment.bytes);
	stage->fresh = stage->subscriber;
	stage->fresh_publisher = stage->publisher;
}

static void set_up(void)
{
	if (victim.config)
		return;
	fuzz_domain_join(&victim, "victim");
	fuzz_domain_join(&witness, "witness");
	set_stage(&stages[0]);
	set_stage(&stages[1]);
	FUZZ_CHECK(victim.domain.roster.bytes <= sizeof(roster_image));
	memcpy(roster_image, victim.domain.roster.address, (size_t)victim.domain.roster.bytes);
}

static void reset(struct stage *stage)
{
	memcpy(stage->publisher.segment.address, stage->image, (size_t)stage->publisher.segment.bytes);
	memcpy(victim.domain.roster.address, roster_image, (size_t)victim.domain.roster.bytes);
	stage->subscriber = stage->fresh;
	stage->publisher = stage->fresh_publisher;
	reader_seek(&stage->reader, 1);
	stage->borrow_count = 0;
}

/* ------------------------------------------------------------------------------------------------------- checks */

static void check_account(const struct takt_subscriber *subscriber)
{
	FUZZ_CHECK(subscriber->got + subscriber->lost + subscriber->skipped == subscriber->next - subscriber->start);
}

static int is_read_status(enum takt_status status)
{
	return status == TAKT_OK || status == TAKT_EMPTY || status == TAKT_OVERTAKEN || status == TAKT_CORRUPT ||
	       status == TAKT_MISMATCH;
}

static void check_read(const struct stage *stage, enum takt_status status, const struct takt_sample_info *info)
{
	FUZZ_CHECK(is_read_status(status));
	check_account(&stage->subscriber);
	/* Also a repeated one is the newest that was read, never an older. */
	if (status == TAKT_OK)
		FUZZ_CHECK(info->number == stage->subscriber.next - 1);
	if (status == TAKT_CORRUPT)
		FUZZ_CHECK(stage->subscriber.has_complained == 1);
}

static void check_inside(const struct stage *stage, const struct takt_borrow *borrow)
{
	const struct takt_ring *ring = &stage->subscriber.ring;
	size_t at = (size_t)((const unsigned char *)borrow->payload - ring->slots);

	FUZZ_CHECK(at < (size_t)ring->slot_count * ring->slot_bytes);
	FUZZ_CHECK(at % ring->slot_bytes == sizeof(struct takt_slot_shm));
	FUZZ_CHECK((uintptr_t)borrow->payload % TAKT_PAYLOAD_ALIGNMENT == 0);
}

/* -------------------------------------------------------------------------------------------------------- steps */

static void borrow(struct stage *stage, int is_latest)
{
	struct takt_borrow *next = &stage->borrows[stage->borrow_count];
	struct takt_sample_info info = {0};

	if (stage->borrow_count == BORROWS_MAX)
		return;
	enum takt_status status = is_latest ? takt_borrow_latest(&stage->subscriber, next, &info)
					    : takt_borrow_next(&stage->subscriber, next, &info);
	if (status == TAKT_FULL) {
		FUZZ_CHECK(stage->borrow_count >= 1);
		return;
	}
	check_read(stage, status, &info);
	if (status != TAKT_OK)
		return;
	check_inside(stage, next);
	stage->borrow_count++;
}

/* Somebody may have taken the pin away meanwhile; then the reader is told. */
static void give_back(struct stage *stage)
{
	struct takt_borrow *borrowed = &stage->borrows[--stage->borrow_count];
	enum takt_status status = takt_return(&stage->subscriber, borrowed);

	FUZZ_CHECK(status == TAKT_OK || status == TAKT_OVERTAKEN);
	FUZZ_CHECK(borrowed->payload == NULL);
	check_account(&stage->subscriber);
}

static void publish(struct stage *stage, uint32_t how)
{
	struct fuzz_sample sample = {.count = 7};
	struct takt_loan loan = {0};
	enum takt_status status;

	if (how == 0) {
		status = takt_publish(&stage->publisher, &sample, NULL);
	} else {
		status = takt_publisher_loan(&stage->publisher, &loan);
		if (status == TAKT_OK) {
			memcpy(loan.payload, &sample, sizeof(sample));
			status = takt_publish_loan(&stage->publisher, &loan, NULL);
		}
		if (status == TAKT_TIMEOUT && loan.payload)
			takt_publisher_abandon(&stage->publisher, &loan);
	}
	FUZZ_CHECK(status == TAKT_OK || status == TAKT_TIMEOUT || status == TAKT_FULL);
}

/* A word of the topic behind its constants, or of the roster behind its head. */
static void scribble(struct fuzz_input *input, struct stage *stage, int on_roster)
{
	const struct takt_os_shm *shm = on_roster ? &victim.domain.roster : &stage->publisher.segment;
	size_t first =
		on_roster ? sizeof(struct takt_roster_shm) : offsetof(struct takt_topic_shm, description.type_hash);
	size_t at = first + 4 * ((size_t)fuzz_number(input, 2) % (((size_t)shm->bytes - first) / 4 - 1));
	uint64_t value = 0;
	size_t count = fuzz_bytes(input, &value, 8);

	memcpy((unsigned char *)shm->address + at, &value, count);
}

/* A cell: the number that it should have, off by a little, and any slot. */
static void scribble_cell(struct fuzz_input *input, struct stage *stage)
{
	uint64_t number = fuzz_number(input, 1), slot = fuzz_number(input, 2);
	_Atomic uint64_t *cell = takt_ring_cell(&stage->publisher.ring, number);

	atomic_store_explicit(cell, takt_cell_pack(number, (uint32_t)slot), memory_order_relaxed);
	if (slot & 1)
		atomic_store_explicit(takt_ring_head(&stage->publisher.ring), number, memory_order_relaxed);
}

static void read_as_tool(struct stage *stage)
{
	struct takt_sample_header header;
	uint64_t lost = 0, before = stage->reader.next;
	enum takt_status status = reader_next(&stage->reader, &header, &lost);

	FUZZ_CHECK(is_read_status(status) && stage->reader.next - before == lost + (status == TAKT_OK));
	(void)reader_rate_hz(&stage->reader);
}

static void step(struct fuzz_input *input, struct stage *stage, uint32_t what)
{
	struct takt_sample_info info = {0};
	struct fuzz_sample sample;

	switch (what % 12) {
	case 0:
	case 1:
		publish(stage, what % 12);
		break;
	case 2:
		check_read(stage, takt_read_next(&stage->subscriber, &sample, &info), &info);
		break;
	case 3:
		check_read(stage, takt_read_latest(&stage->subscriber, &sample, &info), &info);
		break;
	case 4:
	case 5:
		borrow(stage, what % 12 == 5);
		break;
	case 6:
		if (stage->borrow_count)
			give_back(stage);
		break;
	case 7:
		(void)takt_subscriber_has_news(&stage->subscriber);
		(void)takt_subscriber_news_ns(&stage->subscriber);
		break;
	case 8:
		read_as_tool(stage);
		break;
	case 9:
	case 10:
		scribble(input, stage, what % 12 == 10);
		break;
	default:
		scribble_cell(input, stage);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct stage *stage = &stages[fuzz_number(&input, 1) % 2];

	fuzz_listen();
	set_up();
	reset(stage);
	int descriptor = fuzz_free_descriptor();
	for (uint32_t i = 0; i < STEPS_MAX && input.left; i++)
		step(&input, stage, (uint32_t)fuzz_number(&input, 1));
	while (stage->borrow_count)
		give_back(stage);
	FUZZ_CHECK(fuzz_free_descriptor() == descriptor);
	return 0;
}
