/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "core/access.h"

#define OPERATORS 61001u
#define TUNERS	  61002u
#define ANNA	  61003u
#define STRANGER  61004u

static const struct takt_config *config;
static struct takt_access *access_rules;
static char why[160];

static int set_up(void **state)
{
	(void)state;
	forget_said();
	takt_message_handler_set(fixture_keep_message, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	takt_access_close(&access_rules);
	assert_null(access_rules);
	takt_config_free(config);
	config = NULL;
	takt_message_handler_set(NULL, NULL);
	return 0;
}

static void open_rules(const char *rules, const char *node)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		       "domain: test\nnodes:\n  - {name: robot, program: x}\n  - {name: arm, program: x}\n%s", rules);
	takt_access_close(&access_rules);
	takt_config_free(config);
	config = fixture_parse(text);
	assert_int_equal(takt_access_open(&access_rules, config, node), TAKT_OK);
}

static int permits(uint32_t user, uint32_t group, uint32_t further, const char *text)
{
	const struct takt_os_sender sender = {.user = user,
					      .group = group,
					      .further_count = further != 0,
					      .further_groups = {further}};
	struct takt_line line;

	why[0] = '\0';
	assert_int_equal(takt_line_parse(text, &line, why, sizeof(why)), TAKT_OK);
	return takt_access_permits(access_rules, &sender, &line, why, sizeof(why));
}

static void without_rules_there_is_nothing_to_ask(void **state)
{
	(void)state;
	open_rules("", "robot");
	assert_null(access_rules);
}

static void a_user_may_what_a_rule_says_and_nothing_else(void **state)
{
	(void)state;
	open_rules("access: [{users: [61003], nodes: [robot], commands: [start, stop, home]}]\n", "robot");
	assert_true(permits(ANNA, STRANGER, 0, "stop"));
	assert_true(permits(ANNA, STRANGER, 0, "home fast"));
	assert_false(permits(ANNA, STRANGER, 0, "quit"));
	assert_string_equal(why, "user 61003 may not quit here; `access` in the config says who may");
	assert_false(permits(ANNA, STRANGER, 0, "set kp=1"));
	assert_false(permits(ANNA, STRANGER, 0, "sto"));
	assert_false(permits(ANNA, STRANGER, 0, "stopp"));
	assert_false(permits(STRANGER, STRANGER, 0, "stop"));
	/* Nor is a group's number a user's. */
	assert_false(permits(STRANGER, ANNA, ANNA, "stop"));
}

static void a_rule_for_another_node_says_nothing_here(void **state)
{
	static const char rules[] = "access: [{users: [61003], nodes: [robot]}]\n";

	(void)state;
	open_rules(rules, "robot");
	assert_true(permits(ANNA, 0, 0, "quit"));
	open_rules(rules, "arm");
	assert_non_null(access_rules);
	assert_false(permits(ANNA, STRANGER, 0, "quit"));
}

static void a_group_counts_whichever_of_the_senders_it_is(void **state)
{
	(void)state;
	open_rules("access: [{groups: [61001], commands: [stop]}]\n", "robot");
	assert_true(permits(STRANGER, OPERATORS, 0, "stop"));
	assert_true(permits(STRANGER, STRANGER, OPERATORS, "stop"));
	assert_false(permits(STRANGER, STRANGER, TUNERS, "stop"));
	assert_false(permits(OPERATORS, STRANGER, 0, "stop"));
}

static void every_parameter_of_a_set_must_be_allowed(void **state)
{
	(void)state;
	open_rules("access:\n  - {groups: [61002], commands: [set], parameters: [kp, kd]}\n"
		   "  - {users: [61003], parameters: [ki]}\n",
		   "robot");
	assert_true(permits(STRANGER, TUNERS, 0, "set kp=1 kd=2"));
	assert_false(permits(STRANGER, TUNERS, 0, "set kp=1 ki=2"));
	assert_string_equal(why, "user 61004 may not set ki here; `access` in the config says who may");
	assert_false(permits(STRANGER, TUNERS, 0, "set ki=1 kp=1"));
	assert_false(permits(STRANGER, TUNERS, 0, "set kp=1\tki=2"));
	assert_false(permits(STRANGER, TUNERS, 0, "set kp=1\rki=2"));
	/* Near is not the same. */
	assert_false(permits(STRANGER, TUNERS, 0, "set k=1"));
	assert_false(permits(STRANGER, TUNERS, 0, "set kpp=1"));
	assert_false(permits(STRANGER, TUNERS, 0, "set kpi=kp=1"));
	assert_false(permits(STRANGER, TUNERS, 0, "set =1"));
	assert_false(permits(STRANGER, TUNERS, 0, "quit"));
	/* Rules add up. */
	assert_true(permits(ANNA, TUNERS, 0, "set kp=1 ki=2 kd=3"));
	assert_true(permits(ANNA, STRANGER, 0, "set ki=2"));
	assert_false(permits(ANNA, STRANGER, 0, "set kp=1"));
	assert_true(permits(ANNA, STRANGER, 0, "quit"));
}

static void root_and_the_nodes_own_user_may_everything(void **state)
{
	(void)state;
	open_rules("access: [{users: [61003], commands: [stop]}]\n", "robot");
	assert_true(permits(0, STRANGER, 0, "quit"));
	assert_true(permits(takt_os_user_id(), STRANGER, 0, "set kp=1"));
}

static void who_is_nobody_here_is_refused_at_the_start(void **state)
{
	(void)state;
	config = fixture_parse("domain: test\nnodes:\n  - {name: robot, program: x}\n"
			       "access: [{users: [no_such_user_here]}]\n");
	assert_int_equal(takt_access_open(&access_rules, config, "robot"), TAKT_ABSENT);
	assert_said(
		"user 'no_such_user_here': this machine has no such user; create it or change `access` in the config");
	takt_config_free(config);
	config = fixture_parse("domain: test\nnodes:\n  - {name: robot, program: x}\n  - {name: arm, program: x}\n"
			       "access: [{groups: [no_such_group_here], nodes: [arm]}]\n");
	assert_int_equal(takt_access_open(&access_rules, config, "arm"), TAKT_ABSENT);
	assert_said("group 'no_such_group_here': this machine has no such group");
	/* A rule that does not concern the node is none of its business. */
	assert_int_equal(takt_access_open(&access_rules, config, "robot"), TAKT_OK);
}

#define ruled(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ruled(without_rules_there_is_nothing_to_ask),	   ruled(a_user_may_what_a_rule_says_and_nothing_else),
		ruled(a_rule_for_another_node_says_nothing_here),  ruled(a_group_counts_whichever_of_the_senders_it_is),
		ruled(every_parameter_of_a_set_must_be_allowed),   ruled(root_and_the_nodes_own_user_may_everything),
		ruled(who_is_nobody_here_is_refused_at_the_start),
	};

	return cmocka_run_group_tests_name("core/access", tests, NULL, NULL);
}
