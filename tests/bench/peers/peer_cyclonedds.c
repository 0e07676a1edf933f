/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cyclone DDS, twice: over UDP on the loopback interface, and over iceoryx's shared memory, for which Debian's package is built.
 *
 * Settings, with their sources:
 * - Reliable, volatile; keep last in shared memory and all over UDP: as in Cyclone's examples roundtrip and throughput, and as its
 *   manual demands for shared memory (docs/manual/shared_memory/limitations.rst). Types of a fixed size for the same reason.
 * - A waitset in front of each take. Takes into memory of ours: into the message itself, and of small ones up to 64 at a time, as
 *   examples/throughput/subscriber.c does. A take on loan would be slower here: the library clears a returned loan, 1 MiB at a time.
 * - In streams dds_write_set_batch and dds_write_flush (examples/throughput/publisher.c); not in round trips, where a batch only waits.
 * - MaxMessageSize 65500B, FragmentSize 65000B (examples/perfscript/quick-microbenchmark), so that the loopback interface, whose MTU is
 *   65536, carries few large packets; a receive buffer of 10 MB where the system permits it.
 * - WhcHigh 8MB: more than is ever under way, so that the harness's credit holds the writer back and not the wait for an acknowledgement
 *   (option Internal/Watermarks; Cyclone's README raises it for throughput).
 * - Shared memory: dds_loan_sample, so that the message is written where it is read (docs/manual/shared_memory).
 * - Domain 71, only the interface lo, no multicast: nothing leaves this machine.
 */
#include "tests/bench/peers/peers.h"

#include <dds/dds.h>
#include <dds/ddsc/dds_loan_api.h>
#include <dds/version.h>
#include <stdio.h>
#include <string.h>

#include "peer_types.h"
#include "platform/clock.h"
#include "tests/bench/peers/roudi.h"

#define DOMAIN	    71
#define TAKES_MAX   64
#define SMALL_BYTES 4096
#define MATCH_NS    (10 * TAKT_NS_PER_S)
#define PAUSE_NS    (1 * TAKT_NS_PER_MS)
#define KEPT_SHARED 128 /* iceoryx's queue has 256 places */

#define NETWORK                                                                                                        \
	"<General><Interfaces><NetworkInterface name=\"lo\"/></Interfaces><AllowMulticast>false</AllowMulticast>"      \
	"<MaxMessageSize>65500B</MaxMessageSize><FragmentSize>65000B</FragmentSize></General>"                         \
	"<Discovery><ParticipantIndex>auto</ParticipantIndex><Peers><Peer Address=\"127.0.0.1\"/></Peers></Discovery>"
#define BUFFERS                                                                                                        \
	"<Internal><SocketReceiveBufferSize max=\"10MB\"/><Watermarks><WhcHigh>8MB</WhcHigh></Watermarks></Internal>"
#define SHARED "<SharedMemory><Enable>true</Enable><LogLevel>off</LogLevel></SharedMemory>"

static const struct {
	uint32_t bytes;
	const dds_topic_descriptor_t *type;
} types[] = {
	{64, &peer_Bytes64_desc},
	{4096, &peer_Bytes4096_desc},
	{65536, &peer_Bytes65536_desc},
	{1048576, &peer_Bytes1048576_desc},
};

static dds_entity_t participant, writer, reader, waitset;
static unsigned char samples[TAKES_MAX]
			    [SMALL_BYTES]; /* small ones that were taken; the first `given_count` were passed on */
static dds_sample_info_t infos[TAKES_MAX];
static int32_t taken_count, given_count;
static int has_more;

static enum takt_status create(struct takt_os_bench_link *link)
{
	(void)link;
	return TAKT_OK;
}

static void destroy(struct takt_os_bench_link *link)
{
	(void)link;
}

static const dds_topic_descriptor_t *type_of(uint32_t bytes)
{
	for (uint32_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].bytes == bytes)
			return types[i].type;
	return NULL;
}

/* ------------------------------------------------------------------------------------------------------ set-up */

