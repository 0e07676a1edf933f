/* SPDX-License-Identifier: Apache-2.0 */
/* A barrier of a domain: two nodes begin every round together. */
#include "takt_pair.h"

static struct takt_barrier barrier;

static void attach(const char *name)
{
	join(name);
	need(takt_barrier_attach(&barrier, &waiter, "rounds"), "attach");
}

static void leave(void)
{
	takt_barrier_detach(&barrier);
	takt_node_leave(&node);
}

static void meet_often(uint32_t count)
{
	for (uint32_t round = 0; round < count; round++)
		need(takt_barrier_wait_until(&barrier, soon_ns()), "barrier");
}

static void meet_as_giver(uint32_t count)
{
	attach("giver");
	meet_often(count);
	leave();
}

static void meet_and_die(uint32_t unused)
{
	(void)unused;
	attach("giver");
	meet_often(1);
	(void)raise(SIGKILL);
}

static void show_trap(void)
{
	pid_t other = begin(meet_and_die, 0);
	attach("taker");
	meet_often(1);
	enum takt_status status = takt_barrier_wait_until(&barrier, soon_ns());
	printf("member killed: the other %s\n",
	       status == TAKT_ABSENT ? "is told, and goes on" : takt_status_name(status));
	end_of(other);
	leave();
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	if (count == 0) {
		show_trap();
		return 0;
	}
	pid_t other = begin(meet_as_giver, count + 1);
	attach("taker");
	meet_often(1); /* both are there */
	uint64_t begin_ns = takt_now_ns();
	meet_often(count);
	report(count, "rounds begun together", takt_now_ns() - begin_ns, count);
	leave();
	return end_of(other);
}
