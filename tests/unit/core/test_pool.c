/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "core/layout.h"
#include "core/pool.h"
#include "core/protocol/lock.h"
#include "core/protocol/ring.h"

#define DEPTH	    8u
#define SPARE_COUNT 7u
#define SLOT_COUNT  (DEPTH + SPARE_COUNT)
#define SLOT_BYTES  128u
#define DEAD_TOKEN  UINT64_C(0x1234567)
#define MINE	    UINT64_C(0x7777)

static struct {
	_Atomic uint64_t head;
	_Atomic uint64_t cells[DEPTH];
	struct takt_spare_shm spares[SPARE_COUNT];
	struct takt_pin_shm pins[TAKT_BORROW_COUNT_MAX];
	_Alignas(64) unsigned char slots[SLOT_COUNT * SLOT_BYTES];
} memory;

static const struct takt_ring ring = {.head = &memory.head,
				      .cells = memory.cells,
				      .slots = memory.slots,
				      .spares = memory.spares,
				      .pins = memory.pins,
				      .depth_mask = DEPTH - 1,
				      .slot_count = SLOT_COUNT,
				      .slot_bytes = SLOT_BYTES,
				      .payload_bytes = 64,
				      .spare_count = SPARE_COUNT,
				      .pin_count = 4};

/* A ring that has published `head` samples, each from a spare of its own. */
static void make_ring(uint64_t head)
{
	memset(&memory, 0, sizeof(memory));
	for (uint32_t i = 0; i < DEPTH; i++)
		memory.cells[i] = i;
	for (uint32_t i = 0; i < SPARE_COUNT; i++)
		memory.spares[i].slot_index = DEPTH + i;
	for (uint64_t number = 1; number <= head; number++) {
		struct takt_spare_shm *spare = &memory.spares[number * 5 % SPARE_COUNT];
		spare->slot_index = takt_ring_commit(&ring, number, spare->slot_index);
	}
}

/* How many names a slot has among cells and spares. */
static unsigned name_count(uint32_t slot_index)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < DEPTH; i++)
		count += (memory.cells[i] & TAKT_CELL_SLOT_MASK) == slot_index;
	for (uint32_t i = 0; i < SPARE_COUNT; i++)
		count += memory.spares[i].slot_index == slot_index;
	return count;
}

static void every_slot_has_one_name(void)
{
	for (uint32_t i = 0; i < SLOT_COUNT; i++)
		if (name_count(i) != 1)
			fail_msg("slot %u has %u names", i, name_count(i));
}

/* Spares name slots that exist, each another, and none that a cell names. */
static void no_spare_shares_its_slot(void)
{
	for (uint32_t i = 0; i < SPARE_COUNT; i++) {
		uint32_t slot_index = memory.spares[i].slot_index;

		assert_true(slot_index < SLOT_COUNT);
		if (name_count(slot_index) != 1)
			fail_msg("slot %u of spare %u has %u names", slot_index, i, name_count(slot_index));
	}
}

/* A presence file in which some tokens are held, and the lock's view of it. */
static struct takt_os_presence holder = {-1};
static struct takt_os_presence asker = {-1};
static struct takt_lock_shm lock_memory;
static struct takt_lock lock;

static int pool_set_up(void **state)
{
	const struct takt_os_rights any = {TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, 0};

	if (fixture_set_up(state) != 0)
		return -1;
	int folder = scratch_open();
	if (takt_os_shm_create(folder, "live", 0, &private_rights, NULL, NULL) != TAKT_OK ||
	    takt_os_presence_open(&holder, folder, "live", 1, &any) != TAKT_OK ||
	    takt_os_presence_open(&asker, folder, "live", 1, &any) != TAKT_OK)
		return -1;
	takt_os_folder_close(&folder);
	takt_lock_init(&lock, &lock_memory, &asker, MINE);
	return 0;
}

static int pool_tear_down(void **state)
{
	char path[128];

	takt_os_presence_close(&holder);
	takt_os_presence_close(&asker);
	scratch_path(path, "live");
	(void)unlink(path);
	return fixture_tear_down(state);
}

static void publishing_keeps_one_name_for_every_slot(void **state)
{
	(void)state;
	for (uint64_t head = 0; head < 40; head++) {
		make_ring(head);
		every_slot_has_one_name();
	}
}