static dds_entity_t make_topic(const struct takt_os_bench_link *link, uint32_t direction)
{
	char name[32];

	(void)snprintf(name, sizeof(name), direction == 0 ? "there_%u" : "back_%u", link->bytes);
	return dds_create_topic(participant, type_of(link->bytes), name, NULL, NULL);
}

/* What is sent before both sides know each other would be lost, as DDS has it. */
static int wait_for_match(void)
{
	uint64_t deadline_ns = takt_os_clock_now_ns() + MATCH_NS;
	dds_publication_matched_status_t out;
	dds_subscription_matched_status_t in;

	while (takt_os_clock_now_ns() < deadline_ns) {
		if (dds_get_publication_matched_status(writer, &out) != DDS_RETCODE_OK ||
		    dds_get_subscription_matched_status(reader, &in) != DDS_RETCODE_OK)
			return 0;
		if (out.current_count && in.current_count)
			return 1;
		takt_os_bench_sleep_until(takt_os_clock_now_ns() + PAUSE_NS);
	}
	return 0;
}

static enum takt_status attach_with(const struct takt_os_bench_link *link, const char *config, uint32_t is_shared)
{
	dds_qos_t *qos = dds_create_qos();

	if (dds_create_domain(DOMAIN, config) < 0)
		return peer_refuse("its configuration is refused");
	participant = dds_create_participant(DOMAIN, NULL, NULL);
	if (participant < 0)
		return peer_refuse("no participant: %s", dds_strretcode(participant));
	dds_qset_reliability(qos, DDS_RELIABILITY_RELIABLE, DDS_INFINITY);
	if (is_shared)
		dds_qset_history(qos, DDS_HISTORY_KEEP_LAST, KEPT_SHARED);
	else
		dds_qset_history(qos, DDS_HISTORY_KEEP_ALL, 0);
	dds_qset_durability(qos, DDS_DURABILITY_VOLATILE);
	dds_qset_writer_data_lifecycle(qos, false);
	writer = dds_create_writer(participant, make_topic(link, link->side), qos, NULL);
	reader = dds_create_reader(participant, make_topic(link, 1 - link->side), qos, NULL);
	waitset = dds_create_waitset(participant);
	dds_delete_qos(qos);
	if (writer < 0 || reader < 0 || dds_set_status_mask(reader, DDS_DATA_AVAILABLE_STATUS) < 0 ||
	    dds_waitset_attach(waitset, reader, reader) < 0)
		return peer_refuse("no writer or no reader of %u bytes", link->bytes);
	if (is_shared && !dds_is_loan_available(writer))
		return peer_refuse("this build of Cyclone DDS passes nothing through shared memory");
	return wait_for_match() ? TAKT_OK : peer_refuse("writer and reader did not find each other in 10 s");
}

static enum takt_status attach(struct takt_os_bench_link *link)
{
	dds_write_set_batch(false);
	return attach_with(link, NETWORK BUFFERS, 0);
}

static enum takt_status attach_stream(struct takt_os_bench_link *link)
{
	dds_write_set_batch(true);
	return attach_with(link, NETWORK BUFFERS, 0);
}

static enum takt_status attach_shared(struct takt_os_bench_link *link)
{
	dds_write_set_batch(false);
	return attach_with(link, NETWORK BUFFERS SHARED, 1);
}

static void detach(struct takt_os_bench_link *link)
{
	(void)link;
	(void)dds_delete(participant);
}

/* ---------------------------------------------------------------------------------------------------- messages */

static int send_message(struct takt_os_bench_link *link, const void *message)
{
	(void)link;
	return dds_write(writer, message) == DDS_RETCODE_OK;
}

static int flush(struct takt_os_bench_link *link)
{
	(void)link;
	dds_write_flush(writer);
	return 1;
}

static int send_loan(struct takt_os_bench_link *link, const void *message)
{
	void *loan;

	if (dds_loan_sample(writer, &loan) != DDS_RETCODE_OK)
		return 0;
	memcpy(loan, message, link->bytes);
	return dds_write(writer, loan) == DDS_RETCODE_OK;
}

