/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/file.h"
#include "platform/process.h"

/* @retval 1 it fits and is one */
static int is_program(char path[PROGRAM_PATH_BYTES], const char *folder, size_t folder_length, const char *program)
{
	int length = snprintf(path, PROGRAM_PATH_BYTES, "%.*s/%s", (int)folder_length, folder, program);

	return length > 0 && length < PROGRAM_PATH_BYTES && takt_os_file_is_program(path);
}

int program_is_in_path(char path[PROGRAM_PATH_BYTES], const char *program)
{
	const char *folders = getenv("PATH");

	while (folders && *folders) {
		size_t length = strcspn(folders, ":");

		/* An empty one means the working folder. */
		if (length == 0 ? is_program(path, ".", 1, program) : is_program(path, folders, length, program))
			return 1;
		folders += length;
		folders += *folders == ':';
	}
	return 0;
}

int program_find(const struct takt_config *config, const char *program, char path[PROGRAM_PATH_BYTES])
{
	char own[TAKT_OS_PATH_MAX], installed[TAKT_OS_PATH_MAX + sizeof("/" TAKT_PROGRAMS)];

	if (program[0] == '/') {
		(void)snprintf(path, PROGRAM_PATH_BYTES, "%s", program);
		return takt_os_file_is_program(path);
	}
	if (strchr(program, '/'))
		return is_program(path, config->folder, strlen(config->folder), program);
	if (takt_os_program_folder(own, sizeof(own)) != TAKT_OK)
		(void)snprintf(own, sizeof(own), ".");
	(void)snprintf(installed, sizeof(installed), "%s/" TAKT_PROGRAMS, own);
	if (is_program(path, own, strlen(own), program) || is_program(path, installed, strlen(installed), program) ||
	    program_is_in_path(path, program))
		return 1;
	(void)snprintf(path, PROGRAM_PATH_BYTES, "%s, %s and in PATH", own, installed);
	return 0;
}
