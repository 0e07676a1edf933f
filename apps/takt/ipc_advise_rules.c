/* SPDX-License-Identifier: Apache-2.0 */
/* Which mechanism fits, and why. Pure: nothing here looks at the machine. */
#include "apps/takt/ipc_advise.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/limits.h"

#define HISTORY_S	   0.1 /* so long may a reader be away and miss nothing */
#define DEPTH_EVERY_MIN	   16u
#define DEPTH_NEWEST	   4u
#define HISTORY_BYTES	   (64u << 20) /* that a ring may take for that */
#define PIPE_HZ_MAX	   100.0
#define PIPE_BYTES_MAX	   4096u /* that one write puts into a pipe whole */
#define DATAGRAM_BYTES_MAX 65507u
#define QUEUE_BYTES_MAX	   8192u /* the system's default for one message */

static void add_why(struct advice *advice, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_why(struct advice *advice, const char *format, ...)
{
	size_t used = strlen(advice->why);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(advice->why + used, sizeof(advice->why) - used, format, arguments);
	va_end(arguments);
}

static void name_mechanism(struct advice *advice, const char *mechanism)
{
	(void)snprintf(advice->mechanism, sizeof(advice->mechanism), "%s", mechanism);
}

static uint32_t power_of_two(double wanted)
{
	uint32_t power = DEPTH_EVERY_MIN;

	while (power < wanted && power < TAKT_DEPTH_MAX)
		power *= 2;
	return power;
}

/* Samples that a ring must keep: a power of two. */
static uint32_t depth_for(const struct advise_answers *answers)
{
	uint32_t depth = power_of_two(answers->rate_hz * HISTORY_S);

	if (answers->samples == ADVISE_NEWEST)
		return DEPTH_NEWEST;
	while (depth > TAKT_DEPTH_MIN && (uint64_t)depth * answers->bytes > HISTORY_BYTES)
		depth /= 2;
	return depth;
}

/* The queue that the machine has, where each message is taken by one. */
static void name_queue_of_the_system(const struct advise_answers *answers, struct advice *advice)
{
	if (answers->bytes <= QUEUE_BYTES_MAX) {
		advice->classic = "POSIX message queue";
		advice->transport = "POSIX message queue";
	} else {
		advice->classic = "UNIX datagram socket";
		advice->transport = "UNIX datagram socket";
	}
}

static void decide_far(const struct advise_answers *answers, struct advice *advice)
{
	name_mechanism(advice, "a takt topic on each machine, and between them: takt bridge data --to udp:HOST:PORT");
	advice->classic = "UDP socket";
	advice->transport = "UDP loopback";
	advice->needs_bridge = 1;
	add_why(advice,
		"takt is for the processes of one machine: shared memory does not reach another one. A bridge sends each "
		"sample as a datagram, and a second one (takt bridge data --from udp:HOST:PORT) publishes it there. ");
	if (answers->bytes > DATAGRAM_BYTES_MAX)
		add_why(advice,
			"One datagram carries %u bytes: larger samples do not fit into one, so make them smaller. ",
			DATAGRAM_BYTES_MAX);
	if (answers->samples != ADVISE_NEWEST)
		add_why(advice,
			"UDP may lose samples: the loss is counted, not repaired; what may lose nothing wants a connection, "
			"which takt does not offer. ");
}

static void decide_once(const struct advise_answers *answers, int has_queues, struct advice *advice)
{
	name_queue_of_the_system(answers, advice);
	if (has_queues) {
		name_mechanism(advice, "a takt queue");
		advice->uses_queue = 1;
		add_why(advice,
			"Each sample is for one reader alone, and is not lost with it: a queue hands it out, waits until it is "
			"acknowledged, and hands it out again when its reader dies. ");
		return;
	}
	name_mechanism(advice, advice->classic);
	add_why(advice,
		"Each sample is for one reader alone: that is a queue, and this takt has none (its topics give every reader "
		"every sample). The lines below carry the same samples as a topic, for those who look on. ");
}

static void decide_newest(const struct advise_answers *answers, struct advice *advice)
{
	(void)answers;
	name_mechanism(advice, "a takt topic, of which readers take the newest sample");
	advice->classic = "POSIX shared memory and semaphore";
	advice->transport = "POSIX shared memory and semaphore";
	add_why(advice,
		"Only the newest counts, so nobody may wait for anybody: a reader that is slow must not hold up the writer, "
		"which a queue and a pipe do as soon as they are full. ");
}

static void decide_pipe(struct advice *advice)
{
	name_mechanism(advice, "an anonymous pipe");
	advice->classic = "anonymous pipe";
	advice->transport = "anonymous pipe";
	add_why(advice,
		"One process starts the other, one reads, seldom and little: a pipe has order, a bound and an end, and no name "
		"that somebody has to clean up. Take the topic below instead as soon as a second reader, the age of the data or "
		"a look from outside counts. ");
}

static void decide_every(const struct advise_answers *answers, struct advice *advice)
{
	name_mechanism(advice, "a takt topic, read sample by sample");
	if (answers->has_many_readers) {
		advice->classic = "a UNIX datagram socket for each reader";
		advice->transport = "UNIX datagram socket";
		add_why(advice,
			"Every reader wants every sample: of the classic mechanisms none gives one message to several, so the "
			"writer would send it again for each. A topic is written once, and each reader goes at its own pace. ");
	} else {
		name_queue_of_the_system(answers, advice);
		add_why(advice,
			"Every sample counts: a topic keeps the last ones for a reader that is late, counts exactly what it "
			"misses, and never holds up the writer. ");
	}
}

static int is_for_a_pipe(const struct advise_answers *answers)
{
	return answers->is_related && !answers->has_many_readers && answers->rate_hz <= PIPE_HZ_MAX &&
	       answers->bytes <= PIPE_BYTES_MAX;
}

/* What follows from size and rate, whatever the mechanism. */
static void explain_size(const struct advise_answers *answers, struct advice *advice)
{
	double history_s = advice->depth > 2 ? (advice->depth - 2) / answers->rate_hz : 0.0;

	if (answers->samples != ADVISE_NEWEST)
		add_why(advice, "At %g Hz a depth of %u lets a reader be away for %.3g ms. ", answers->rate_hz,
			advice->depth, history_s * 1e3);
	if (answers->bytes > TAKT_COPY_WORDS_BYTES_MAX && !advice->uses_queue)
		add_why(advice,
			"Samples of %u bytes are filled and read in place (loans, borrows), so that they are not copied. ",
			answers->bytes);
}

void advise_decide(const struct advise_answers *answers, int has_queues, struct advice *advice)
{
	*advice = (struct advice){.depth = depth_for(answers)};
	if (answers->is_far)
		decide_far(answers, advice);
	else if (answers->samples == ADVISE_ONCE)
		decide_once(answers, has_queues, advice);
	else if (answers->samples == ADVISE_NEWEST)
		decide_newest(answers, advice);
	else if (is_for_a_pipe(answers))
		decide_pipe(advice);
	else
		decide_every(answers, advice);
	explain_size(answers, advice);
	if (advice->why[0])
		advice->why[strlen(advice->why) - 1] = '\0';
	advise_write_config(answers, advice);
}
