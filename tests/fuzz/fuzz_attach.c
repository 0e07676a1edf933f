/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments as a liar may have left them: a domain's roster, topics and node segment are written to its folder with patches, and then a
 * tool looks at them and a node joins, reads and publishes. The input is a list of patches: what (1 byte: its two low bits name the
 * segment, the others count bytes), where (2 bytes), the bytes. WHAT 0xff: an operation, its kind (1) and a number (2).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/takt/node.h"
#include "apps/takt/reader.h"
#include "apps/takt/topic.h"
#include "core/layout.h"
#include "core/protocol/ring.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_domain.h"

#define IMAGE_BYTES_MAX (64u * 1024u)
#define SAMPLES_MAX	16

enum { ROSTER = 0, ONE = 1, MANY = 2, NODE = 3, IMAGE_COUNT = 4 };
enum { CUT = 0, AGREE = 1, GROW = 2 };

struct image {
	const char *name;
	size_t bytes;
	unsigned char honest[IMAGE_BYTES_MAX];
	unsigned char patched[IMAGE_BYTES_MAX];
	size_t patched_bytes;
};

static struct image images[IMAGE_COUNT] = {{.name = "takt.fuzz/roster"},
					   {.name = "takt.fuzz/topic.one"},
					   {.name = "takt.fuzz/topic.many"},
					   {.name = "takt.fuzz/node.victim"}};

/* ------------------------------------------------------------------------------------------------------ images */

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

/* An honest life of the domain: a node joined, published and died without a word. */
static void make_images(void)
{
	static struct takt_node victim;
	static struct takt_publisher one, many;
	struct fuzz_sample sample = {.position = 0.5, .text = "hello"};

	if (images[0].bytes)
		return;
	fuzz_domain_join(&victim, "victim");
	FUZZ_CHECK(takt_publisher_attach(&one, &victim, "one", &takt_type_fuzz_sample) == TAKT_OK);
	FUZZ_CHECK(takt_publisher_attach(&many, &victim, "many", &takt_type_fuzz_sample) == TAKT_OK);
	for (sample.count = 0; sample.count < 6; sample.count++)
		FUZZ_CHECK(takt_publish(&one, &sample, NULL) == TAKT_OK &&
			   takt_publish(&many, &sample, NULL) == TAKT_OK);
	for (uint32_t i = 0; i < IMAGE_COUNT; i++)
		read_image(&images[i]);
	takt_publisher_detach(&one);
	takt_publisher_detach(&many);
	takt_node_leave(&victim);
}

/* The topic's description gets the checksum of its patched fields: a liar can compute it too. */
static void agree(struct image *image)
{
	struct takt_topic_shm topic;
	static struct takt_flat_type flat;

	memcpy(&topic, image->patched, sizeof(topic));
	uint32_t field_count = atomic_load_explicit(&topic.description.field_count, memory_order_relaxed);
	if (topic.segment.kind != TAKT_SEGMENT_TOPIC || field_count > TAKT_FIELD_COUNT_MAX ||
	    topic.fields_offset > image->bytes ||
	    image->bytes - topic.fields_offset < field_count * sizeof(struct takt_field_shm))
		return;
	memset(&flat, 0, sizeof(flat));
	memcpy(flat.name, topic.type_name, sizeof(flat.name));
	flat.bytes = topic.payload_bytes;
	flat.field_count = field_count;
	for (uint32_t i = 0; i < field_count; i++) {
		struct takt_field_shm field;

		memcpy(&field, image->patched + topic.fields_offset + i * sizeof(field), sizeof(field));
		memcpy(flat.fields[i].name, field.name, sizeof(field.name));
		memcpy(flat.fields[i].unit, field.unit, sizeof(field.unit));
		flat.fields[i].kind = field.kind;
		flat.fields[i].count = field.count;
		flat.fields[i].offset = field.offset;
	}
	uint64_t hash = takt_flat_type_hash(&flat);
	memcpy(image->patched + offsetof(struct takt_topic_shm, description.type_hash), &hash, sizeof(hash));
}

