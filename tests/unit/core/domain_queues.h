/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_domain.c: what a domain has of its queues: their objects, and their place in the roster. */
#ifndef TAKT_TEST_CORE_DOMAIN_QUEUES_H
#define TAKT_TEST_CORE_DOMAIN_QUEUES_H

#define QUEUE_NODES                                                                                                    \
	"nodes:\n"                                                                                                     \
	"  - {name: boss, program: x, pushes: [jobs]}\n"                                                               \
	"  - {name: worker, program: x, takes: [jobs, tasks]}\n"

static const char queue_text[] = "domain: test\n"
				 "queues:\n"
				 "  - {name: jobs, type: job, bytes: 8, bands: 2, mode: 0640}\n"
				 "  - {name: tasks, type: job, bytes: 8}\n" QUEUE_NODES;

static void a_queues_objects_have_rights_of_their_own(void **state)
{
	const struct takt_config *config = fixture_parse(queue_text);
	char path[128];
	uint32_t created = 0;

	(void)state;
	assert_int_equal(takt_domain_create(config, &created), TAKT_OK);
	assert_int_equal(created, 6);
	object_mode_is("takt.test/queue.jobs", 0640);
	object_mode_is("takt.test/state.jobs", 0660);
	object_mode_is("takt.test/live.jobs", 0660);
	object_mode_is("takt.test/queue.tasks", 0600);
	assert_int_equal(takt_domain_create(config, &created), TAKT_OK);
	assert_int_equal(created, 0);
	/* One of the three has gone, or is somebody else's. */
	scratch_path(path, "takt.test/state.tasks");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(takt_domain_create(config, &created), TAKT_ABSENT);
	assert_said("queue 'tasks' of domain 'test': a segment of it or its presence file is missing");
	scratch_path(path, "takt.test/queue.tasks");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(takt_domain_create(config, &created), TAKT_OK);
	assert_int_equal(created, 2);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(takt_domain_create(config, &created), TAKT_MISMATCH);
	takt_config_free(config);
}

static void creating_again_compares_the_queues_too(void **state)
{
	static const char other[] = "domain: test\n"
				    "queues:\n"
				    "  - {name: jobs, type: job, bytes: 8, bands: 2, mode: 0640}\n"
				    "  - {name: tasks, type: job, bytes: 8, deliveries: 3}\n" QUEUE_NODES;
	const struct takt_config *same = fixture_parse(queue_text);
	const struct takt_config *limited = fixture_parse(other);
	uint32_t created = 0;

	(void)state;
	assert_int_equal(takt_domain_create(same, &created), TAKT_OK);
	assert_int_equal(takt_domain_create(limited, &created), TAKT_MISMATCH);
	assert_said("queue 'tasks': `deliveries` is 0 in the running domain and 3");
	takt_config_free(same);
	takt_config_free(limited);
}

static void a_config_with_other_queues_is_refused_with_the_first_difference(void **state)
{
	static const struct {
		const char *queues;
		const char *nodes;
		const char *said;
	} others[] = {
		{"  - {name: job, type: job, bytes: 8, bands: 2}\n", "",
		 "queue 1 is 'jobs' in the running domain and 'job'"},
		{"  - {name: jobs, type: job, bytes: 8, bands: 3}\n", "",
		 "`bands` of queue jobs is 2 in the running domain and 3"},
		{"  - {name: jobs, type: job, bytes: 8, bands: 2}\n", "takes: [jobs]",
		 "the set of producers (as waiter bits) of queue jobs is 1 in the running domain and 0"},
		{"  - {name: jobs, type: job, bytes: 8, bands: 2}\n", "pushes: [jobs]",
		 "the set of consumers (as waiter bits) of queue jobs is 2 in the running domain and 0"},
		{"", "", "the number of queues is 2 in the running domain and 0"},
	};
	struct takt_domain first = {0}, second = {0};
	char other[512];

	(void)state;
	assert_int_equal(open_text(&first, queue_text), TAKT_OK);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		(void)snprintf(other, sizeof(other),
			       "domain: test\nqueues: %s%snodes:\n  - {name: boss, program: x%s%s}\n%s",
			       others[i].queues[0] ? "\n" : "[]\n", others[i].queues, others[i].nodes[0] ? ", " : "",
			       others[i].nodes, "  - {name: worker, program: x}\n");
		forget_said();
		assert_int_equal(open_text(&second, other), TAKT_MISMATCH);
		assert_said(others[i].said);
	}
	takt_domain_close(&first);
}

static void a_tool_finds_a_queue_by_its_name(void **state)
{
	struct takt_domain domain = {0}, tool = {0};

	(void)state;
	assert_int_equal(open_text(&domain, queue_text), TAKT_OK);
	assert_int_equal(takt_domain_attach(&tool, "test"), TAKT_OK);
	assert_int_equal(tool.queue_count, 2);
	assert_int_equal(tool.mask_count, 6);
	assert_int_equal(takt_domain_queue_find(&tool, "tasks"), 1);
	assert_int_equal(takt_domain_queue_find(&tool, "topic"), UINT32_MAX);
	assert_int_equal(takt_domain_queue(&tool, 1)->mask_first, 4);
	assert_int_equal(takt_domain_queue(&tool, 0)->consumer_mask, 2);
	takt_domain_close(&tool);
	takt_domain_close(&domain);
}

#endif
