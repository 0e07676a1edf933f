/* SPDX-License-Identifier: Apache-2.0 */
/* A topic, in place on both sides: one fills lent memory and publishes it, the other borrows the newest. No copy, no lock. */
#include <sched.h>
#include "takt_pair.h"
#include "record_type.h"

static struct takt_publisher publisher;
static struct takt_subscriber subscriber;

static void publish_record(uint32_t number)
{
	struct takt_loan loan;
	need(takt_publisher_loan(&publisher, &loan), "loan");
	fill(loan.payload, number, 0, RECORD_WORDS);
	need(takt_publish_loan(&publisher, &loan, NULL), "publish");
}

static void attach(void)
{
	const struct takt_subscriber_options options = {.borrows = 1};
	join("taker");
	need(takt_subscriber_attach(&subscriber, &node, "places", &takt_type_record, &options), "attach");
}

static void leave(void)
{
	takt_subscriber_detach(&subscriber);
	takt_node_leave(&node);
}

static void read_to_last(uint32_t count)
{
	uint32_t torn = 0, last = 0;
	attach();
	meet();
	while (last != count) {
		struct takt_borrow borrow;
		if (takt_borrow_latest(&subscriber, &borrow, NULL) == TAKT_OK) {
			torn += is_torn(borrow.payload) != 0;
			last = ((const struct record *)borrow.payload)->words[0];
			need(takt_return(&subscriber, &borrow), "return"); /* it was the sample all the time */
		}
		sched_yield();
	}
	say_torn(torn);
	leave();
}

/* Readers may not write a topic, so that they cannot cut it off; here its owner does. */
static void cut_off_and_read(uint32_t unused)
{
	struct record record;
	char path[256];
	const char *folder = getenv("TAKT_SHM_FOLDER");
	(void)unused;
	attach();
	(void)snprintf(path, sizeof(path), "%s/takt.ipc/topic.places", folder ? folder : "/dev/shm");
	check(truncate(path, 0) == 0, path);
	enum takt_status status = takt_read_latest(&subscriber, &record, NULL);
	printf("memory cut off: the reader is told %s\n", takt_status_name(status));
	leave();
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	if (count == 0)
		return play(cut_off_and_read, 0);
	pid_t reader = begin(read_to_last, count);
	join("giver");
	need(takt_publisher_attach(&publisher, &node, "places", &takt_type_record), "attach");
	publish_record(0); /* the newest is no former run's */
	meet();
	uint64_t begin_ns = takt_now_ns();
	for (uint32_t number = 1; number <= count; number++)
		publish_record(number);
	uint64_t span_ns = takt_now_ns() - begin_ns;
	int failed = end_of(reader);
	report(count, "records written", span_ns, count);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	return failed;
}
