/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "core/layout.h"
#include "core/node_presence.h"

#define KEPT_MAX TAKT_HANDLES_PER_NODE_MAX

static const char config[] = "domain: test\nnodes:\n  - {name: one, program: x}\n  - {name: two, program: x}\n";

static int set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(config);
	return 0;
}

static struct takt_os_presence open_live(const struct takt_node *node)
{
	struct takt_os_presence presence = {.descriptor = -1};

	assert_int_equal(takt_os_presence_open(&presence, node->domain.folder, "live", 1, &private_rights), TAKT_OK);
	return presence;
}

static void a_node_keeps_as_many_as_its_handles_can_have(void **state)
{
	static struct takt_os_presence kept[KEPT_MAX], one_more;
	struct takt_node *node = fixture_join("one");

	(void)state;
	for (unsigned i = 0; i < KEPT_MAX; i++) {
		kept[i] = open_live(node);
		assert_int_equal(takt_node_presence_keep(node, &kept[i]), TAKT_OK);
	}
	one_more = open_live(node);
	assert_int_equal(takt_node_presence_keep(node, &one_more), TAKT_LIMIT);
	assert_said("node 'one' has 128 publishers, producers, consumers and synchronisation objects");
	/* One that was not kept is closed all the same, and so is one that never was open. */
	takt_node_presence_close(node, &one_more);
	assert_int_equal(one_more.descriptor, -1);
	takt_node_presence_close(node, &one_more);
	for (unsigned i = 0; i < KEPT_MAX; i++)
		takt_node_presence_close(node, &kept[i]);
	for (unsigned i = 0; i < KEPT_MAX; i++)
		assert_int_equal(atomic_load(&node->publisher_descriptors[i]), 0);
}

static void a_second_handle_gets_a_token_of_its_own(void **state)
{
	struct takt_node *node = fixture_join("one");
	struct takt_os_presence first = open_live(node), second = open_live(node);
	uint64_t token = 4711, other = 4711;

	(void)state;
	assert_int_equal(takt_presence_hold_token(&first, &token, "queue", "jobs"), TAKT_OK);
	assert_int_equal(token, 4711);
	assert_int_equal(takt_presence_hold_token(&second, &other, "queue", "jobs"), TAKT_OK);
	assert_true(other != token && other != 0 && other <= TAKT_OS_TOKEN_MAX);
	takt_os_presence_close(&first);
	takt_os_presence_close(&second);
}

static void a_file_that_another_locks_whole_is_told(void **state)
{
	struct takt_node *node = fixture_join("one");
	struct takt_os_presence presence = open_live(node);
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 4000, .l_len = 0};
	uint64_t token = 4711;
	char path[160];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/takt.test/live", scratch);
	const int file = open(path, O_RDWR | O_CLOEXEC);
	/* The joined node holds its own byte: all but that one. */
	whole.l_len = (off_t)(node->token - 4000);
	assert_true(file >= 0 && fcntl(file, F_OFD_SETLK, &whole) == 0);
	whole.l_start = (off_t)(node->token + 1);
	whole.l_len = 0;
	assert_int_equal(fcntl(file, F_OFD_SETLK, &whole), 0);
	assert_int_equal(takt_presence_hold_token(&presence, &token, "queue", "jobs"), TAKT_BUSY);
	assert_said("queue 'jobs': another process locks its whole presence file; find and stop it");
	(void)close(file);
	takt_os_presence_close(&presence);
}

static void a_token_is_named(void **state)
{
	struct takt_node *one = fixture_join("one"), *two = fixture_join("two");
	char name[TAKT_NAME_BYTES];

	(void)state;
	assert_string_equal(takt_node_of_token(&one->domain, two->token, name), "two");
	assert_string_equal(takt_node_of_token(&one->domain, 0, name), "a process that is no node of the domain now");
	assert_string_equal(takt_node_of_token(&one->domain, 1, name), "a process that is no node of the domain now");
	/* The roster is everybody's: what stands there is not printed as it stands. */
	char *there = takt_domain_node(&one->domain, 1)->name;
	memcpy(there, "\033[2Jtwo", 8);
	assert_string_equal(takt_node_of_token(&one->domain, two->token, name),
			    "a node whose name in the roster is damaged");
	memcpy(there, "two\0\0\0\0", 8);
}

#define PRESENCE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PRESENCE_TEST(a_node_keeps_as_many_as_its_handles_can_have),
		PRESENCE_TEST(a_second_handle_gets_a_token_of_its_own),
		PRESENCE_TEST(a_file_that_another_locks_whole_is_told),
		PRESENCE_TEST(a_token_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