/* A take resets the status that the waitset waits for, whatever it leaves behind: only one that finds less than it asked for has seen
 * all. @retval how many, 0 and more; below 0 it failed */
static int32_t wait_and_take(void **places, uint32_t count)
{
	dds_attach_t found;

	if (!has_more && dds_waitset_wait(waitset, &found, 1, DDS_INFINITY) < 0)
		return -1;
	int32_t result = dds_take(reader, places, infos, count, count);
	has_more = result == (int32_t)count;
	return result;
}

/* Without data: a writer has come or gone. */
static int receive_large(void *message)
{
	do
		taken_count = wait_and_take(&message, 1);
	while (taken_count == 0 || (taken_count == 1 && !infos[0].valid_data));
	return taken_count == 1;
}

static int receive_message(struct takt_os_bench_link *link, void *message)
{
	void *places[TAKES_MAX];

	if (link->bytes > SMALL_BYTES)
		return receive_large(message);
	for (;;) {
		while (given_count < taken_count) {
			int32_t index = given_count++;
			if (!infos[index].valid_data)
				continue;
			memcpy(message, samples[index], link->bytes);
			return 1;
		}
		for (uint32_t i = 0; i < TAKES_MAX; i++)
			places[i] = samples[i];
		given_count = 0;
		taken_count = wait_and_take(places, TAKES_MAX);
		if (taken_count < 0)
			return 0;
	}
}

/* ------------------------------------------------------------------------------------------------------- peers */

static const char *refusal(uint32_t bytes)
{
	return type_of(bytes) ? NULL : "its types are made for 64, 4096, 65536 and 1048576 bytes";
}

/* Cyclone DDS 0.10 has no call that tells: the file that was loaded bears the number. */
static void version(char *text)
{
	char file[48];

	peer_library_file("dds_create_participant", file, sizeof(file));
	(void)snprintf(text, PEER_VERSION_BYTES, "Cyclone DDS %s (%.32s)", DDS_VERSION, file);
}

static void version_shared(char *text)
{
	char file[48], shared[48];

	peer_library_file("dds_create_participant", file, sizeof(file));
	peer_library_file("iox_runtime_init", shared, sizeof(shared));
	(void)snprintf(text, PEER_VERSION_BYTES, "%.28s, %.32s", file, shared);
}

static const struct takt_os_bench_channel channel = {
	.name = "Cyclone DDS",
	.create = create,
	.attach = attach,
	.send = send_message,
	.receive = receive_message,
	.detach = detach,
	.destroy = destroy,
};

static const struct takt_os_bench_channel stream = {
	.name = "Cyclone DDS, batches",
	.create = create,
	.attach = attach_stream,
	.send = send_message,
	.receive = receive_message,
	.flush = flush,
	.detach = detach,
	.destroy = destroy,
};

static const struct takt_os_bench_channel shared = {
	.name = "Cyclone DDS, shared memory",
	.create = create,
	.attach = attach_shared,
	.send = send_loan,
	.receive = receive_message,
	.detach = detach,
	.destroy = destroy,
};

const struct peer peer_cyclonedds = {
	.name = "cyclonedds",
	.settings =
		"UDP on lo, unicast, reliable, keep all, packets of 65500 B, waitset, take in place; write batching in streams",
	.channel = &channel,
	.stream = &stream,
	.flight_bytes = 1u << 20,
	.flight_min = 4,
	.flight_max = 1024,
	.version = version,
	.refusal = refusal,
};

const struct peer peer_cyclonedds_iox = {
	.name = "cyclonedds-iox",
	.settings =
		"iceoryx shared memory with RouDi, reliable, keep last 128, dds_loan_sample, waitset, take in place",
	.channel = &shared,
	.flight_bytes = 1u << 22,
	.flight_min = 8,
	.flight_max = 64,
	.may_lose = 1,
	.version = version_shared,
	.start = roudi_start,
	.stop = roudi_stop,
	.refusal = refusal,
};
