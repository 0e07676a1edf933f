/* SPDX-License-Identifier: Apache-2.0 */
/* A shared-memory folder, a work folder with the programs and the configs, and what is in a domain's folder. */
#ifndef TAKT_TEST_RIGHTS_WORLD_H
#define TAKT_TEST_RIGHTS_WORLD_H

#include <stdint.h>
#include <sys/types.h>

#include "core/config.h"
#include "core/type.h"
#include "platform/folder.h"

#define PATH_BYTES 256

enum root_kind {
	ROOT_STICKY, /* everybody may make names in it, as in /dev/shm */
	ROOT_CLOSED, /* only root may */
	ROOT_SYSTEM, /* /dev/shm itself */
	ROOT_KIND_COUNT
};

/* What the topics carry. */
struct note_sample {
	uint64_t count;
	uint64_t words[7];
};
TAKT_TYPE(note, struct note_sample, TAKT_FIELD(struct note_sample, count, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct note_sample, words, TAKT_U64, 7, ""));

struct world {
	enum root_kind kind;
	char root[64];
	char work[64];
	char domain[TAKT_NAME_BYTES];
	char folder[PATH_BYTES]; /* the domain's */
	char config[PATH_BYTES];
	char takt[PATH_BYTES];
};
extern struct world world;

/* Programs are copied to where every user reaches them. @param programs their folder in the build @retval 0 with a message: impossible here */
int world_programs_copy(const char *takt, const char *nodes);
void world_programs_remove(void);

void world_begin(enum root_kind kind);
void world_end(void);

/* The config of most cases: root owns the domain, GROUP_MEMBERS are members; "imu" has one publisher, "duo" two. */
extern const char config_shared[];
/* A domain of the publisher's alone; its group may look and not join. */
extern const char config_looked_at[];
/* Writes a config with %D replaced by the domain's name. */
void world_config(const char *text);

/* `takt create`, by root; it must do it. */
void world_create(void);

/* The path of an object of the domain's folder. */
const char *world_object(const char *name);

/* Runs the takt command: arguments as in a shell, separated by blanks; %C is the config. */
struct said;
enum actor;
void world_takt(struct said *said, unsigned actor, const char *arguments);

/* All that may change in an object. */
struct snapshot {
	uint64_t hash;
	uint64_t inode;
	int64_t bytes;
	int64_t blocks;
	uint32_t links;
	uint32_t mode;
	uint32_t user;
	uint32_t group;
};
/* Of a file by its path, without following a link. The contents only where it is a file that may be read. */
int snapshot_take(struct snapshot *snapshot, const char *path);
int snapshot_equal(const struct snapshot *a, const struct snapshot *b);

/* Calls `visit` for each object below the folder, itself included. */
void world_walk(const char *folder, void (*visit)(void *context, const char *path), void *context);

/* Takes a folder and all that is in it away. */
void world_remove_tree(const char *path);

/* A publisher's life for companion_start: joins `source`, publishes both topics: 'i' imu, 'd' duo; each is answered with 'k'. */
int publisher_live(int orders, int answers, void *context);

#endif
