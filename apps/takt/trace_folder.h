/* SPDX-License-Identifier: Apache-2.0 */
/* The traces below a folder: every folder with a file `metadata`. What of their files is damaged is seen before anything is read. */
#ifndef APPS_TAKT_TRACE_FOLDER_H
#define APPS_TAKT_TRACE_FOLDER_H

#include <stdint.h>

#include "apps/takt/trace_salvage.h"

#define TRACE_FOLDERS_MAX      128
#define TRACE_FOLDERS_SAME_MAX 32 /* of one identity: the parts of a rotated session, or its snapshots */
#define TRACE_FOLDER_NOTES_MAX 32
#define TRACE_FOLDER_FILES_MAX 256
#define TRACE_FOLDER_DEPTH_MAX 8

struct trace_folder {
	char path[TRACE_PATH_BYTES];
	char shown[TAKT_OS_PATH_MAX]; /* escaped, from the folder that was asked for */
	unsigned char identity[16];
	uint32_t same_count; /* this one and those behind it that are of the same trace; set at the first */
	uint32_t is_damaged;
	uint32_t is_unreadable; /* its metadata is cut off or no metadata */
	uint32_t file_count;
	char **files; /* names of its stream files */
};

struct trace_folders {
	uint32_t count;
	struct trace_folder *all; /* those of one identity stand together */
	uint64_t packet_count;
	uint64_t byte_count;
	uint32_t note_count;
	char notes[TRACE_FOLDER_NOTES_MAX][400];
};

/* @retval 1 there is at least one @retval 0 there is none, with a message */
int trace_folders_find(struct trace_folders *folders, const char *folder);
void trace_folders_free(struct trace_folders *folders);

#endif
