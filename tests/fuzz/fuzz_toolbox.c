/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues and synchronisation objects as a liar may have left them: their segments are written with patches, then tools look at them, and a
 * node attaches, pushes, takes, acknowledges, waits and posts. The input is a list of patches: what (1 byte: its three low bits name the
 * segment, the others count bytes), where (2 bytes), the bytes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apps/takt/queue.h"
#include "apps/takt/sync.h"
#include "core/barrier.h"
#include "core/events.h"
#include "core/layout.h"
#include "core/mutex.h"
#include "core/queue.h"
#include "core/rwlock.h"
#include "core/semaphore.h"
#include "core/waiter.h"
#include "platform/clock.h"
#include "tests/fuzz/fuzz.h"

#define IMAGE_BYTES_MAX (64u * 1024u)
#define IMAGE_COUNT	8u
#define ITEMS_MAX	12u

struct job {
	uint64_t number;
	char text[8];
};
TAKT_TYPE(job, struct job, TAKT_FIELD(struct job, number, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct job, text, TAKT_CHAR, 8, ""));

static const char config_text[] =
	"domain: toolbox\n"
	"wait_slice_us: 100\n"
	"lock_bound_us: 10\n"
	"queues:\n  - {name: jobs, type: job, bytes: 16, depth: 4, bands: 2, deliveries: 3}\n"
	"syncs:\n"
	"  - {name: units, kind: semaphore, initial: 2}\n"
	"  - {name: map, kind: rwlock}\n"
	"  - {name: flags, kind: events}\n"
	"  - {name: start, kind: barrier, members: 2}\n"
	"  - {name: door, kind: mutex}\n"
	"nodes:\n"
	"  - {name: victim, program: x, pushes: [jobs], takes: [jobs], uses: [units, map, flags, start, door]}\n"
	"  - {name: witness, program: x, pushes: [jobs], takes: [jobs], uses: [units, map, flags, start, door]}\n";

static struct image {
	const char *name;
	size_t bytes;
	unsigned char honest[IMAGE_BYTES_MAX];
} images[IMAGE_COUNT] = {{.name = "takt.toolbox/queue.jobs"}, {.name = "takt.toolbox/state.jobs"},
			 {.name = "takt.toolbox/sync.units"}, {.name = "takt.toolbox/sync.map"},
			 {.name = "takt.toolbox/sync.flags"}, {.name = "takt.toolbox/sync.start"},
			 {.name = "takt.toolbox/sync.door"},  {.name = "takt.toolbox/node.victim"}};

/* All that one node has of the toolbox. */
static struct box {
	struct takt_node node;
	struct takt_waiter waiter;
	struct takt_producer producer;
	struct takt_consumer consumer;
	struct takt_semaphore units;
	struct takt_rwlock map;
	struct takt_events flags;
	struct takt_barrier start;
	struct takt_mutex door;
} victim, witness;

static const char *config_path(void)
{
	static char path[160];

	if (path[0] == '\0') {
		fuzz_write("toolbox.yaml", config_text, sizeof(config_text) - 1);
		fuzz_path(path, "toolbox.yaml");
	}
	return path;
}

/* ------------------------------------------------------------------------------------------------------- images */

static void read_image(struct image *image)
{
	char path[160];

	fuzz_path(path, image->name);
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	FUZZ_CHECK(descriptor >= 0);
	ssize_t count = read(descriptor, image->honest, IMAGE_BYTES_MAX);
	FUZZ_CHECK(count > 0 && count < (ssize_t)IMAGE_BYTES_MAX && close(descriptor) == 0);
	image->bytes = (size_t)count;
}

static void join(struct box *box, const char *name)
{
	memset(box, 0, sizeof(*box));
	FUZZ_CHECK(takt_node_join(&box->node, config_path(), name) == TAKT_OK);
	FUZZ_CHECK(takt_waiter_init(&box->waiter, &box->node, 0) == TAKT_OK);
}

