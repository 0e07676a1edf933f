/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on the domain itself: creating, joining, attaching, leaving, cleaning. Nobody else is there; afterwards everybody comes. */
#include <stdio.h>
#include <unistd.h>

#include "core/config.h"
#include "core/domain.h"
#include "core/topic_segment.h"
#include "platform/message.h"
#include "tests/kill/check.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"

static struct takt_node node;
static struct takt_publisher publisher;
static struct takt_subscriber subscriber;

static void need(enum takt_status status, const char *what)
{
	if (status == TAKT_OK)
		return;
	(void)fprintf(stderr, "kill_every: the victim cannot %s: %s\n", what, takt_status_name(status));
	_exit(1);
}

/* ------------------------------------------------------------------------------------------------------- set up */

static void set_up_nothing(void)
{
	now = (struct survivors){0};
	stage_clean();
	stage_keep();
}

/* A domain in which a node has been, and no topic. */
static void set_up_roster(void)
{
	set_up_nothing();
	need(takt_node_join(&node, "kill", "victim"), "join");
	takt_node_leave(&node);
	stage_keep();
}

/* All objects are there and nobody is. */
static void set_up_objects(void)
{
	uint32_t created = 0;

	set_up_roster();
	need(takt_domain_create(stage_config(), &created), "create the domain");
	stage_keep();
}

/* The same left by somebody who died with everything in his hands. */
static void leave_everything_open(void)
{
	need(takt_node_join(&node, "kill", "victim"), "join");
	need(takt_publisher_attach(&publisher, &node, "pair", message_type), "attach");
	need(takt_subscriber_attach(&subscriber, &node, "solo", message_type,
				    &(struct takt_subscriber_options){.borrows = STAGE_BORROWS}),
	     "attach");
}

static void do_nothing(void)
{
}

static void set_up_dead(void)
{
	const struct operation operation = {.prepare = leave_everything_open, .operate = do_nothing};

	set_up_objects();
	victim_start(&operation);
	victim_kill();
	stage_keep();
}

static void tear_down(void)
{
	world_restore(&(struct world){0});
}

/* ------------------------------------------------------------------------------------------------------- operate */

static void join(void)
{
	need(takt_node_join(&node, "kill", "victim"), "join");
	atomic_store(&control->token, node.token);
}

static void attach_publisher(void)
{
	need(takt_publisher_attach(&publisher, &node, "solo", message_type), "attach");
}

static void attach_one_of_two(void)
{
	need(takt_publisher_attach(&publisher, &node, "pair", message_type), "attach");
}

static void attach_subscriber(void)
{
	need(takt_subscriber_attach(&subscriber, &node, "solo", message_type,
				    &(struct takt_subscriber_options){.borrows = STAGE_BORROWS}),
	     "attach");
}

static void create(void)
{
	uint32_t created = 0;

	need(takt_domain_create(stage_config(), &created), "create the domain");
}

static void leave(void)
{
	takt_node_leave(&node);
}

static void ignore(void *context, const char *object, enum takt_status result)
{
	(void)context;
	(void)object;
	(void)result;
}

static void clean(void)
{
	const enum takt_status status = takt_domain_clean("kill", ignore, NULL);

	/* Another clean-up, killed at its end, may have left nothing to do. */
	need(status == TAKT_ABSENT ? TAKT_OK : status, "clean");
}

/* ---------------------------------------------------------------------------------------------------------- check */

static void check_everybody(int is_done)
{
	(void)is_done;
	check_domain();
}

/* Nobody comes again: what the dead one left must be seen by a clean-up all the same. */
static void check_clean(int is_done)
{
	(void)is_done;
	if (stage_clean() != 0)
		bad("something was left behind the clean-up");
}

#define DYING(prepared, operated) .operation = {.prepare = prepared, .operate = operated}
/* Laying the type flat comes before: ten thousand instructions in private memory. */
#define ATTACHING(operated) .operation = {join, operated, (void (*)(void))takt_topic_segment_create}
#define LATER(how)	    .check = how, .tear_down = tear_down, .pace = PACE_STRIDES

static const struct operation create_again = {NULL, create, NULL};
static const struct operation clean_again = {NULL, clean, NULL};

const struct scenario domain_scenarios[] = {
	{"create", set_up_nothing, NULL, DYING(NULL, create), LATER(check_everybody)},
	{"create, then clean", set_up_nothing, NULL, DYING(NULL, create), LATER(check_clean), .recovery = &clean_again,
	 .check_recovery = check_clean, .recovery_is_long = 1},
	{"join an absent domain", set_up_nothing, NULL, DYING(NULL, join), LATER(check_everybody)},
	{"join", set_up_objects, NULL, DYING(NULL, join), LATER(check_everybody)},
	{"join behind a dead one", set_up_dead, NULL, DYING(NULL, join), LATER(check_everybody)},
	{"leave", set_up_objects, NULL, DYING(join, leave), .check = check_everybody, .tear_down = tear_down},
	{"attach, absent topic", set_up_roster, NULL, ATTACHING(attach_publisher), LATER(check_everybody)},
	{"attach one of two, absent topic", set_up_roster, NULL, ATTACHING(attach_one_of_two), LATER(check_everybody)},
	{"attach behind a dead one", set_up_dead, NULL, ATTACHING(attach_one_of_two), LATER(check_everybody)},
	{"subscribe, absent topic", set_up_roster, NULL, ATTACHING(attach_subscriber), LATER(check_everybody)},
	{"subscribe behind a dead one", set_up_dead, NULL, ATTACHING(attach_subscriber), LATER(check_everybody)},
	{"clean", set_up_dead, NULL, DYING(NULL, clean), LATER(check_everybody), .recovery = &clean_again,
	 .check_recovery = check_clean},
	{"create, twice", set_up_nothing, NULL, DYING(NULL, create), LATER(check_clean), .is_long = 1,
	 .recovery = &create_again, .check_recovery = check_everybody},
};
const uint32_t domain_scenario_count = sizeof(domain_scenarios) / sizeof(domain_scenarios[0]);