static void operate(struct fuzz_input *input)
{
	uint32_t kind = (uint32_t)fuzz_number(input, 1);
	uint32_t number = (uint32_t)fuzz_number(input, 2);
	struct image *image = &images[kind >> 6];

	if (kind % 3 == CUT)
		image->patched_bytes = number % image->bytes;
	else if (kind % 3 == AGREE)
		agree(image);
	else
		image->patched_bytes = image->bytes + number < IMAGE_BYTES_MAX ? image->bytes + number : image->bytes;
}

static void patch_images(struct fuzz_input *input)
{
	for (uint32_t i = 0; i < IMAGE_COUNT; i++) {
		memcpy(images[i].patched, images[i].honest, images[i].bytes);
		images[i].patched_bytes = images[i].bytes;
	}
	while (input->left) {
		uint32_t what = (uint32_t)fuzz_number(input, 1);
		if (what == 0xff) {
			operate(input);
			continue;
		}
		struct image *image = &images[what % IMAGE_COUNT];
		size_t at = (size_t)fuzz_number(input, 2) % image->bytes, count = what / IMAGE_COUNT + 1;
		(void)fuzz_bytes(input, image->patched + at, count < image->bytes - at ? count : image->bytes - at);
	}
	for (uint32_t i = 0; i < IMAGE_COUNT; i++)
		fuzz_write(images[i].name, images[i].patched, images[i].patched_bytes);
}

/* ------------------------------------------------------------------------------------------------------ looking */

static void read_topic(const struct takt_domain *domain, const char *topic)
{
	struct reader reader = {0};
	struct takt_sample_header header;
	uint64_t lost = 0, before;

	if (reader_open(&reader, domain, topic) != TAKT_OK) {
		FUZZ_CHECK(fuzz_said.error_count >= 1 && reader.shm.address == NULL);
		return;
	}
	FUZZ_CHECK(reader.payload != NULL && reader.constants.slot_count <= reader.shm.bytes);
	reader_seek(&reader, reader_oldest(&reader));
	for (uint32_t i = 0; i < SAMPLES_MAX; i++) {
		before = reader.next;
		enum takt_status status = reader_next(&reader, &header, &lost);
		if (status != TAKT_OK)
			break;
		FUZZ_CHECK(header.number == reader.next - 1 && reader.next > before);
	}
	FUZZ_CHECK(lost == reader.lost);
	(void)reader_rate_hz(&reader);
	reader_close(&reader);
}

static void run_tool(const struct command *command, const char *first, const char *second)
{
	static char path[] = "takt", domain[] = "--domain=" FUZZ_DOMAIN, format[] = "--format=json";
	char word[16], other[16];
	char *argv[] = {path, domain, format, word, NULL, NULL};
	int argc = 3;

	(void)snprintf(word, sizeof(word), "%s", first ? first : "");
	(void)snprintf(other, sizeof(other), "%s", second ? second : "");
	argv[3] = first ? word : NULL;
	argc += first != NULL;
	if (second)
		argv[2] = other;
	fuzz_listen();
	int code = command->run(argc, argv);
	FUZZ_CHECK(code == EXIT_OK || (code == EXIT_FAILED && fuzz_said.count >= 1));
}

static void look(void)
{
	struct takt_domain domain;

	fuzz_listen();
	enum takt_status status = takt_domain_attach(&domain, FUZZ_DOMAIN);
	FUZZ_CHECK((status == TAKT_OK) == (fuzz_said.error_count == 0));
	if (status == TAKT_OK) {
		const struct takt_segment_shm *head = domain.roster.address;
		FUZZ_CHECK(domain.node_count <= TAKT_NODE_COUNT_MAX && domain.topic_count <= TAKT_TOPIC_COUNT_MAX);
		FUZZ_CHECK(head->total_bytes <= domain.roster.bytes);
		read_topic(&domain, "one");
		read_topic(&domain, "many");
		takt_domain_close(&domain);
	} else {
		FUZZ_CHECK(domain.folder == -1 && domain.roster.address == NULL);
	}
	run_tool(&topic_list_command, NULL, NULL);
	run_tool(&topic_info_command, "many", "--format=csv");
	run_tool(&topic_info_command, "one", NULL);
	run_tool(&node_list_command, NULL, NULL);
	run_tool(&node_info_command, "victim", NULL);
}

