/* SPDX-License-Identifier: Apache-2.0 */
/* All that a domain's processes share: the objects in its folder. Saved, restored, watched and compared as bytes. */
#ifndef TAKT_TEST_KILL_WORLD_H
#define TAKT_TEST_KILL_WORLD_H

#include <stdint.h>

#define WORLD_FILE_COUNT_MAX 64
/* What stands beside the domain's folder and belongs there. */
#define WORLD_CONFIG_NAME    "kill.yaml"
#define WORLD_PARAMETER_NAME "kill.parameters"

struct world_file {
	char name[64];
	uint32_t mode;
	uint32_t type; /* S_IFREG, S_IFIFO or S_IFSOCK */
	uint32_t bytes;
	unsigned char *contents;
};

struct world {
	uint32_t exists; /* the domain's folder */
	uint32_t mode;
	char unnamed[64]; /* a folder beside it that a killed maker had not named yet; empty: none */
	uint32_t unnamed_mode;
	uint32_t file_count;
	struct world_file files[WORLD_FILE_COUNT_MAX];
};

/* Makes a private shared-memory folder and points takt to it; and removes it with all that is in it. */
void world_begin(void);
void world_end(void);
/* The private folder's path. */
const char *world_root(void);

void world_save(struct world *world);
/* Objects that are there already keep their memory, so that a living process's view stays true. */
void world_restore(const struct world *world);
void world_free(struct world *world);

/* The same number for states in which only times, statistics and random tokens differ. */
uint64_t world_digest(const uint64_t tokens[], uint32_t token_count);

/* Begins to watch; then, after each step: 1 when a byte or a name has changed since the last look. */
void world_watch(void);
int world_changed(int after_call);

/* An object, mapped read-only: valid until the next call. */
const void *world_object(const char *name);

/* 1 when the folder holds exactly the names it held when `world` was saved. */
int world_has_same_names(const struct world *world);
/* What stands in the private folder beside the config and the saved parameters: 0 after a clean-up. Prints each. */
uint32_t world_residue(void);
/* The same while the domain's folder may be there. */
uint32_t world_residue_beside(void);

#endif
