/* SPDX-License-Identifier: Apache-2.0 */
/* All that a domain's processes share: the objects in its folder. Saved, restored, watched and compared as bytes. */
#ifndef TAKT_TEST_KILL_WORLD_H
#define TAKT_TEST_KILL_WORLD_H

#include <stdint.h>

#define WORLD_FILE_COUNT_MAX 24

struct world_file {
	char name[64];
	uint32_t mode;
	uint32_t is_pipe;
	uint32_t bytes;
	unsigned char *contents;
};

struct world {
	uint32_t exists; /* the domain's folder */
	uint32_t mode;
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

/* The same number for states in which only times, statistics and the victim's random token differ. */
uint64_t world_digest(uint64_t victim_token);

/* Begins to watch; then, after each step: 1 when a byte or a name has changed since the last look. */
void world_watch(void);
int world_changed(int after_call);

/* The mapped object, read-only, or NULL: valid until the next world_watch. */
const void *world_object(const char *name);

/* 1 when the folder holds exactly the names it held when `world` was saved. */
int world_has_same_names(const struct world *world);
/* What stands in the private folder beside the config: 0 after a clean-up. Prints each. */
uint32_t world_residue(void);

#endif
