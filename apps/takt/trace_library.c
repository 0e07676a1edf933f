/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_library.h"

#include <stddef.h>
#include <string.h>

#include "platform/library.h"
#include "platform/message.h"

#define LIBRARY	    "libbabeltrace2.so.0"
#define PLACE(name) {#name, offsetof(struct trace_library, name)},

struct trace_library ctf;

static const struct {
	const char *name;
	size_t offset;
} places[] = {TRACE_LIBRARY_FUNCTIONS(PLACE)};

int trace_library_open(const char *folder)
{
	char why[256] = "";
	void *library;

	if (ctf.bt_graph_create)
		return 1;
	if (takt_os_library_load(LIBRARY, &library, why, sizeof(why)) != TAKT_OK) {
		takt_message(TAKT_ERROR,
			     "trace %.200s: the library that reads traces is not installed (%s); install it with: "
			     "apt-get install libbabeltrace2-0; or copy the folder to a machine that has it",
			     folder, why);
		return 0;
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		takt_os_library_function function = takt_os_library_find(library, places[i].name);

		if (function == NULL) {
			takt_message(TAKT_ERROR,
				     "%s has no %s: takt needs babeltrace 2.0 or later; install its libbabeltrace2-0",
				     LIBRARY, places[i].name);
			ctf = (struct trace_library){0};
			return 0;
		}
		/* A pointer to a function of the type that its header gives it: TRACE_LIBRARY_DECLARE and PLACE name the same one. */
		memcpy((unsigned char *)&ctf + places[i].offset, &function, sizeof(function));
	}
	return 1;
}