/* The swap is: cell, head, spare. Killed behind the first or the second store, the spare and the cell name one slot. */
static void every_half_done_swap_is_repaired(void **state)
{
	(void)state;
	for (uint64_t head = 0; head < 3 * DEPTH; head++) {
		for (uint32_t s = 0; s < SPARE_COUNT; s++) {
			for (unsigned head_stored = 0; head_stored < 2; head_stored++) {
				make_ring(head);
				*takt_ring_cell(&ring, head + 1) =
					takt_cell_pack(head + 1, memory.spares[s].slot_index);
				if (head_stored)
					memory.head = head + 1;
				assert_int_equal(name_count(memory.spares[s].slot_index), 2);
				takt_pool_rebuild(&ring, NULL);
				every_slot_has_one_name();
				assert_int_equal(takt_ring_roll_forward(&ring), head + 1);
				assert_int_equal(takt_ring_newest(&ring), head + 1);
			}
		}
	}
}

/* A reader that loads head, is held up, and finds its cell one or more rounds further: what it has read before is not newer. */
static void the_newest_is_what_the_cell_says_where_head_is_older(void **state)
{
	(void)state;
	for (uint64_t head = 1; head < 3 * DEPTH; head++) {
		for (uint64_t rounds = 0; rounds < 4; rounds++) {
			make_ring(head);
			const uint64_t number = head + 1 + rounds * DEPTH;
			*takt_ring_cell(&ring, number) = takt_cell_pack(number, memory.spares[0].slot_index);
			assert_int_equal(takt_ring_newest(&ring), number);
		}
	}
}

static void a_whole_pool_is_left_as_it_is(void **state)
{
	(void)state;
	for (uint64_t head = 0; head < 20; head++) {
		make_ring(head);
		uint32_t before[SPARE_COUNT];
		for (uint32_t i = 0; i < SPARE_COUNT; i++)
			before[i] = memory.spares[i].slot_index;
		takt_pool_rebuild(&ring, NULL);
		for (uint32_t i = 0; i < SPARE_COUNT; i++)
			assert_int_equal(memory.spares[i].slot_index, before[i]);
	}
}

static void a_rebuild_that_is_killed_anywhere_is_completed_by_the_next(void **state)
{
	(void)state;
	/* Every spare damaged; the killed rebuild has mended the first k. */
	for (uint32_t mended = 0; mended <= SPARE_COUNT; mended++) {
		make_ring(13);
		uint32_t whole[SPARE_COUNT];
		for (uint32_t i = 0; i < SPARE_COUNT; i++)
			memory.spares[i].slot_index = 3;
		takt_pool_rebuild(&ring, NULL);
		for (uint32_t i = 0; i < SPARE_COUNT; i++)
			whole[i] = memory.spares[i].slot_index;
		for (uint32_t i = mended; i < SPARE_COUNT; i++)
			memory.spares[i].slot_index = 3;
		takt_pool_rebuild(&ring, NULL);
		every_slot_has_one_name();
		for (uint32_t i = 0; i < mended; i++)
			assert_int_equal(memory.spares[i].slot_index, whole[i]);
	}
}

