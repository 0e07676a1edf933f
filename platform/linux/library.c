/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "platform/thread.h"

struct load {
	const char *name;
	void *library;
	char *why;
	uint32_t why_bytes;
};

/* How large a stack the threads get that nobody gave a size. @retval the size before; 0 it could not be changed */
static size_t set_stack_bytes(size_t bytes)
{
	pthread_attr_t attributes;
	size_t before = 0;

	if (pthread_getattr_default_np(&attributes) != 0)
		return 0;
	if (pthread_attr_getstacksize(&attributes, &before) != 0 ||
	    pthread_attr_setstacksize(&attributes, bytes) != 0 || pthread_setattr_default_np(&attributes) != 0)
		before = 0;
	(void)pthread_attr_destroy(&attributes);
	return before;
}

static void load(void *argument)
{
	struct load *loading = argument;
	size_t stack_bytes = set_stack_bytes(TAKT_OS_LIBRARY_STACK_BYTES);

	loading->library = dlopen(loading->name, RTLD_NOW | RTLD_NODELETE);
	if (loading->library == NULL) {
		const char *error = dlerror();

		(void)snprintf(loading->why, loading->why_bytes, "%s", error != NULL ? error : loading->name);
	}
	if (stack_bytes != 0)
		(void)set_stack_bytes(stack_bytes);
}

enum takt_status takt_os_library_load(const char *name, void **library, char *why, uint32_t why_bytes)
{
	struct takt_os_thread thread = {.handle = {0}};
	struct load loading = {.name = name, .why = why, .why_bytes = why_bytes};
	enum takt_status status = takt_os_thread_start(&thread, "takt-load", load, &loading);

	if (status != TAKT_OK) {
		(void)snprintf(why, why_bytes, "no thread could be started to load it");
		return status;
	}
	takt_os_thread_join(&thread);
	if (loading.library == NULL)
		return TAKT_ABSENT;
	*library = loading.library;
	return TAKT_OK;
}

takt_os_library_function takt_os_library_find(void *library, const char *name)
{
	/* POSIX has a function's address fit into a void pointer; C has no cast for it. */
	void *found = dlsym(library, name);
	takt_os_library_function function;

	_Static_assert(sizeof(function) == sizeof(found), "a function's address fits into a pointer");
	memcpy(&function, &found, sizeof(function));
	return function;
}
