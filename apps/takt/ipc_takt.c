/* SPDX-License-Identifier: Apache-2.0 */
/* takt's own segments: all that is in the folders of domains. Whether a domain lives is asked of the kernel, by its presence file. */
#include "apps/takt/ipc_object.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/messages.h"
#include "apps/takt/queue.h"
#include "apps/takt/topic.h"
#include "core/domain.h"
#include "core/type.h"
#include "platform/folder.h"

#define TOPIC_PREFIX "topic."
#define QUEUE_PREFIX "queue."
#define NS_PER_S     UINT64_C(1000000000)

/* One domain while it is looked at. */
struct look {
	const struct ipc_source *source;
	struct ipc_list *list;
	enum takt_os_kind kind; /* that the source wants */
	struct takt_domain domain;
	struct node_views views;
	int is_attached;
	enum ipc_state state;
	char why[IPC_WHY_BYTES];
	enum takt_status status;
};

/* "sensor, controller" */
static void list_living(struct look *look)
{
	size_t used = (size_t)snprintf(look->why, sizeof(look->why), "its domain lives: ");

	for (uint32_t i = 0; i < look->views.count && used < sizeof(look->why); i++)
		if (look->views.all[i].life == TAKT_OS_ALIVE)
			used += (size_t)snprintf(look->why + used, sizeof(look->why) - used, "%s%s",
						 look->why[used - 1] == ' ' ? "" : ", ", look->views.all[i].name);
}

static void judge_domain(struct look *look, const char *name)
{
	/* A domain that nobody named: nobody wants to hear what is wrong with it. */
	messages_silence();
	look->is_attached = takt_domain_attach(&look->domain, name) == TAKT_OK;
	messages_escape();
	if (!look->is_attached) {
		look->state = IPC_UNKNOWN;
		(void)snprintf(
			look->why, sizeof(look->why),
			"its roster cannot be read: it is being made, or was left half removed, or is another user's");
		return;
	}
	node_views_open(&look->views, &look->domain);
	if (domain_living_count(&look->domain) > 0) {
		look->state = IPC_IN_USE;
		list_living(look);
	} else {
		look->state = IPC_LEFT_BEHIND;
		(void)snprintf(look->why, sizeof(look->why), "none of its domain's nodes lives");
	}
}

static void describe_topic(const struct look *look, struct ipc_object *object, const char *topic)
{
	object->readers = "readers";
	if (!look->is_attached)
		return;
	(void)snprintf(object->publishers, sizeof(object->publishers), "%s",
		       topic_publishers(&look->views, topic).text);
	for (uint32_t i = 0; i < look->views.count; i++)
		object->reader_count += look->views.all[i].life == TAKT_OS_ALIVE &&
					node_view_subscription(&look->views.all[i], topic) != NULL;
}

/* The items say who is there; who has what stands in `state.`. */
static void describe_queue(const struct look *look, struct ipc_object *object, const char *queue)
{
	object->readers = "consumers";
	for (uint32_t i = 0; look->is_attached && i < look->views.count; i++) {
		const struct node_view *view = &look->views.all[i];
		size_t used = strlen(object->publishers);

		if (view->life != TAKT_OS_ALIVE)
			continue;
		object->reader_count += queue_use(view, queue, 0) != NULL;
		if (queue_use(view, queue, 1) != NULL && used < sizeof(object->publishers))
			(void)snprintf(object->publishers + used, sizeof(object->publishers) - used, "%s%s",
				       used ? ", " : "", view->name);
	}
}

static void add(void *context, const struct takt_os_entry *entry)
{
	struct look *look = context;
	struct takt_os_ipc facts = {
		.rights = entry->rights,
		.creator = entry->rights.owner,
		.bytes = entry->bytes,
		.changed_wall_s = entry->changed_wall_ns / NS_PER_S,
	};

	(void)snprintf(facts.name, sizeof(facts.name), "%s/%s", look->domain.name, entry->name);
	if (entry->kind != look->kind)
		return;
	struct ipc_object *object = ipc_list_add(look->list, look->source, &facts);
	if (object == NULL) {
		look->status = TAKT_NO_SPACE;
		return;
	}
	(void)snprintf(object->domain, sizeof(object->domain), "%s", look->domain.name);
	object->state = look->state;
	(void)snprintf(object->why, sizeof(object->why), "%s", look->why);
	if (look->kind == TAKT_OS_FILE && strncmp(entry->name, TOPIC_PREFIX, strlen(TOPIC_PREFIX)) == 0)
		describe_topic(look, object, entry->name + strlen(TOPIC_PREFIX));
	if (look->kind == TAKT_OS_FILE && strncmp(entry->name, QUEUE_PREFIX, strlen(QUEUE_PREFIX)) == 0)
		describe_queue(look, object, entry->name + strlen(QUEUE_PREFIX));
}

static void look_at_domain(struct look *look, const char *name)
{
	struct takt_domain names;
	int folder = -1;

	takt_domain_set_names(&names, name);
	messages_silence();
	enum takt_status status = takt_os_folder_open(&folder, names.folder_name, NULL);
	messages_escape();
	if (status != TAKT_OK) {
		/* A folder that is gone meanwhile was none of anybody's. */
		look->list->hidden_domain_count += status != TAKT_ABSENT && look->kind == TAKT_OS_FILE;
		return;
	}
	judge_domain(look, name);
	look->domain = look->is_attached ? look->domain : names;
	if (takt_os_folder_each(folder, add, look) != TAKT_OK)
		look->status = TAKT_SYSTEM;
	if (look->is_attached) {
		node_views_close(&look->views);
		takt_domain_close(&look->domain);
	}
	takt_os_folder_close(&folder);
}

enum takt_status ipc_each_in_domains(const struct ipc_source *source, struct ipc_list *list, enum takt_os_kind kind)
{
	static struct domain_list domains;
	enum takt_status status = TAKT_OK;

	if (domain_list_read(&domains) != EXIT_OK)
		return TAKT_SYSTEM;
	for (uint32_t i = 0; i < domains.count && status == TAKT_OK; i++) {
		struct look look = {.source = source, .list = list, .kind = kind, .status = TAKT_OK};

		look_at_domain(&look, domains.names[i]);
		status = look.status;
	}
	return status;
}

static enum takt_status each_segment(const struct ipc_source *source, struct ipc_list *list)
{
	return ipc_each_in_domains(source, list, TAKT_OS_FILE);
}

static enum takt_status each_fifo(const struct ipc_source *source, struct ipc_list *list)
{
	return ipc_each_in_domains(source, list, TAKT_OS_FIFO);
}

const struct ipc_source ipc_takt = {
	.kind = "takt",
	.about = "takt domain",
	.is_takts = 1,
	.each = each_segment,
};

const struct ipc_source ipc_fifo = {
	.kind = "fifo",
	.about = "FIFO of a takt domain",
	.is_takts = 1,
	.each = each_fifo,
};
