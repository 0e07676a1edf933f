/* SPDX-License-Identifier: Apache-2.0 */
/* The worst that a lock on a presence file does: it keeps nodes from coming and a clean-up from beginning, by name, and no longer than
 * its holder lives. Who is there already does not notice. */
#include "tests/rights/cases.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/domain.h"
#include "core/layout.h"
#include "core/takt.h"
#include "tests/rights/actor.h"
#include "tests/rights/world.h"

#define PUBLISHES 100

struct grip {
	int flags;
	short type;
	off_t first;
	off_t spared; /* a living node's byte, which the kernel gives nobody else; 0: there is none */
};

static int lock_range(int file, short type, off_t first, off_t bytes)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = first, .l_len = bytes};

	return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

/* Locks as much of `live` as there can be, until it is told to end. */
static int hold(int orders, int answers, void *context)
{
	const struct grip *grip = context;
	int live = open(world_object("live"), grip->flags | O_CLOEXEC);
	char order;

	if (live < 0)
		return 1;
	/* A length of 0 reaches to the end of all offsets. */
	if (grip->spared ? !lock_range(live, grip->type, grip->first, grip->spared - grip->first) ||
				   !lock_range(live, grip->type, grip->spared + 1, 0)
			 : !lock_range(live, grip->type, grip->first, 0))
		return 2;
	if (write(answers, "r", 1) != 1)
		return 3;
	while (read(orders, &order, 1) == 1 && order != 'q')
		;
	return 0;
}

static int join_sink(void *context)
{
	static struct takt_node node;
	const enum takt_status status = takt_node_join(&node, world.config, "sink");

	(void)context;
	if (status == TAKT_OK)
		takt_node_leave(&node);
	return status == TAKT_OK ? 0 : 1;
}

static void try_grip(enum actor actor, struct grip *grip, const char *words)
{
	struct companion holder;
	struct said said;

	companion_start(&holder, actor, hold, grip);
	if (companion_ask(&holder, 0) != 'r') {
		expect(0, "the %s cannot lock: exit %d", actor_name(actor), companion_end(&holder));
		return;
	}
	actor_run(&said, ACTOR_PUBLISHER, 022, join_sink, NULL);
	expect(said.code == 1, "a node comes in spite of the %s's lock: exit %d", actor_name(actor), said.code);
	expect_said(&said, words, "joining");
	/* Byte 0 says that a member lives; the others say nothing to a clean-up. */
	if (grip->first == 0) {
		world_takt(&said, ACTOR_ROOT, "clean %D");
		expect_said(&said, "lives: nothing of it was touched", "takt clean under a lock");
	}
	expect(companion_end(&holder) == 0, "the %s's end", actor_name(actor));
	actor_run(&said, ACTOR_PUBLISHER, 022, join_sink, NULL);
	expect(said.code == 0, "after the %s's end a node may not come: %s", actor_name(actor), said.text);
}

static void publish_under(enum actor actor, struct grip *grip)
{
	struct companion publisher;
	struct companion holder;
	struct takt_domain domain;

	companion_start(&publisher, ACTOR_PUBLISHER, publisher_live, NULL);
	expect(companion_ask(&publisher, 0) == 'r', "the publisher has not begun");
	expect(takt_domain_attach(&domain, world.domain) == TAKT_OK, "there is no domain");
	/* Everybody who may look can read it. */
	grip->spared = (off_t)atomic_load_explicit(&takt_domain_node(&domain, 0)->token, memory_order_relaxed);
	takt_domain_close(&domain);
	companion_start(&holder, actor, hold, grip);
	expect(companion_ask(&holder, 0) == 'r', "the %s cannot lock beside a node that lives", actor_name(actor));
	for (unsigned i = 0; i < PUBLISHES; i++)
		expect(companion_ask(&publisher, i % 2 ? 'i' : 'd') == 'k', "a publish fails under the %s's lock",
		       actor_name(actor));
	expect(companion_end(&holder) == 0 && companion_end(&publisher) == 0, "the end under a lock");
}

void case_locks(void)
{
	struct grip reading = {.flags = O_RDONLY, .type = F_RDLCK, .first = 1};
	struct grip writing = {.flags = O_RDWR, .type = F_WRLCK, .first = 0};
	struct grip writing_tokens = {.flags = O_RDWR, .type = F_WRLCK, .first = 1};

	/* One who may only look. */
	world_config(config_looked_at);
	world_create();
	try_grip(ACTOR_READER, &reading, "holds it locked and keeps nodes out");
	publish_under(ACTOR_READER, &reading);
	world_remove_tree(world.folder);
	/* A member. */
	world_config(config_shared);
	world_create();
	try_grip(ACTOR_INTRUDER, &writing, "has been kept busy by a clean-up");
	try_grip(ACTOR_INTRUDER, &writing_tokens, "holds it locked and keeps nodes out");
	publish_under(ACTOR_INTRUDER, &writing_tokens);
}
