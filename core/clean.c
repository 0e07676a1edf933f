/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "core/command_line.h"
#include "core/domain.h"
#include "core/type.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/pipe.h"

/* A commander opens the pipe that it made at once: a younger one without a reader may be about to get it. */
#define ORPHAN_AGE_NS TAKT_NS_PER_S

struct clean {
	int folder;
	int everything; /* no member lives */
	int failed;
	int is_last_pass; /* only what is_counted_on is left */
	takt_clean_report report;
	void *context;
};

/* Beside the domain's folder. */
struct sweep {
	char prefix[TAKT_OS_NAME_MAX];
	uint32_t removed_count;
	int failed;
	takt_clean_report report;
	void *context;
};

static int begins_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Whether takt makes objects of this name and kind. */
static int is_ours(const struct takt_os_entry *entry)
{
	/* What a maker that was killed had not named yet. */
	if (begins_with(entry->name, TAKT_OS_NEW_PREFIX))
		return entry->kind == TAKT_OS_FIFO || entry->kind == TAKT_OS_FILE;
	if (entry->kind == TAKT_OS_SOCKET)
		return begins_with(entry->name, TAKT_COMMAND_SOCKET_PREFIX ".");
	if (entry->kind == TAKT_OS_FIFO)
		return begins_with(entry->name, "command.") || begins_with(entry->name, "reply.");
	if (entry->kind != TAKT_OS_FILE)
		return 0;
	return strcmp(entry->name, TAKT_ROSTER_NAME) == 0 || strcmp(entry->name, TAKT_LIVE_NAME) == 0 ||
	       begins_with(entry->name, "topic.") || begins_with(entry->name, "queue.") ||
	       begins_with(entry->name, "state.") || begins_with(entry->name, "live.") ||
	       begins_with(entry->name, "node.") || begins_with(entry->name, "sync.");
}

/* A pipe for answers that nobody reads any more. */
static int is_orphaned_reply(const struct clean *clean, const struct takt_os_entry *entry)
{
	int descriptor;
	if (entry->kind != TAKT_OS_FIFO || !begins_with(entry->name, "reply.") ||
	    entry->changed_wall_ns + ORPHAN_AGE_NS > takt_os_clock_wall_ns())
		return 0;
	enum takt_status status = takt_os_fifo_open_writer(&descriptor, clean->folder, entry->name);
	if (status == TAKT_OK)
		takt_os_pipe_close(&descriptor);
	return status == TAKT_CLOSED;
}

/* What is made before the segment that brings it into use, and so goes behind it. */
static int is_counted_on(const char *name)
{
	return begins_with(name, "live.") || begins_with(name, "state.");
}

static void visit(void *context, const struct takt_os_entry *entry)
{
	struct clean *clean = context;
	enum takt_status status;
	/* Byte 0 of the presence file keeps new members out, so it goes last; and the roster just before it: topics without their
	 * roster would be another life's to whoever comes after a clean-up that was killed. */
	if (clean->everything &&
	    (strcmp(entry->name, TAKT_LIVE_NAME) == 0 || strcmp(entry->name, TAKT_ROSTER_NAME) == 0))
		return;
	/* A topic or a queue's items before the rest of it: where there is a segment, its users count on the others. */
	if (clean->everything && clean->is_last_pass != is_counted_on(entry->name))
		return;
	if (!is_ours(entry))
		status = TAKT_INVALID;
	else if (clean->everything || is_orphaned_reply(clean, entry))
		status = takt_os_folder_remove(clean->folder, entry->name);
	else
		return;
	if (status == TAKT_ABSENT)
		return;
	if (status != TAKT_OK)
		clean->failed = 1;
	clean->report(clean->context, entry->name, status);
}

/* A folder without a presence file has no member yet, but one may be about to join: the file is made, with the rights that a member
 * would give it (the folder's without its search bits), so that there is a byte to hold. */
static enum takt_status make_presence(int folder, const char *folder_name)
{
	struct takt_os_entry entry;
	int root = -1;
	enum takt_status status = takt_os_folder_open_root(&root);
	if (status == TAKT_OK)
		status = takt_os_folder_look(root, folder_name, &entry);
	takt_os_folder_close(&root);
	if (status != TAKT_OK)
		return status;
	entry.rights.mode = (entry.rights.mode & 0664u) | 0600u;
	if (takt_os_user_id() != 0)
		entry.rights.owner = TAKT_OS_ID_ANY;
	status = takt_os_shm_create(folder, TAKT_LIVE_NAME, 0, &entry.rights, NULL, NULL);
	return status == TAKT_EXISTS ? TAKT_OK : status;
}

