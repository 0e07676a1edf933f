/* SPDX-License-Identifier: Apache-2.0 */
/* A reader-writer lock of a domain: two nodes read, and every tenth time they write. */
#include "takt_pair.h"
#include "guarded.h"

static struct takt_rwlock lock;

static void attach(const char *name)
{
	join(name);
	need(takt_rwlock_attach(&lock, &waiter, "table"), "attach");
}

static void leave(void)
{
	takt_rwlock_detach(&lock);
	takt_node_leave(&node);
}

static void use_often(uint32_t count)
{
	int needs_repair;
	arrive();
	for (uint32_t i = 0; i < count; i++) {
		if (i % 10 == 9) {
			need(takt_rwlock_write_until(&lock, soon_ns(), &needs_repair), "write");
			use_guarded();
		} else {
			need(takt_rwlock_read_until(&lock, soon_ns(), &needs_repair), "read");
			check(guarded->inside == 0, "guard");
		}
		need(takt_rwlock_unlock(&lock), "unlock");
	}
}

static void use_as_giver(uint32_t count)
{
	attach("giver");
	meet();
	use_often(count);
	leave();
}

static void read_and_die(uint32_t unused)
{
	int needs_repair;
	(void)unused;
	attach("giver");
	need(takt_rwlock_read_until(&lock, soon_ns(), &needs_repair), "read");
	(void)raise(SIGKILL);
}

static void show_trap(void)
{
	int needs_repair;
	play(read_and_die, 0);
	attach("taker");
	enum takt_status status = takt_rwlock_write_until(&lock, takt_now_ns() + PATIENCE_NS, &needs_repair);
	printf("reader killed: the writer %s\n", status == TAKT_OK ? "has the lock" : "still waits after 200 ms");
	leave();
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	map_guarded();
	if (count == 0) {
		show_trap();
		return 0;
	}
	pid_t other = begin(use_as_giver, count / 2);
	attach("taker");
	meet();
	uint64_t begin_ns = takt_now_ns();
	use_often(count / 2);
	uint64_t span_ns = takt_now_ns() - begin_ns;
	int failed = end_of(other);
	failed |= report_guarded("times written", span_ns, count / 2);
	leave();
	return failed;
}