/* @retval how many of the seven it got */
static uint32_t attach(struct box *box)
{
	const enum takt_status results[] = {
		takt_producer_attach(&box->producer, &box->node, "jobs", &takt_type_job),
		takt_consumer_attach(&box->consumer, &box->node, "jobs", &takt_type_job),
		takt_semaphore_attach(&box->units, &box->waiter, "units"),
		takt_rwlock_attach(&box->map, &box->waiter, "map"),
		takt_events_attach(&box->flags, &box->waiter, "flags"),
		takt_barrier_attach(&box->start, &box->waiter, "start"),
		takt_mutex_attach(&box->door, &box->waiter, "door"),
	};
	uint32_t count = 0;

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		count += results[i] == TAKT_OK;
	FUZZ_CHECK(count == sizeof(results) / sizeof(results[0]) || fuzz_said.error_count >= 1);
	return count;
}

static void leave(struct box *box)
{
	takt_producer_detach(&box->producer);
	takt_consumer_detach(&box->consumer);
	takt_semaphore_detach(&box->units);
	takt_rwlock_detach(&box->map);
	takt_events_detach(&box->flags);
	takt_barrier_detach(&box->start);
	takt_mutex_detach(&box->door);
	takt_node_leave(&box->node);
}

/* An honest life: it pushed, has one item in work, a unit, the map to read, and ends. What stood there before that is kept. */
static void make_images(void)
{
	struct job job = {.text = "hello"};
	struct takt_item item;
	int ignored;

	if (images[0].bytes)
		return;
	join(&victim, "victim");
	FUZZ_CHECK(attach(&victim) == 7);
	for (job.number = 1; job.number <= 6; job.number++)
		(void)!takt_queue_push(&victim.producer, &job, job.number % 2, NULL);
	FUZZ_CHECK(takt_queue_take(&victim.consumer, TAKT_BAND_ANY, &job, &item) == TAKT_OK);
	FUZZ_CHECK(takt_semaphore_try_wait(&victim.units) == TAKT_OK);
	FUZZ_CHECK(takt_rwlock_try_read(&victim.map, &ignored) == TAKT_OK);
	FUZZ_CHECK(takt_events_set(&victim.flags, 5) == TAKT_OK);
	for (uint32_t i = 0; i < IMAGE_COUNT; i++)
		read_image(&images[i]);
	leave(&victim);
}

static void patch_images(struct fuzz_input *input)
{
	static unsigned char patched[IMAGE_COUNT][IMAGE_BYTES_MAX];

	for (uint32_t i = 0; i < IMAGE_COUNT; i++)
		memcpy(patched[i], images[i].honest, images[i].bytes);
	while (input->left) {
		uint32_t what = (uint32_t)fuzz_number(input, 1);
		const struct image *image = &images[what % IMAGE_COUNT];
		size_t at = (size_t)fuzz_number(input, 2) % image->bytes, count = what / IMAGE_COUNT + 1;
		(void)fuzz_bytes(input, patched[what % IMAGE_COUNT] + at,
				 count < image->bytes - at ? count : image->bytes - at);
	}
	for (uint32_t i = 0; i < IMAGE_COUNT; i++)
		fuzz_write(images[i].name, patched[i], images[i].bytes);
}

/* ------------------------------------------------------------------------------------------------------ looking */

static void run_tool(const struct command *command, const char *object)
{
	static char path[] = "takt", domain[] = "--domain=toolbox", format[] = "--format=json";
	char word[16];
	char *argv[] = {path, domain, format, object ? word : NULL, NULL};

	(void)snprintf(word, sizeof(word), "%s", object ? object : "");
	fuzz_listen();
	int code = command->run(object ? 4 : 3, argv);
	FUZZ_CHECK(code == EXIT_OK || (code == EXIT_FAILED && fuzz_said.count >= 1));
}

