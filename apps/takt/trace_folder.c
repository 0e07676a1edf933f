/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_folder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/trace_packets.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/scratch.h"

#define METADATA_MAGIC	    0x75d11d57u
#define METADATA_HEAD_BYTES 37u

struct metadata_head {
	size_t read_bytes;
	uint32_t packet_bytes;
	unsigned char identity[16];
};

struct search {
	struct trace_folders *folders;
	const char *root;
	const char *path; /* the folder that is being listed */
	uint32_t depth;
	struct trace_folder *trace; /* whose files are being looked at */
};

static void note(struct trace_folders *folders, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct trace_folders *folders, const char *format, ...)
{
	va_list arguments;
	if (folders->note_count++ >= TRACE_FOLDER_NOTES_MAX)
		return;
	va_start(arguments, format);
	(void)vsnprintf(folders->notes[folders->note_count - 1], sizeof(folders->notes[0]), format, arguments);
	va_end(arguments);
}

static uint32_t little_endian(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Source: CTF 1.8.3, 7.2: magic 0, uuid 4, checksum 20, content in bits 24, packet in bits 28, three bytes of schemes, version 35. */
static int read_head(FILE *file, struct metadata_head *head)
{
	unsigned char bytes[METADATA_HEAD_BYTES];
	*head = (struct metadata_head){.read_bytes = fread(bytes, 1, sizeof(bytes), file)};
	if (head->read_bytes != sizeof(bytes))
		return 0;
	uint32_t magic = little_endian(bytes);
	int is_swapped = __builtin_bswap32(magic) == METADATA_MAGIC;
	uint32_t content_bits = little_endian(bytes + 24);
	uint32_t packet_bits = little_endian(bytes + 28);
	if (is_swapped) {
		content_bits = __builtin_bswap32(content_bits);
		packet_bits = __builtin_bswap32(packet_bits);
	}
	head->packet_bytes = packet_bits / 8;
	memcpy(head->identity, bytes + 4, sizeof(head->identity));
	return (magic == METADATA_MAGIC || is_swapped) && content_bits <= packet_bits &&
	       content_bits >= 8 * METADATA_HEAD_BYTES;
}

/* Looks at the packets of a metadata file, whose identity all have; one of plain text has none. Whatever is wrong with it ends the
 * library in an endless loop, or worse. @retval 1 it may be read */
static int check_metadata(FILE *file, struct trace_folder *trace, uint64_t *offset)
{
	struct metadata_head head;
	*offset = 0;
	if (!read_head(file, &head))
		return 0;
	memcpy(trace->identity, head.identity, sizeof(trace->identity));
	do {
		if (memcmp(head.identity, trace->identity, sizeof(trace->identity)) != 0 ||
		    fseek(file, (long)(*offset + head.packet_bytes - 1), SEEK_SET) != 0 || fgetc(file) == EOF)
			return 0;
		*offset += head.packet_bytes;
	} while (read_head(file, &head));
	return head.read_bytes == 0;
}

static void look_at_metadata(struct search *search, struct trace_folder *trace)
{
	static const char text[] = "/* CTF 1.8 */";
	char path[TRACE_PATH_BYTES + 16];
	char begin[sizeof(text)] = "";
	uint64_t offset = 0;
	(void)snprintf(path, sizeof(path), "%s/metadata", trace->path);
	FILE *file = fopen(path, "rbe");
	int is_well = file && fread(begin, 1, sizeof(begin) - 1, file) == sizeof(begin) - 1;
	if (is_well && strcmp(begin, text) != 0) {
		rewind(file);
		is_well = check_metadata(file, trace, &offset);
	}
	if (file)
		(void)fclose(file);
	if (is_well)
		return;
	trace->is_unreadable = 1;
	note(search->folders,
	     "%.200s/metadata: cut off or damaged at byte %llu: nothing of this trace can be read without it",
	     trace->shown, (unsigned long long)offset);
}

/* What of a stream file is left out, if anything is. */
static void note_packets(struct trace_folders *folders, struct trace_folder *trace, const char *shown,
			 const struct trace_packets_found *found)
{
	if (found->damaged_count) {
		trace->is_damaged = 1;
		note(folders,
		     "%.150s/%.80s: %llu of %llu bytes are left out, cut off or damaged, first at byte %llu; %llu packets are read",
		     trace->shown, shown, (unsigned long long)found->damaged_bytes, (unsigned long long)found->bytes,
		     (unsigned long long)found->damaged_offset, (unsigned long long)found->packet_count);
	} else if (!found->is_known && found->bytes) {
		trace->is_damaged = 1;
		note(folders, "%.150s/%.80s: nothing in it looks like a packet: all of its %llu bytes are left out",
		     trace->shown, shown, (unsigned long long)found->bytes);
	} else if (found->indexed_count > found->packet_count) {
		note(folders, "%.150s/%.80s: cut off: %llu packets that its index names are not in it; %llu are read",
		     trace->shown, shown, (unsigned long long)(found->indexed_count - found->packet_count),
		     (unsigned long long)found->packet_count);
	}
}

static void look_at_file(void *context, const char *name)
{
	struct search *search = context;
	struct trace_folder *trace = search->trace;
	struct trace_packets_found found;
	char path[TRACE_PATH_BYTES + 128];
	char index[TRACE_PATH_BYTES + 128];
	char shown[ESCAPE_BYTES(64)];
	if (!trace_salvage_is_stream(trace->path, name) || trace->file_count == TRACE_FOLDER_FILES_MAX)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", trace->path, name);
	(void)snprintf(index, sizeof(index), "%s/index/%s.idx", trace->path, name);
	(void)escape_text(shown, sizeof(shown), name, strlen(name));
	char *kept = malloc(strlen(name) + 1);
	if (kept == NULL)
		return;
	char **larger = realloc(trace->files, (trace->file_count + 1) * sizeof(char *));
	if (larger == NULL) {
		free(kept);
		return;
	}
	trace->files = larger;
	memcpy(kept, name, strlen(name) + 1);
	trace->files[trace->file_count++] = kept;
	if (!trace_packets_look(path, index, &found)) {
		trace->is_damaged = 1;
		note(search->folders, "%.150s/%.80s: left out, it cannot be opened", trace->shown, shown);
		return;
	}
	search->folders->packet_count += found.packet_count;
	search->folders->byte_count += found.bytes;
	trace->is_damaged |= found.is_index_false;
	note_packets(search->folders, trace, shown, &found);
}

/* LTTng writes an index beside each stream file: one without its file says what is missing. */
static void look_at_index(void *context, const char *name)
{
	struct search *search = context;
	const struct trace_folder *trace = search->trace;
	const char *end = strstr(name, ".idx");
	char path[TRACE_PATH_BYTES + 128];
	if (end == NULL || end[4] != '\0')
		return;
	(void)snprintf(path, sizeof(path), "%s/%.*s", trace->path, (int)(end - name), name);
	FILE *file = fopen(path, "rbe");
	if (file)
		(void)fclose(file);
	else
		note(search->folders,
		     "%.150s/%.*s: is missing, only its index is there: the events of that CPU are not in this report",
		     trace->shown, (int)(end - name < 80 ? end - name : 80), name);
}

static void look_at_trace(struct search *search, struct trace_folder *trace)
{
	char index[TRACE_PATH_BYTES + 16];
	search->trace = trace;
	if (takt_os_file_list(trace->path, look_at_file, search) != TAKT_OK)
		return;
	(void)snprintf(index, sizeof(index), "%s/index", trace->path);
	if (takt_os_scratch_is_folder(index) && takt_os_file_list(index, look_at_index, search) != TAKT_OK)
		note(search->folders, "%.150s/index: cannot be looked at: a missing stream would not be noticed",
		     trace->shown);
}

static void add(struct search *search, const char *path)
{
	struct trace_folders *folders = search->folders;
	if (folders->count == TRACE_FOLDERS_MAX) {
		note(folders, "there are more than %d traces: the others are left out", TRACE_FOLDERS_MAX);
		return;
	}
	struct trace_folder *larger = realloc(folders->all, (folders->count + 1) * sizeof(*larger));
	if (larger == NULL)
		return;
	folders->all = larger;
	struct trace_folder *trace = &larger[folders->count++];
	*trace = (struct trace_folder){.same_count = 1};
	const char *below = path + strlen(search->root);
	below += *below == '/';
	(void)snprintf(trace->path, sizeof(trace->path), "%s", path);
	(void)escape_text(trace->shown, sizeof(trace->shown), *below ? below : ".", strlen(*below ? below : "."));
	look_at_metadata(search, trace);
	look_at_trace(search, trace);
}

static void visit(void *context, const char *name)
{
	struct search *above = context;
	struct search search = *above;
	char path[TRACE_PATH_BYTES];
	if (strcmp(name, "metadata") == 0) {
		(void)snprintf(path, sizeof(path), "%s/%s", above->path, name);
		if (!takt_os_scratch_is_folder(path))
			add(&search, above->path);
		return;
	}
	int length = snprintf(path, sizeof(path), "%s/%s", above->path, name);
	if (name[0] == '.' || strcmp(name, "index") == 0 || above->depth == TRACE_FOLDER_DEPTH_MAX ||
	    length >= (int)sizeof(path) || !takt_os_scratch_is_folder(path))
		return;
	search.path = path;
	search.depth++;
	if (takt_os_file_list(path, visit, &search) != TAKT_OK)
		note(search.folders, "a folder %u deep cannot be looked into: what is in it is left out", search.depth);
}

static int compare(const void *a, const void *b)
{
	const struct trace_folder *left = a;
	const struct trace_folder *right = b;
	int by_identity = memcmp(left->identity, right->identity, sizeof(left->identity));
	return by_identity ? by_identity : strcmp(left->path, right->path);
}

/* Parts of one trace are read as one, so that what is in two snapshots counts once. */
static void group(struct trace_folders *folders)
{
	static const unsigned char unknown[16];
	uint32_t first = 0;
	qsort(folders->all, folders->count, sizeof(folders->all[0]), compare);
	for (uint32_t i = 1; i < folders->count; i++) {
		if (memcmp(folders->all[i].identity, folders->all[first].identity, 16) == 0 &&
		    memcmp(folders->all[i].identity, unknown, 16) != 0 &&
		    folders->all[first].same_count < TRACE_FOLDERS_SAME_MAX)
			folders->all[first].same_count++;
		else
			first = i;
	}
}

int trace_folders_find(struct trace_folders *folders, const char *folder)
{
	struct search search = {.folders = folders, .root = folder, .path = folder};
	*folders = (struct trace_folders){0};
	if (!takt_os_scratch_is_folder(folder)) {
		takt_message(
			TAKT_ERROR,
			"trace %.300s: there is no such folder; expected one that `takt trace stop` or lttng wrote",
			folder);
		return 0;
	}
	if (takt_os_file_list(folder, visit, &search) != TAKT_OK)
		return 0;
	if (folders->count == 0) {
		takt_message(
			TAKT_ERROR,
			"trace %.300s: no trace is in it: expected a file 'metadata' in this folder or below, as CTF has it",
			folder);
		return 0;
	}
	group(folders);
	return 1;
}

void trace_folders_free(struct trace_folders *folders)
{
	for (uint32_t i = 0; i < folders->count; i++) {
		for (uint32_t file = 0; file < folders->all[i].file_count; file++)
			free(folders->all[i].files[file]);
		free(folders->all[i].files);
	}
	free(folders->all);
	*folders = (struct trace_folders){0};
}
