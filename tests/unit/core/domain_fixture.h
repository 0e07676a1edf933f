/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What core's tests share: a private shared-memory folder (support.h's `scratch`), configs as files, nodes that join, and a tear-down
 * that fails when anything was left behind. Children, flags and messages come from the platform's support.h, included here.
 *
 *	static const char config[] = "domain: test\ntopics: [...]\nnodes: [...]\n";
 *	static void does_something(void **state)
 *	{
 *		fixture_config(config);
 *		struct takt_node *sensor = fixture_join("sensor");
 *		...
 *	}
 *	cmocka_unit_test_setup_teardown(does_something, fixture_set_up, fixture_tear_down)
 *
 * The tear-down leaves all nodes, cleans every domain and asserts that no object, no descriptor and no child is left. Publishers and
 * subscribers are the test's: detach them before.
 * In a child (start_child) join with fixture_child_join: the parent's nodes are lost there, and cmocka's asserts do not work.
 */
#ifndef TAKT_TEST_CORE_DOMAIN_FIXTURE_H
#define TAKT_TEST_CORE_DOMAIN_FIXTURE_H

#include "tests/unit/platform/support.h"

#include <dirent.h>

#include "core/config.h"
#include "core/domain.h"
#include "core/node.h"

#define FIXTURE_NODE_COUNT_MAX 8
#define FIXTURE_SAID_BYTES     16384

static struct {
	char config_path[128];
	char said[FIXTURE_SAID_BYTES]; /* all messages since forget_said, one a line */
	struct takt_node nodes[FIXTURE_NODE_COUNT_MAX];
	uint32_t node_count;
	unsigned descriptor_count; /* before the test */
} fixture;

/* --- messages: support.h keeps the last one, this keeps them all --- */

static inline void fixture_keep_message(void *context, enum takt_severity severity, const char *text)
{
	size_t used = strlen(fixture.said);

	keep_message(context, severity, text);
	(void)snprintf(fixture.said + used, sizeof(fixture.said) - used, "%s\n", text);
}

static inline void forget_said(void)
{
	forget_messages();
	fixture.said[0] = '\0';
}

static inline void assert_said(const char *part)
{
	if (strstr(fixture.said, part) == NULL)
		fail_msg("of the messages \"%s\" none has \"%s\"", fixture.said, part);
}

static inline void assert_nothing_said(void)
{
	if (fixture.said[0] != '\0')
		fail_msg("a message where none was expected: \"%s\"", fixture.said);
}

/* --- configs --- */

/* Writes a config file beside the objects. */
static inline void fixture_write_config(char path[128], const char *file_name, const char *text)
{
	FILE *file;

	scratch_path(path, file_name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* The config that fixture_join uses. */
static inline const char *fixture_config(const char *text)
{
	fixture_write_config(fixture.config_path, "config.yaml", text);
	return fixture.config_path;
}

/* A config that was read, for functions that want one. To be freed with takt_config_free. */
static inline const struct takt_config *fixture_parse(const char *text)
{
	const struct takt_config *config = NULL;

	assert_int_equal(takt_config_parse(&config, text, (uint32_t)strlen(text), "test"), TAKT_OK);
	return config;
}

/* --- nodes --- */

static inline enum takt_status fixture_try_join(struct takt_node **joined, const char *name)
{
	struct takt_node *node = &fixture.nodes[fixture.node_count];
	enum takt_status status;

	assert_true(fixture.node_count < FIXTURE_NODE_COUNT_MAX);
	status = takt_node_join(node, fixture.config_path, name);
	if (status == TAKT_OK) {
		fixture.node_count++;
		*joined = node;
	}
	return status;
}

static inline struct takt_node *fixture_join(const char *name)
{
	struct takt_node *node = NULL;
	enum takt_status status = fixture_try_join(&node, name);

	if (status != TAKT_OK)
		fail_msg("node '%s' cannot join: %s: %s", name, takt_status_name(status), fixture.said);
	return node;
}

/* For children: a node of the child's own, or NULL. */
static inline struct takt_node *fixture_child_join(const char *name)
{
	static struct takt_node nodes[FIXTURE_NODE_COUNT_MAX];
	static uint32_t count;

	if (count == FIXTURE_NODE_COUNT_MAX || takt_node_join(&nodes[count], fixture.config_path, name) != TAKT_OK)
		return NULL;
	return &nodes[count++];
}

/* For children: say what went wrong on standard error, where a person finds it, instead of in memory that dies. */
static inline void fixture_child_speaks(void)
{
	takt_message_handler_set(NULL, NULL);
}

/* --- set-up and tear-down --- */

static inline unsigned fixture_count_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	unsigned count = 0;

	if (list == NULL)
		return 0;
	while (readdir(list) != NULL)
		count++;
	(void)closedir(list);
	return count;
}

/* LTTng's thread opens and closes sockets as it looks for its daemon, in any build with tracing and slowly under emulation: one that it had
 * open before the test and has closed since is no leak, and one that goes is none either. tests/failing/ holds that takt closes none of
 * others'. */
static inline int fixture_leaves_descriptors(void)
{
	for (unsigned tries = 0; tries < 1000; tries++) {
		if (fixture_count_descriptors() <= fixture.descriptor_count)
			return 0;
		(void)sched_yield();
	}
	return 1;
}

static inline int fixture_set_up(void **state)
{
	memset(&fixture, 0, sizeof(fixture));
	if (scratch_set_up(state) != 0)
		return -1;
	takt_message_handler_set(fixture_keep_message, NULL);
	fixture.descriptor_count = fixture_count_descriptors();
	return 0;
}

static inline void fixture_ignore_report(void *context, const char *object, enum takt_status result)
{
	(void)context;
	(void)object;
	(void)result;
}

/* Cleans each domain that stands in the scratch folder; counts what cannot be cleaned. */
static inline void fixture_clean_domain(void *context, const struct takt_os_entry *entry)
{
	unsigned *kept = context;

	if (entry->kind != TAKT_OS_FOLDER || strncmp(entry->name, TAKT_FOLDER_PREFIX, strlen(TAKT_FOLDER_PREFIX)) != 0)
		return;
	if (takt_domain_clean(entry->name + strlen(TAKT_FOLDER_PREFIX), fixture_ignore_report, NULL) != TAKT_OK) {
		print_error("domain folder %s cannot be cleaned: %s\n", entry->name, messages.last);
		(*kept)++;
	}
}

static inline void fixture_count_residue(void *context, const struct takt_os_entry *entry)
{
	if (strstr(entry->name, ".yaml") != NULL)
		return;
	print_error("left behind: %s\n", entry->name);
	(*(unsigned *)context)++;
}

static inline int fixture_tear_down(void **state)
{
	unsigned left = 0;
	int folder = -1;

	while (fixture.node_count > 0)
		takt_node_leave(&fixture.nodes[--fixture.node_count]);
	if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD) {
		print_error("a child was left\n");
		left++;
	}
	if (fixture_leaves_descriptors()) {
		print_error("%u descriptors open, %u before the test\n", fixture_count_descriptors(),
			    fixture.descriptor_count);
		left++;
	}
	if (takt_os_folder_open_root(&folder) == TAKT_OK) {
		if (takt_os_folder_each(folder, fixture_clean_domain, &left) != TAKT_OK ||
		    takt_os_folder_each(folder, fixture_count_residue, &left) != TAKT_OK)
			left++;
		takt_os_folder_close(&folder);
	}
	return scratch_tear_down(state) != 0 || left != 0 ? -1 : 0;
}

#endif
