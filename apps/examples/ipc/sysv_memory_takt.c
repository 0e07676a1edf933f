/* SPDX-License-Identifier: Apache-2.0 */
/* A topic: one publishes records, the other copies the newest. Nobody locks anything, and the reader cannot write. */
#include <sched.h>
#include "takt_pair.h"
#include "record_type.h"

static struct takt_publisher publisher;
static struct takt_subscriber subscriber;

static void attach_giver(void)
{
	join("giver");
	need(takt_publisher_attach(&publisher, &node, "records", &takt_type_record), "attach");
}

static void attach_taker(void)
{
	join("taker");
	need(takt_subscriber_attach(&subscriber, &node, "records", &takt_type_record, NULL), "attach");
}

static void read_to_last(uint32_t count)
{
	struct record copy = {.words = {0}};
	uint32_t torn = 0;
	attach_taker();
	meet();
	while (copy.words[0] != count) {
		if (takt_read_latest(&subscriber, &copy, NULL) == TAKT_OK)
			torn += is_torn(&copy) != 0;
		sched_yield();
	}
	say_torn(torn);
	takt_subscriber_detach(&subscriber);
	takt_node_leave(&node);
}

/* It writes into the topic's memory, and dies in the middle. */
static void fill_half_and_die(uint32_t number)
{
	struct takt_loan loan;
	struct record record;
	attach_giver();
	fill(&record, number - 1, 0, RECORD_WORDS);
	need(takt_publish(&publisher, &record, NULL), "publish");
	need(takt_publisher_loan(&publisher, &loan), "loan");
	fill(loan.payload, number, 0, RECORD_WORDS / 2);
	(void)raise(SIGKILL);
}

int main(int argc, char **argv)
{
	uint32_t count = wanted_count(argc, argv);
	struct record record = {.words = {0}};
	if (count == 0) {
		play(fill_half_and_die, 2);
		attach_taker();
		need(takt_read_latest(&subscriber, &record, NULL), "read");
		printf("writer killed in the middle of record 2: the reader gets %s\n",
		       is_torn(&record) ? "half of 1 and half of 2" : "record 1");
		takt_subscriber_detach(&subscriber);
		takt_node_leave(&node);
		return record.words[0] != 1;
	}
	pid_t reader = begin(read_to_last, count);
	attach_giver();
	need(takt_publish(&publisher, &record, NULL), "publish"); /* record 0: the newest is no former run's */
	meet();
	uint64_t begin_ns = takt_now_ns();
	for (uint32_t number = 1; number <= count; number++) {
		fill(&record, number, 0, RECORD_WORDS);
		need(takt_publish(&publisher, &record, NULL), "publish");
	}
	uint64_t span_ns = takt_now_ns() - begin_ns;
	int failed = end_of(reader);
	report(count, "records written", span_ns, count);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	return failed;
}
