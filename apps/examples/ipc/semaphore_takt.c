/* SPDX-License-Identifier: Apache-2.0 */
/* A semaphore of a domain as a lock between two processes: the counterpart of both, System V's and POSIX's. */
#include "takt_pair.h"
#include "guarded.h"

static struct takt_semaphore unit;

static void attach(const char *name)
{
	join(name);
	need(takt_semaphore_attach(&unit, &waiter, "unit"), "attach");
}

static void take_often(uint32_t count)
{
	arrive();
	for (uint32_t i = 0; i < count; i++) {
		need(takt_semaphore_wait_until(&unit, soon_ns()), "wait");
		use_guarded();
		need(takt_semaphore_post(&unit), "post");
	}
}

static void take_as_giver(uint32_t count)
{
	attach("giver");
	meet();
	take_often(count);
	takt_semaphore_detach(&unit);
	takt_node_leave(&node);
}

static void take_and_die(uint32_t unused)
{
	(void)unused;
	attach("giver");
	need(takt_semaphore_wait_until(&unit, soon_ns()), "wait");
	(void)raise(SIGKILL);
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	int failed = 0;
	map_guarded();
	if (count == 0) {
		play(take_and_die, 0);
		attach("taker");
		enum takt_status status = takt_semaphore_wait_until(&unit, takt_now_ns() + PATIENCE_NS);
		printf("holder killed: %s\n", status == TAKT_OK ? "it came back" : "still taken after 200 ms");
	} else {
		pid_t other = begin(take_as_giver, count / 2);
		attach("taker");
		meet();
		uint64_t begin_ns = takt_now_ns();
		take_often(count / 2);
		uint64_t span_ns = takt_now_ns() - begin_ns;
		failed = end_of(other);
		failed |= report_guarded("times taken", span_ns, count / 2);
	}
	takt_semaphore_detach(&unit); /* what it holds goes back */
	takt_node_leave(&node);
	return failed;
}
