/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rights/world.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/takt.h"
#include "tests/rights/actor.h"

#define CONFIG_BYTES   4096
#define WORD_COUNT_MAX 16

struct world world;

const char config_shared[] =
	"domain: %D\n"
	"owner: 0\n"
	"group: 61100\n"
	"mode: 0660\n"
	"wait_slice_us: 1000000\n"
	"topics:\n"
	"  - {name: imu, type: note, bytes: 64, depth: 8, borrows: 2, owner: 61002, group: 61100, mode: 0640}\n"
	"  - {name: duo, type: note, bytes: 64, depth: 8, publishers: 2, owner: 61002, group: 61101, mode: 0664}\n"
	"nodes:\n"
	"  - {name: source, program: x, publishes: [imu, duo], restart: never}\n"
	"  - {name: twin, program: x, publishes: [duo], restart: never}\n"
	"  - {name: sink, program: x, subscribes: [imu, duo], restart: never}\n";

const char config_looked_at[] = "domain: %D\n"
				"owner: 61002\n"
				"group: 61100\n"
				"mode: 0640\n"
				"topics:\n"
				"  - {name: imu, type: note, bytes: 64, depth: 8, borrows: 2}\n"
				"  - {name: duo, type: note, bytes: 64, depth: 8, publishers: 2}\n"
				"nodes:\n"
				"  - {name: source, program: x, publishes: [imu, duo], restart: never}\n"
				"  - {name: sink, program: x, subscribes: [imu, duo], restart: never}\n";

/* --------------------------------------------------------------------------------------------------- folders */

