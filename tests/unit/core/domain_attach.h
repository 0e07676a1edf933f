/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_domain.c: tools, creation for others, clean-ups in the way, and a roster that somebody damaged. */
#ifndef TAKT_TEST_CORE_DOMAIN_ATTACH_H
#define TAKT_TEST_CORE_DOMAIN_ATTACH_H

static void tools_attach_for_reading_and_are_no_members(void **state)
{
	struct takt_domain member = {0};
	struct takt_domain tool = {0};

	(void)state;
	assert_int_equal(open_text(&member, text), TAKT_OK);
	assert_int_equal(takt_domain_attach(&tool, "test"), TAKT_OK);
	assert_true(tool.instance == member.instance);
	assert_int_equal(tool.pin_count, 3);
	assert_string_equal(takt_domain_topic(&tool, 1)->name, "motor");
	takt_domain_close(&member);
	/* An attached tool keeps nobody from cleaning. */
	assert_int_equal(takt_domain_clean("test", fixture_ignore_report, NULL), TAKT_OK);
	assert_false(takt_os_shm_has_name(&tool.roster));
	assert_string_equal(takt_domain_node(&tool, 0)->name, "sensor");
	takt_domain_close(&tool);
}

static int write_roster(void *argument)
{
	struct takt_domain tool = {0};

	(void)argument;
	if (takt_domain_attach(&tool, "test") != TAKT_OK)
		return 1;
	(void)signal(SIGSEGV, SIG_DFL); /* the sanitizer's handler would make an exit of it */
	atomic_store((_Atomic uint64_t *)&takt_domain_mask(&tool, 0)->waiting, 1);
	return 0;
}

static void a_tool_cannot_write_the_roster(void **state)
{
	struct takt_domain member = {0};

	(void)state;
	assert_int_equal(open_text(&member, text), TAKT_OK);
	assert_int_equal(in_child(write_roster, NULL), KILLED_BY(SIGSEGV));
	assert_int_equal(atomic_load(&takt_domain_mask(&member, 0)->waiting), 0);
	takt_domain_close(&member);
}

static void attaching_to_nothing_is_absent(void **state)
{
	struct takt_domain tool = {0};
	char path[128];

	(void)state;
	assert_int_equal(takt_domain_attach(&tool, "test"), TAKT_ABSENT);
	scratch_path(path, "takt.test");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(takt_domain_attach(&tool, "test"), TAKT_ABSENT);
}

static void create_makes_every_object_once(void **state)
{
	const struct takt_config *config = fixture_parse(text);
	uint32_t created = 77;
	char path[128];
	struct stat found;

	(void)state;
	assert_int_equal(takt_domain_create(config, &created), TAKT_OK);
	assert_int_equal(created, 4); /* live.T and topic.T of two topics */
	scratch_path(path, "takt.test/topic.motor");
	assert_int_equal(stat(path, &found), 0);
	object_mode_is("takt.test/topic.imu", 0600);
	object_mode_is("takt.test/live.imu", 0600);
	assert_int_equal(takt_domain_create(config, &created), TAKT_OK);
	assert_int_equal(created, 0);
	takt_config_free(config);
}

static int hold_byte_0(void *argument)
{
	_Atomic int *held = argument;
	struct takt_os_presence live = {-1};
	struct takt_os_rights any = {TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, 0};
	int folder = -1;

	if (takt_os_folder_open(&folder, "takt.test", NULL) != TAKT_OK ||
	    takt_os_presence_open(&live, folder, TAKT_LIVE_NAME, 1, &any) != TAKT_OK ||
	    takt_os_presence_hold(&live, 0) != TAKT_OK)
		return 1;
	atomic_store(held, 1);
	for (;;)
		(void)pause();
}

static void a_clean_up_that_does_not_end_is_busy(void **state)
{
	_Atomic int *held = shared_memory(sizeof(*held));
	struct takt_domain domain = {0};

	(void)state;
	assert_int_equal(open_text(&domain, text), TAKT_OK);
	takt_domain_close(&domain);
	pid_t child = start_child(hold_byte_0, (void *)(uintptr_t)held);
	assert_true(wait_for_flag(held, 1));
	assert_int_equal(open_text(&domain, text), TAKT_BUSY);
	assert_said("kept busy by a clean-up");
	assert_int_equal(messages.count, 1);
	(void)kill(child, SIGKILL);
	assert_int_equal(result_of_child(child), KILLED_BY(SIGKILL));
	assert_int_equal(open_text(&domain, text), TAKT_OK);
	takt_domain_close(&domain);
	(void)munmap((void *)(uintptr_t)held, sizeof(*held));
}