/* Holds byte 0 for writing. TAKT_BUSY: members live. TAKT_ABSENT: another clean-up was faster. */
static enum takt_status shut_out(struct takt_os_presence *live, int folder, const char *folder_name)
{
	const struct takt_os_rights any = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0};
	enum takt_status status = make_presence(folder, folder_name);
	if (status == TAKT_OK)
		status = takt_os_presence_open(live, folder, TAKT_LIVE_NAME, 1, &any);
	if (status == TAKT_OK)
		status = takt_os_presence_hold(live, 0);
	/* A lock on a file that has lost its name keeps nobody out. */
	if (status == TAKT_OK && !takt_os_presence_has_name(live))
		status = TAKT_ABSENT;
	return status;
}

static enum takt_status remove_last(const struct clean *clean, const char *object)
{
	enum takt_status status = takt_os_folder_remove(clean->folder, object);
	if (status == TAKT_OK || status == TAKT_DENIED)
		clean->report(clean->context, object, status);
	return status == TAKT_ABSENT ? TAKT_OK : status;
}

static enum takt_status remove_rest(const struct clean *clean, const char *folder_name)
{
	enum takt_status status = remove_last(clean, TAKT_ROSTER_NAME);
	if (status == TAKT_OK)
		status = remove_last(clean, TAKT_LIVE_NAME);
	if (status != TAKT_OK)
		return status;
	if (clean->failed)
		return TAKT_DENIED;
	status = takt_os_folder_remove_self(folder_name);
	/* Gone already, or somebody joined the moment the presence file was gone: both are what a clean-up wants. */
	return status == TAKT_ABSENT || status == TAKT_BUSY ? TAKT_OK : status;
}

/* What makers of the domain's folder that were killed had not named yet: empty. A living maker whose folder goes makes another one. One
 * of another user is that user's to clean, or root's. */
static void visit_root(void *context, const struct takt_os_entry *entry)
{
	struct sweep *sweep = context;
	uint32_t user = takt_os_user_id();
	if (entry->kind != TAKT_OS_FOLDER || !begins_with(entry->name, sweep->prefix) ||
	    (user != 0 && user != entry->rights.owner))
		return;
	enum takt_status status = takt_os_folder_remove_self(entry->name);
	if (status == TAKT_ABSENT)
		return;
	/* Not empty: not takt's. */
	sweep->report(sweep->context, entry->name, status == TAKT_BUSY ? TAKT_INVALID : status);
	sweep->removed_count += status == TAKT_OK;
	sweep->failed |= status != TAKT_OK;
}

static enum takt_status sweep_root(struct sweep *sweep, const char *folder_name)
{
	int root = -1;
	enum takt_status status = takt_os_folder_open_root(&root);
	if (status != TAKT_OK)
		return status;
	(void)snprintf(sweep->prefix, sizeof(sweep->prefix), TAKT_OS_NEW_PREFIX "%s-", folder_name);
	status = takt_os_folder_each(root, visit_root, sweep);
	takt_os_folder_close(&root);
	return status == TAKT_OK && sweep->failed ? TAKT_DENIED : status;
}

static enum takt_status clean_folder(struct clean *clean, const char *folder_name)
{
	struct takt_os_presence live = {.descriptor = -1};
	enum takt_status status = takt_os_folder_open(&clean->folder, folder_name, NULL);
	if (status != TAKT_OK)
		return status;
	status = shut_out(&live, clean->folder, folder_name);
	clean->everything = status == TAKT_OK;
	if (clean->everything || status == TAKT_BUSY) {
		enum takt_status listed = takt_os_folder_each(clean->folder, visit, clean);
		clean->is_last_pass = 1;
		if (listed == TAKT_OK && clean->everything)
			listed = takt_os_folder_each(clean->folder, visit, clean);
		if (listed != TAKT_OK)
			status = listed;
		else if (clean->everything)
			status = remove_rest(clean, folder_name);
	}
	takt_os_presence_close(&live);
	takt_os_folder_close(&clean->folder);
	return status;
}

enum takt_status takt_domain_clean(const char *name, takt_clean_report report, void *context)
{
	struct takt_domain names = {.folder = -1};
	struct clean clean = {.report = report, .context = context};
	struct sweep sweep = {.report = report, .context = context};
	if (!takt_name_is_valid(name)) {
		takt_message(TAKT_ERROR, "'%.40s' is no name of a domain: 1 to %d of a-z, 0-9 and _, a letter first",
			     name, TAKT_NAME_BYTES - 1);
		return TAKT_INVALID;
	}
	takt_domain_set_names(&names, name);
	enum takt_status status = clean_folder(&clean, names.folder_name);
	if (status != TAKT_OK && status != TAKT_ABSENT)
		return status;
	enum takt_status swept = sweep_root(&sweep, names.folder_name);
	if (swept != TAKT_OK)
		return swept;
	return sweep.removed_count ? TAKT_OK : status;
}
