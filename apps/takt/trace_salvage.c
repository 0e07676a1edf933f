/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_salvage.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/trace_packets.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/scratch.h"

/* A walk over a trace's files, each of which goes into the folder that is made. */
struct filling {
	const char *folder;
	const char *made;
	struct trace_rest *rest; /* NULL: whole files */
	int has_failed;
};

static int join(char path[TRACE_PATH_BYTES], const char *folder, const char *name)
{
	int length = snprintf(path, TRACE_PATH_BYTES, "%s/%s", folder, name);
	if (length > 0 && length < TRACE_PATH_BYTES)
		return 1;
	takt_message(TAKT_ERROR, "trace %.100s: a path in it is too long", folder);
	return 0;
}

int trace_salvage_is_stream(const char *folder, const char *name)
{
	char path[TRACE_PATH_BYTES];
	if (name[0] == '.' || strcmp(name, "metadata") == 0 || !join(path, folder, name))
		return 0;
	return !takt_os_scratch_is_folder(path);
}

static int link_file(const char *folder, const char *name, const char *made)
{
	char absolute[TRACE_PATH_BYTES];
	char target[TRACE_PATH_BYTES];
	char path[TRACE_PATH_BYTES];
	return join(target, folder, name) && join(path, made, name) &&
	       takt_os_file_absolute(target, absolute, sizeof(absolute)) == TAKT_OK &&
	       takt_os_scratch_link(absolute, path) == TAKT_OK;
}

/* A new folder with the trace's metadata. */
static int make(struct trace_salvage *salvage, const char *folder, char made[TRACE_PATH_BYTES])
{
	char name[16];
	if (salvage->root[0] == '\0' && takt_os_scratch_make(salvage->root, sizeof(salvage->root)) != TAKT_OK) {
		salvage->root[0] = '\0';
		return 0;
	}
	(void)snprintf(name, sizeof(name), "%u", salvage->folder_count++);
	return join(made, salvage->root, name) && takt_os_file_make_folder(made) == TAKT_OK &&
	       link_file(folder, "metadata", made);
}

/* 1 where the packet belongs to what is being copied. */
static int is_wanted(const struct trace_packet *packet, struct trace_rest *rest)
{
	if (packet->is_damaged)
		return 0;
	if (rest == NULL)
		return 1;
	if (packet->stream != rest->stream || packet->instance != rest->instance || packet->begin_ns <= rest->after_ns)
		return 0;
	if (rest->leave_out) {
		rest->leave_out = 0;
		return 0;
	}
	rest->packet_count++;
	return 1;
}

static int copy_packets(const char *from, const char *to, struct trace_rest *rest)
{
	struct trace_packets packets;
	struct trace_packet packet;
	int is_whole = trace_packets_open(&packets, from);
	FILE *file = NULL;
	while (is_whole && trace_packets_next(&packets, &packet)) {
		if (!is_wanted(&packet, rest))
			continue;
		if (file == NULL)
			file = takt_os_file_write(to);
		is_whole = file && trace_packets_copy(&packets, &packet, file);
	}
	trace_packets_close(&packets);
	if (file && fclose(file) != 0)
		is_whole = 0;
	if (!is_whole)
		takt_message(
			TAKT_ERROR,
			"file %.200s: its whole packets cannot be copied to %.200s; is there space? TMPDIR names another folder",
			from, to);
	return is_whole;
}

static void fill(void *context, const char *name)
{
	struct filling *filling = context;
	struct trace_packets_found found;
	char from[TRACE_PATH_BYTES];
	char to[TRACE_PATH_BYTES];
	if (filling->has_failed || !trace_salvage_is_stream(filling->folder, name))
		return;
	filling->has_failed = 1;
	if (!join(from, filling->folder, name) || !join(to, filling->made, name))
		return;
	/* One that cannot be read is left out. */
	if (!trace_packets_look(from, "", &found) || found.bytes == 0)
		filling->has_failed = 0;
	else if (filling->rest || found.damaged_count)
		filling->has_failed = !copy_packets(from, to, filling->rest);
	else
		filling->has_failed = !link_file(filling->folder, name, filling->made);
}

static int fill_all(struct trace_salvage *salvage, const char *folder, struct trace_rest *rest,
		    char made[TRACE_PATH_BYTES])
{
	struct filling filling = {.folder = folder, .made = made, .rest = rest};
	if (!make(salvage, folder, made))
		return 0;
	return takt_os_file_list(folder, fill, &filling) == TAKT_OK && !filling.has_failed;
}

int trace_salvage_whole(struct trace_salvage *salvage, const char *folder, char made[TRACE_PATH_BYTES])
{
	return fill_all(salvage, folder, NULL, made);
}

int trace_salvage_file(struct trace_salvage *salvage, const char *folder, const char *name, char made[TRACE_PATH_BYTES])
{
	struct filling filling = {.folder = folder, .made = made};
	if (!make(salvage, folder, made))
		return 0;
	fill(&filling, name);
	return !filling.has_failed;
}

int trace_salvage_rest(struct trace_salvage *salvage, const char *folder, struct trace_rest *rest,
		       char made[TRACE_PATH_BYTES])
{
	return fill_all(salvage, folder, rest, made);
}

static void remove_one(void *context, const char *name)
{
	char path[TRACE_PATH_BYTES];
	if (!join(path, context, name))
		return;
	if (takt_os_scratch_is_folder(path) && takt_os_file_list(path, remove_one, path) != TAKT_OK)
		return;
	(void)remove(path);
}

void trace_salvage_end(struct trace_salvage *salvage)
{
	if (salvage->root[0] == '\0')
		return;
	if (takt_os_file_list(salvage->root, remove_one, salvage->root) != TAKT_OK || remove(salvage->root) != 0)
		takt_message(TAKT_WARNING, "folder %.200s: what was copied for this report is still in it; remove it",
			     salvage->root);
	salvage->root[0] = '\0';
}
