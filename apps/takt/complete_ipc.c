/* SPDX-License-Identifier: Apache-2.0 */
/* Completion by the IPC objects of this machine: what `takt ipc remove` takes without a kind in front, since only one object is meant. */
#include <stdio.h>

#include "apps/takt/complete.h"
#include "apps/takt/ipc_object.h"
#include "apps/takt/ipc_select.h"

#define WORD_BYTES (TAKT_OS_IPC_NAME_MAX + 8)

void complete_ipc_objects(const struct complete *complete)
{
	struct ipc_list list;
	char word[WORD_BYTES], about[IPC_WHY_BYTES];
	uint32_t index;

	if (ipc_list_read(&list, 0) == EXIT_OK)
		for (uint32_t i = 0; i < list.count; i++) {
			const struct ipc_object *object = &list.all[i];

			if (object->source->is_takts)
				continue;
			if (object->facts.name[0])
				(void)snprintf(word, sizeof(word), "%s", object->facts.name);
			else
				(void)snprintf(word, sizeof(word), "%u", object->facts.id);
			(void)snprintf(about, sizeof(about), "%s, %s", object->source->about,
				       ipc_state_name(object->state));
			if (!complete_has_argument(complete, word) && ipc_select(&list, word, &index) == EXIT_OK)
				complete_offer(complete, word, about);
		}
	ipc_list_free(&list);
	complete_domains(complete);
}

void complete_ipc_users(const struct complete *complete)
{
	struct ipc_list list;
	uint32_t last = UINT32_MAX;
	char name[64];

	if (ipc_list_read(&list, 0) == EXIT_OK)
		for (uint32_t i = 0; i < list.count; i++) {
			uint32_t user = list.all[i].facts.rights.owner;

			if (user == last)
				continue;
			last = user;
			takt_os_ipc_user_name(user, name, sizeof(name));
			complete_offer(complete, name, "owner of IPC objects");
		}
	ipc_list_free(&list);
}