static void look(void)
{
	static const char *const names[] = {"units", "map", "flags", "start", "door"};

	run_tool(&queue_list_command, NULL);
	run_tool(&queue_info_command, "jobs");
	run_tool(&queue_peek_command, "jobs");
	run_tool(&sync_list_command, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		run_tool(&sync_info_command, names[i]);
}

/* -------------------------------------------------------------------------------------------------------- using */

static int is_of_a_queue(enum takt_status status)
{
	return status == TAKT_OK || status == TAKT_EMPTY || status == TAKT_FULL || status == TAKT_TIMEOUT ||
	       status == TAKT_OVERTAKEN || status == TAKT_CORRUPT || status == TAKT_MISMATCH || status == TAKT_CLOSED;
}

static void use_queue(struct box *box)
{
	struct job job = {.number = 99};
	struct takt_item item;

	for (uint32_t i = 0; i < 3; i++)
		FUZZ_CHECK(is_of_a_queue(takt_queue_push(&box->producer, &job, i % 2, NULL)));
	for (uint32_t i = 0; i < ITEMS_MAX; i++) {
		enum takt_status status = takt_queue_take(&box->consumer, TAKT_BAND_ANY, &job, &item);
		FUZZ_CHECK(is_of_a_queue(status));
		if (status != TAKT_OK)
			continue;
		FUZZ_CHECK(item.band < 2 && item.delivery_count >= 1);
		status = i % 3 ? takt_queue_acknowledge(&box->consumer, &item)
			       : takt_queue_return(&box->consumer, &item);
		FUZZ_CHECK(is_of_a_queue(status));
	}
}

static int is_of_a_sync(enum takt_status status)
{
	return status == TAKT_OK || status == TAKT_BUSY || status == TAKT_TIMEOUT || status == TAKT_ABSENT ||
	       status == TAKT_CLOSED || status == TAKT_CORRUPT || status == TAKT_INVALID;
}

/* Every wait has a deadline, and ends by it, whatever the words say. */
static void use_syncs(struct box *box)
{
	uint64_t soon_ns = takt_os_clock_now_ns() + 300 * TAKT_NS_PER_US;
	int told;

	for (uint32_t i = 0; i < 3; i++)
		FUZZ_CHECK(is_of_a_sync(takt_semaphore_wait_until(&box->units, soon_ns)));
	FUZZ_CHECK(takt_semaphore_count(&box->units) <= 2);
	FUZZ_CHECK(is_of_a_sync(takt_semaphore_post(&box->units)));
	if (takt_rwlock_write_until(&box->map, soon_ns, &told) == TAKT_OK)
		FUZZ_CHECK(is_of_a_sync(takt_rwlock_unlock(&box->map)));
	if (takt_rwlock_try_read(&box->map, &told) == TAKT_OK)
		FUZZ_CHECK(is_of_a_sync(takt_rwlock_unlock(&box->map)));
	FUZZ_CHECK(is_of_a_sync(takt_events_take_until(&box->flags, 7, TAKT_EVENTS_ALL, soon_ns, NULL)));
	FUZZ_CHECK(is_of_a_sync(takt_events_set(&box->flags, 2)));
	FUZZ_CHECK(is_of_a_sync(takt_barrier_wait_until(&box->start, soon_ns)));
	if (takt_mutex_lock_until(&box->door, soon_ns, &told) == TAKT_OK)
		takt_mutex_unlock(&box->door);
	/* The deadline, and what a machine that is busy adds. */
	FUZZ_CHECK(takt_os_clock_now_ns() < soon_ns + 5 * TAKT_NS_PER_S);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};

	fuzz_hush();
	fuzz_listen();
	make_images();
	int descriptor = fuzz_free_descriptor();
	patch_images(&input);
	look();
	FUZZ_CHECK(fuzz_free_descriptor() == descriptor);
	fuzz_listen();
	join(&witness, "witness");
	(void)attach(&witness);
	use_queue(&witness);
	use_syncs(&witness);
	leave(&witness);
	FUZZ_CHECK(fuzz_free_descriptor() == descriptor);
	return 0;
}
