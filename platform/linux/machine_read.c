/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/linux/machine_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform/folder.h"

FILE *takt_port_machine_open(const char *root, const char *path)
{
	char whole[2 * TAKT_OS_PATH_MAX];

	(void)snprintf(whole, sizeof(whole), "%s%s", root, path);
	return fopen(whole, "re");
}

int takt_port_machine_line(const char *root, const char *path, char *line, uint32_t bytes)
{
	FILE *file = takt_port_machine_open(root, path);

	line[0] = '\0';
	if (file == NULL)
		return 0;
	if (fgets(line, (int)bytes, file) == NULL)
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	(void)fclose(file);
	return 1;
}

int64_t takt_port_machine_number(const char *root, const char *path, int64_t unknown)
{
	char line[64];
	char *end;
	long long number;

	if (!takt_port_machine_line(root, path, line, sizeof(line)))
		return unknown;
	errno = 0;
	number = strtoll(line, &end, 10);
	return end == line || errno != 0 ? unknown : number;
}

uint64_t takt_port_machine_cpus(const char *root, const char *path)
{
	char line[512];
	const char *at = line;
	uint64_t mask = 0;

	(void)takt_port_machine_line(root, path, line, sizeof(line));
	while (*at >= '0' && *at <= '9') {
		char *end;
		const unsigned long first = strtoul(at, &end, 10);
		const unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

		for (unsigned long cpu = first; cpu <= last && cpu < 64; cpu++)
			mask |= UINT64_C(1) << cpu;
		at = *end == ',' ? end + 1 : end;
	}
	return mask;
}
