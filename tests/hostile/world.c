/* SPDX-License-Identifier: Apache-2.0 */
/* The folder, the config, and guard pages around everything that takt maps. */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/domain.h"
#include "core/segment.h"
#include "platform/message.h"
#include "tests/hostile/hostile.h"

TAKT_TYPE(message, struct message, TAKT_FIELD(struct message, seed, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct message, words, TAKT_U64, 9, ""));
const struct takt_type *const message_type = &takt_type_message;
const char *const topic_names[TOPIC_COUNT] = {"clean", "fair", "frozen", "own", "mixed"};
char config_path[PATH_BYTES];
char root_path[PATH_BYTES];
static uint64_t frozen_hash;

static const char config_text[] =
	"domain: " DOMAIN "\n"
	"wait_slice_us: 2000\n"
	"lock_bound_us: %u\n"
	"topics:\n"
	"  - {name: clean, type: message, bytes: 80, depth: 16, borrows: 2, loans: 2}\n"
	"  - {name: fair, type: message, bytes: 80, depth: 64, publishers: 2}\n"
	"  - {name: frozen, type: message, bytes: 80, depth: 16}\n"
	"  - {name: own, type: message, bytes: 80, depth: 16, borrows: 2, loans: 2}\n"
	"  - {name: mixed, type: message, bytes: 80, depth: 16, borrows: 2, loans: 3, publishers: 3}\n"
	"nodes:\n"
	"  - {name: good, program: x, publishes: [clean, frozen], waiters: 0}\n"
	"  - {name: fair_a, program: x, publishes: [fair], waiters: 0}\n"
	"  - {name: fair_b, program: x, publishes: [fair], waiters: 0}\n"
	"  - {name: mixer, program: x, publishes: [mixed], waiters: 0}\n"
	"  - {name: reader, program: x, subscribes: [clean, fair, frozen, own, mixed]}\n"
	"  - {name: borrower, program: x, subscribes: [clean, own, mixed]}\n"
	"  - {name: sleeper, program: x, subscribes: [clean, fair, own, mixed]}\n"
	"  - {name: comer, program: x, subscribes: [clean, fair, own, mixed]}\n"
	"  - {name: looper, program: x, subscribes: [clean, own]}\n"
	"  - {name: liar, program: x, publishes: [own, mixed], subscribes: [clean, fair]}\n";

/* ------------------------------------------------------------------------------------------------- guard pages */

void *__real_mmap64(void *address, size_t bytes, int protection, int flags, int descriptor, off_t offset);
int __real_munmap(void *address, size_t bytes);
void *__wrap_mmap64(void *address, size_t bytes, int protection, int flags, int descriptor, off_t offset);
int __wrap_munmap(void *address, size_t bytes);

/* takt's own calls come here (its port has 64-bit file offsets): a shared mapping lies between two fields of memory that nobody may touch.
 * The real one is named: where this file is built with such offsets too, mmap would be this function. */
void *__wrap_mmap64(void *address, size_t bytes, int protection, int flags, int descriptor, off_t offset)
{
	const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	const size_t whole = (bytes + page_bytes - 1) / page_bytes * page_bytes;

	if (address != NULL || descriptor < 0 || (flags & MAP_SHARED) == 0)
		return __real_mmap64(address, bytes, protection, flags, descriptor, offset);
	unsigned char *field = __real_mmap64(NULL, whole + 2 * GUARD_BYTES, PROT_NONE,
					     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (field == MAP_FAILED)
		return MAP_FAILED;
	void *inside = __real_mmap64(field + GUARD_BYTES, bytes, protection, flags | MAP_FIXED, descriptor, offset);
	if (inside == MAP_FAILED)
		(void)__real_munmap(field, whole + 2 * GUARD_BYTES);
	return inside;
}

/* takt unmaps nothing but what it mapped above. */
int __wrap_munmap(void *address, size_t bytes)
{
	const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	const size_t whole = (bytes + page_bytes - 1) / page_bytes * page_bytes;

	return __real_munmap((unsigned char *)address - GUARD_BYTES, whole + 2 * GUARD_BYTES);
}

/* --------------------------------------------------------------------------------------------------- the world */

static void require(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(2);
}

void world_begin_with(const char *text)
{
	(void)snprintf(root_path, sizeof(root_path), "/dev/shm/takt-hostile-XXXXXX");
	require(mkdtemp(root_path) != NULL, "mkdtemp");
	require(setenv("TAKT_SHM_FOLDER", root_path, 1) == 0, "setenv");
	(void)snprintf(config_path, sizeof(config_path), "%s/config.yaml", root_path);
	FILE *file = fopen(config_path, "w");
	require(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, config_path);
}

void world_begin(unsigned lock_bound_us)
{
	char text[CONFIG_BYTES];

	(void)snprintf(text, sizeof(text), config_text, lock_bound_us);
	world_begin_with(text);
}

static void ignore(void *context, const char *object, enum takt_status result)
{
	(void)context;
	(void)object;
	(void)result;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

int world_end(void)
{
	const enum takt_status status = takt_domain_clean(DOMAIN, ignore, NULL);

	(void)unlink(config_path);
	if (status == TAKT_OK && rmdir(root_path) == 0)
		return 1;
	(void)nftw(root_path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

void world_path(char path[PATH_BYTES], const char *object)
{
	(void)snprintf(path, PATH_BYTES, "%.80s/takt." DOMAIN "/%s", root_path, object);
}

static uint64_t hash_frozen(void)
{
	char path[PATH_BYTES];
	unsigned char bytes[65536];

	world_path(path, "topic.frozen");
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t got = file < 0 ? -1 : read(file, bytes, sizeof(bytes));
	if (file >= 0)
		(void)close(file);
	return got <= 0 ? 0 : takt_hash(TAKT_HASH_SEED, bytes, (uint64_t)got);
}

void world_freeze(void)
{
	static struct takt_node node;
	static struct takt_publisher publisher;
	struct message message;

	require(takt_node_join(&node, config_path, "good") == TAKT_OK, "join");
	uint32_t created = 0;
	require(takt_domain_create(node.config, &created) == TAKT_OK, "create");
	require(takt_publisher_attach(&publisher, &node, "frozen", message_type) == TAKT_OK, "attach");
	for (uint64_t seed = 1; seed <= 20; seed++) {
		message_fill(&message, seed);
		require(takt_publish(&publisher, &message, NULL) == TAKT_OK, "publish");
	}
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	frozen_hash = hash_frozen();
	require(frozen_hash != 0, "checksum");
}

int world_is_frozen(void)
{
	return hash_frozen() == frozen_hash;
}

uint64_t world_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

void message_fill(struct message *message, uint64_t seed)
{
	message->seed = seed;
	for (unsigned i = 0; i < 9; i++)
		message->words[i] = (seed + i) * UINT64_C(0x9e3779b97f4a7c15);
}

int message_is_whole(const struct message *message)
{
	struct message expected;

	message_fill(&expected, message->seed);
	return memcmp(message, &expected, sizeof(expected)) == 0;
}