static void only_held_tokens_live(void **state)
{
	struct takt_domain holder = {0};
	struct takt_domain asker = {0};

	(void)state;
	assert_int_equal(open_text(&holder, text), TAKT_OK);
	assert_int_equal(open_text(&asker, text), TAKT_OK);
	assert_int_equal(takt_os_presence_hold(&holder.live, 12345), TAKT_OK);
	assert_int_equal(takt_os_presence_share(&holder.live, 777), TAKT_OK);
	assert_int_equal(takt_domain_ask(&asker, 12345), TAKT_OS_ALIVE);
	assert_int_equal(takt_domain_ask(&asker, 12346), TAKT_OS_DEAD);
	assert_int_equal(takt_domain_ask(&asker, 777), TAKT_OS_DEAD); /* a read lock fakes nothing */
	assert_int_equal(takt_domain_ask(&asker, 0), TAKT_OS_DEAD);
	assert_int_equal(takt_domain_ask(&asker, UINT64_MAX), TAKT_OS_DEAD);
	takt_domain_close(&holder);
	assert_int_equal(takt_domain_ask(&asker, 12345), TAKT_OS_DEAD);
	takt_domain_close(&asker);
}

static struct takt_roster_shm *roster_of(struct takt_domain *domain)
{
	return domain->roster.address;
}

/* Opens as member and as tool while the roster is damaged; both answer the same. */
static void both_refuse(void)
{
	struct takt_domain other = {0};

	forget_said();
	assert_int_equal(open_text(&other, text), TAKT_CORRUPT);
	assert_int_equal(takt_domain_attach(&other, "test"), TAKT_CORRUPT);
	assert_said("takt.test.roster");
	assert_said("damaged");
	assert_said("takt clean");
}

static void a_damaged_roster_is_refused(void **state)
{
	struct takt_domain member = {0};
	struct takt_roster_shm whole;

	(void)state;
	assert_int_equal(open_text(&member, text), TAKT_OK);
	whole = *roster_of(&member);
	roster_of(&member)->node_count = TAKT_NODE_COUNT_MAX + 1;
	both_refuse();
	*roster_of(&member) = whole;
	roster_of(&member)->pin_count = 4;
	both_refuse();
	*roster_of(&member) = whole;
	roster_of(&member)->masks_offset = UINT64_MAX - 7;
	both_refuse();
	*roster_of(&member) = whole;
	roster_of(&member)->nodes_offset += 4;
	both_refuse();
	*roster_of(&member) = whole;
	roster_of(&member)->waiters_offset += 8; /* aligned for a word, not for a semaphore */
	both_refuse();
	*roster_of(&member) = whole;
	roster_of(&member)->segment.kind = TAKT_SEGMENT_TOPIC;
	both_refuse();
	*roster_of(&member) = whole;
	takt_domain_close(&member);
}

/* Fewer waiters or pins than the nodes and topics in the same roster have: each number is possible, together they are not. A member
 * finds its own by the config's numbers, so it must not get as far as that. */
static void a_roster_with_too_few_waiters_or_pins_is_refused(void **state)
{
	struct takt_domain member = {0}, other = {0};

	(void)state;
	assert_int_equal(open_text(&member, text), TAKT_OK);
	forget_said();
	roster_of(&member)->waiter_count--;
	assert_int_equal(open_text(&other, text), TAKT_MISMATCH);
	assert_said("the number of waiters is 2 in the running domain and 3");
	roster_of(&member)->waiter_count++;
	roster_of(&member)->pin_count--;
	assert_int_equal(open_text(&other, text), TAKT_MISMATCH);
	assert_said("the number of pins is 2 in the running domain and 3");
	roster_of(&member)->pin_count++;
	roster_of(&member)->mask_count++;
	assert_int_equal(open_text(&other, text), TAKT_MISMATCH);
	assert_said("the number of waiting masks is 3 in the running domain and 2");
	roster_of(&member)->mask_count--;
	assert_int_equal(open_text(&other, text), TAKT_OK);
	takt_domain_close(&other);
	takt_domain_close(&member);
}

/* From a seed, so that a failure can be had again. */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void no_scribbling_over_the_roster_crashes_who_opens_it(void **state)
{
	struct takt_domain member = {0};
	static unsigned char whole[8192];
	uint64_t seed = 0x7a6b5c4d3e2f1;
	unsigned accepted = 0;

	(void)state;
	assert_int_equal(open_text(&member, text), TAKT_OK);
	const size_t bytes = (size_t)member.roster.bytes;
	assert_true(bytes <= sizeof(whole));
	memcpy(whole, member.roster.address, bytes);
	for (unsigned round = 0; round < 2000; round++) {
		struct takt_domain tool = {0};
		uint64_t *words = member.roster.address;

		for (unsigned i = 0; i < 1 + round % 4; i++)
			words[next_random(&seed) % (round & 1 ? 24 : bytes / 8)] =
				next_random(&seed) >> (next_random(&seed) % 64);
		forget_said();
		if (takt_domain_attach(&tool, "test") == TAKT_OK) {
			accepted++;
			for (uint32_t i = 0; i < tool.topic_count; i++)
				assert_true(takt_domain_mask(&tool, i) != NULL &&
					    takt_domain_topic_find(&tool, "none") == UINT32_MAX);
			for (uint32_t i = 0; i < tool.pin_count; i++)
				assert_true((unsigned char *)(takt_domain_pin(&tool, i) + 1) <=
					    (unsigned char *)tool.roster.address + tool.roster.bytes);
			takt_domain_close(&tool);
		}
		memcpy(member.roster.address, whole, bytes);
	}
	assert_true(accepted > 0 && accepted < 2000);
	takt_domain_close(&member);
}

#endif