static void living_claims_are_kept_and_dead_ones_freed(void **state)
{
	(void)state;
	make_ring(5);
	assert_int_equal(takt_os_presence_hold(&holder, 100), TAKT_OK);
	takt_pool_claim(&ring, 0, 100, TAKT_CLAIM_LOAN);
	takt_pool_claim(&ring, 1, DEAD_TOKEN, TAKT_CLAIM_LOAN);
	takt_pool_claim(&ring, 2, MINE, TAKT_CLAIM_PUBLISH);
	takt_pool_claim(&ring, 3, 100, TAKT_CLAIM_PUBLISH);
	takt_pool_claim(&ring, 4, UINT64_MAX, TAKT_CLAIM_LOAN); /* nobody's token */
	uint32_t kept = memory.spares[0].slot_index;
	assert_int_equal(takt_pool_claim_count(&ring, TAKT_CLAIM_LOAN), 3);
	assert_int_equal(takt_pool_claim_count(&ring, TAKT_CLAIM_PUBLISH), 2);
	/* Half a swap of the dead one. */
	*takt_ring_cell(&ring, 6) = takt_cell_pack(6, memory.spares[1].slot_index);
	takt_pool_rebuild(&ring, &lock);
	every_slot_has_one_name();
	assert_int_equal(memory.spares[0].slot_index, kept);
	assert_int_equal(memory.spares[0].owner, 100);
	assert_int_equal(memory.spares[1].owner, 0);
	assert_int_equal(memory.spares[2].owner, MINE);
	assert_int_equal(memory.spares[3].owner, 100);
	assert_int_equal(memory.spares[4].owner, 0);
	assert_int_equal(takt_pool_claim_count(&ring, TAKT_CLAIM_LOAN), 1);
	takt_pool_release_all(&ring, 100);
	assert_int_equal(takt_pool_claim_count(&ring, TAKT_CLAIM_LOAN), 0);
	assert_int_equal(takt_pool_claim_count(&ring, TAKT_CLAIM_PUBLISH), 1);
	takt_pool_rebuild(&ring, NULL); /* alone: all claims are dead ones */
	assert_int_equal(takt_pool_claim_count(&ring, TAKT_CLAIM_PUBLISH), 0);
}

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void random_damage_to_spares_is_repaired(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		make_ring(next_random() % 50);
		for (unsigned i = 0; i < 1 + round % SPARE_COUNT; i++) {
			struct takt_spare_shm *spare = &memory.spares[next_random() % SPARE_COUNT];

			spare->slot_index = (uint32_t)(next_random() % (round & 1 ? SLOT_COUNT : UINT32_MAX));
			spare->owner = next_random() >> (next_random() % 64);
			spare->purpose = (uint32_t)next_random();
		}
		takt_pool_rebuild(&ring, round & 2 ? &lock : NULL);
		every_slot_has_one_name();
	}
}

static void random_damage_to_cells_makes_no_two_publishes_share_a_slot(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		make_ring(next_random() % 50);
		for (unsigned i = 0; i < 1 + round % DEPTH; i++)
			memory.cells[next_random() % DEPTH] = round & 1 ? next_random() % SLOT_COUNT : next_random();
		for (unsigned i = 0; i < round % 4; i++)
			memory.spares[next_random() % SPARE_COUNT].slot_index = (uint32_t)next_random();
		takt_pool_rebuild(&ring, NULL);
		no_spare_shares_its_slot();
	}
}

static void a_pinned_or_claimed_slot_is_never_chosen(void **state)
{
	(void)state;
	make_ring(3);
	for (uint32_t i = 0; i < 4; i++)
		memory.pins[i].slot_plus_one = memory.spares[i].slot_index + 1;
	assert_int_equal(takt_ring_choose(&ring, 0), 4);
	takt_pool_claim(&ring, 4, MINE, TAKT_CLAIM_PUBLISH);
	takt_pool_claim(&ring, 5, MINE, TAKT_CLAIM_LOAN);
	assert_int_equal(takt_ring_choose(&ring, 4), 6);
	takt_pool_claim(&ring, 6, MINE, TAKT_CLAIM_LOAN);
	assert_int_equal(takt_ring_choose(&ring, 0), UINT32_MAX);
	takt_ring_unpin(&memory.pins[2]);
	assert_int_equal(takt_ring_choose(&ring, 5), 2);
	memory.pins[2].slot_plus_one = UINT32_MAX; /* a lie pins nothing */
	assert_int_equal(takt_ring_choose(&ring, 3), 2);
}

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, pool_set_up, pool_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(publishing_keeps_one_name_for_every_slot),
		POOL_TEST(every_half_done_swap_is_repaired),
		POOL_TEST(the_newest_is_what_the_cell_says_where_head_is_older),
		POOL_TEST(a_whole_pool_is_left_as_it_is),
		POOL_TEST(a_rebuild_that_is_killed_anywhere_is_completed_by_the_next),
		POOL_TEST(living_claims_are_kept_and_dead_ones_freed),
		POOL_TEST(random_damage_to_spares_is_repaired),
		POOL_TEST(random_damage_to_cells_makes_no_two_publishes_share_a_slot),
		POOL_TEST(a_pinned_or_claimed_slot_is_never_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