/* ------------------------------------------------------------------------------------------------------ joining */

static void wait_for(struct takt_node *node, struct takt_subscriber *subscriber)
{
	static struct takt_waiter waiter;

	FUZZ_CHECK(takt_waiter_init(&waiter, node, 0) == TAKT_OK);
	FUZZ_CHECK(takt_waiter_add(&waiter, subscriber) == TAKT_OK);
	enum takt_status status = takt_wait_until(&waiter, 1);
	FUZZ_CHECK(status == TAKT_OK || status == TAKT_TIMEOUT);
}

static void subscribe(struct takt_node *node, const char *topic)
{
	static struct takt_subscriber subscriber;
	static const struct takt_subscriber_options options = {.history = 2, .borrows = 1};
	struct fuzz_sample sample;
	struct takt_sample_info info;
	struct takt_borrow borrow;

	if (takt_subscriber_attach(&subscriber, node, topic, &takt_type_fuzz_sample, &options) != TAKT_OK) {
		FUZZ_CHECK(fuzz_said.error_count >= 1 && subscriber.node == NULL);
		return;
	}
	wait_for(node, &subscriber);
	for (uint32_t i = 0; i < SAMPLES_MAX && takt_read_next(&subscriber, &sample, &info) == TAKT_OK; i++)
		FUZZ_CHECK(info.number == subscriber.next - 1);
	if (takt_borrow_latest(&subscriber, &borrow, &info) == TAKT_OK) {
		const unsigned char *end = (unsigned char *)subscriber.segment.address + subscriber.segment.bytes;
		FUZZ_CHECK((const unsigned char *)borrow.payload + sizeof(sample) <= end);
		FUZZ_CHECK(takt_return(&subscriber, &borrow) == TAKT_OK);
	}
	FUZZ_CHECK(subscriber.got + subscriber.lost + subscriber.skipped == subscriber.next - subscriber.start);
	takt_subscriber_detach(&subscriber);
}

static void publish(struct takt_node *node)
{
	static struct takt_publisher publisher;
	struct fuzz_sample sample = {.count = 1};
	struct takt_loan loan;

	if (takt_publisher_attach(&publisher, node, "many", &takt_type_fuzz_sample) != TAKT_OK) {
		FUZZ_CHECK(fuzz_said.error_count >= 1 && publisher.node == NULL);
		return;
	}
	for (uint32_t i = 0; i < 3; i++) {
		enum takt_status status = takt_publish(&publisher, &sample, NULL);
		FUZZ_CHECK(status == TAKT_OK || status == TAKT_TIMEOUT || status == TAKT_FULL);
	}
	if (takt_publisher_loan(&publisher, &loan) == TAKT_OK) {
		memcpy(loan.payload, &sample, sizeof(sample));
		takt_publisher_abandon(&publisher, &loan);
	}
	takt_publisher_detach(&publisher);
}

static void join(void)
{
	static struct takt_node witness;

	fuzz_listen();
	if (takt_node_join(&witness, fuzz_domain_config(), "witness") != TAKT_OK) {
		FUZZ_CHECK(fuzz_said.error_count >= 1 && witness.config == NULL);
		return;
	}
	subscribe(&witness, "one");
	subscribe(&witness, "many");
	publish(&witness);
	takt_node_leave(&witness);
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
	join();
	FUZZ_CHECK(fuzz_free_descriptor() == descriptor);
	return 0;
}