static void make_private(char path[64], const char *pattern, mode_t mode)
{
	(void)snprintf(path, 64, "%s", pattern);
	if (mkdtemp(path) == NULL || chmod(path, mode) != 0) {
		perror(pattern);
		exit(2);
	}
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

void world_remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int copy_program(const char *from, const char *name)
{
	char path[PATH_BYTES];
	char command[3 * PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/%s", world.work, name);
	(void)snprintf(command, sizeof(command), "cp '%s/%s' '%s' && chmod 755 '%s'", from, name, path, path);
	return system(command) == 0;
}

int world_programs_copy(const char *takt, const char *nodes)
{
	make_private(world.work, "/tmp/takt-rights.XXXXXX", 0755);
	(void)snprintf(world.takt, sizeof(world.takt), "%s/takt", world.work);
	return copy_program(takt, "takt") && copy_program(nodes, "ticker") && copy_program(nodes, "tocker");
}

void world_programs_remove(void)
{
	world_remove_tree(world.work);
}

void world_begin(enum root_kind kind)
{
	world.kind = kind;
	(void)snprintf(world.domain, sizeof(world.domain), "rights_%d", (int)getpid());
	if (kind == ROOT_SYSTEM) {
		(void)snprintf(world.root, sizeof(world.root), "/dev/shm");
		(void)unsetenv("TAKT_SHM_FOLDER");
	} else {
		make_private(world.root, "/dev/shm/takt-rights.XXXXXX", kind == ROOT_STICKY ? 01777 : 0755);
		(void)setenv("TAKT_SHM_FOLDER", world.root, 1);
	}
	(void)snprintf(world.folder, sizeof(world.folder), "%s/takt.%s", world.root, world.domain);
	world_config(config_shared);
}

void world_end(void)
{
	world_remove_tree(world.folder);
	if (world.kind != ROOT_SYSTEM)
		world_remove_tree(world.root);
}

void world_config(const char *text)
{
	char path[PATH_BYTES];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/config.yaml", world.work);
	(void)snprintf(world.config, sizeof(world.config), "%s", path);
	file = fopen(path, "w");
	if (file == NULL)
		abort();
	for (const char *at = text; *at; at++) {
		if (at[0] == '%' && at[1] == 'D') {
			(void)fputs(world.domain, file);
			at++;
		} else {
			(void)fputc(*at, file);
		}
	}
	if (fclose(file) != 0 || chmod(path, 0644) != 0)
		abort();
}

const char *world_object(const char *name)
{
	static char paths[4][2 * PATH_BYTES];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", world.folder, name);
	return path;
}

/* -------------------------------------------------------------------------------------------------- programs */

void world_takt(struct said *said, unsigned actor, const char *arguments)
{
	char text[512];
	const char *words[WORD_COUNT_MAX + 1] = {world.takt};
	unsigned count = 1;
	char *rest = NULL;

	(void)snprintf(text, sizeof(text), "%s", arguments);
	for (char *word = strtok_r(text, " ", &rest); word && count < WORD_COUNT_MAX; word = strtok_r(NULL, " ", &rest))
		words[count++] = strcmp(word, "%C") == 0 ? world.config : strcmp(word, "%D") == 0 ? world.domain : word;
	words[count] = NULL;
	actor_execute(said, (enum actor)actor, 022, words);
}

void world_create(void)
{
	struct said said;

	world_takt(&said, ACTOR_ROOT, "create %C");
	expect(said.code == 0, "takt create: exit %d: %s", said.code, said.text);
}

/* ------------------------------------------------------------------------------------------------- snapshots */

static uint64_t hash_of(const char *path)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	unsigned char bytes[4096];
	ssize_t got;
	int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (file < 0)
		return 0;
	while ((got = read(file, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < got; i++)
			hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	(void)close(file);
	return hash;
}

int snapshot_take(struct snapshot *snapshot, const char *path)
{
	struct stat found;

	memset(snapshot, 0, sizeof(*snapshot));
	if (lstat(path, &found) != 0)
		return 0;
	*snapshot = (struct snapshot){
		.hash = S_ISREG(found.st_mode) ? hash_of(path) : 0,
		.inode = found.st_ino,
		.bytes = S_ISDIR(found.st_mode) ? 0 : found.st_size,
		.blocks = S_ISDIR(found.st_mode) ? 0 : found.st_blocks,
		.links = (uint32_t)found.st_nlink,
		.mode = found.st_mode,
		.user = found.st_uid,
		.group = found.st_gid,
	};
	return 1;
}

int snapshot_equal(const struct snapshot *a, const struct snapshot *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void (*walk_visit)(void *context, const char *path);
static void *walk_context;

static int walk_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	walk_visit(walk_context, path);
	return 0;
}

void world_walk(const char *folder, void (*visit)(void *context, const char *path), void *context)
{
	walk_visit = visit;
	walk_context = context;
	(void)nftw(folder, walk_one, 16, FTW_PHYS);
}

/* ------------------------------------------------------------------------------------------------- publisher */

static int publish(struct takt_publisher *publisher, uint64_t count)
{
	struct note_sample sample = {.count = count};

	for (uint64_t i = 0; i < 7; i++)
		sample.words[i] = count * (i + 1);
	return takt_publish(publisher, &sample, NULL) == TAKT_OK;
}

int publisher_live(int orders, int answers, void *context)
{
	static struct takt_node node;
	static struct takt_publisher imu;
	static struct takt_publisher duo;
	uint64_t counts[2] = {0, 0};
	char order;

	(void)context;
	if (takt_node_join(&node, world.config, "source") != TAKT_OK ||
	    takt_publisher_attach(&imu, &node, "imu", &takt_type_note) != TAKT_OK ||
	    takt_publisher_attach(&duo, &node, "duo", &takt_type_note) != TAKT_OK ||
	    takt_node_set_ready(&node) != TAKT_OK)
		return 1;
	if (write(answers, "r", 1) != 1)
		return 2;
	while (read(orders, &order, 1) == 1 && order != 'q') {
		int is_done = order == 'i' ? publish(&imu, ++counts[0]) : publish(&duo, ++counts[1]);

		if (write(answers, is_done ? "k" : "n", 1) != 1)
			return 2;
	}
	takt_publisher_detach(&duo);
	takt_publisher_detach(&imu);
	takt_node_leave(&node);
	return 0;
}
