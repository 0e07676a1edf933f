/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a process that is remembered by its number still lives. */
#include "platform/linux/port.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "platform/ipc.h"
#include "platform/linux/machine_read.h"

#define LINE_BYTES 1024
/* Times of objects are whole seconds, and a process's start is one of 1/100 s from a boot time of whole seconds. */
#define SLACK_S 2

/* When the machine started, by its present clock. @retval 0 it does not say */
static uint64_t boot_wall_s(const char *root)
{
	FILE *file = takt_port_machine_open(root, "/proc/stat");
	char line[LINE_BYTES];
	unsigned long long found = 0;

	while (file && found == 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, "btime ", sizeof("btime ") - 1) == 0)
			found = strtoull(line + sizeof("btime ") - 1, NULL, 10);
	if (file)
		(void)fclose(file);
	return found;
}

/* A clock that was set forward after the object was made would make every process look younger than it; what seems older than the machine's
 * start shows that, and then no process is called another one. */
static int began_later(const char *root, const struct takt_os_ipc_stat *stat, uint64_t wall_s)
{
	uint64_t boot_s = boot_wall_s(root);
	long ticks = sysconf(_SC_CLK_TCK);

	if (wall_s == 0 || boot_s == 0 || ticks <= 0 || wall_s + SLACK_S < boot_s)
		return 0;
	return boot_s + stat->start_ticks / (uint64_t)ticks > wall_s + SLACK_S;
}

/* One that may not be seen in /proc (hidepid) may live all the same. */
static enum takt_os_ipc_life ask_unseen(const char *root, uint32_t id)
{
	if (root[0] == '\0' && (kill((pid_t)id, 0) == 0 || errno == EPERM))
		return TAKT_OS_IPC_LIVES;
	return TAKT_OS_IPC_ENDED;
}

void takt_os_ipc_process_look(struct takt_os_ipc_process *process, const char *root)
{
	char path[64], line[LINE_BYTES];
	struct takt_os_ipc_stat stat;

	process->program[0] = '\0';
	process->life = TAKT_OS_IPC_UNKNOWN;
	if (process->id == 0 || process->id > INT32_MAX)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%u/stat", process->id);
	if (!takt_port_machine_line(root, path, line, sizeof(line))) {
		process->life = ask_unseen(root, process->id);
		return;
	}
	/* A name with a newline in it cuts the line; then it is known only that there is such a process. */
	if (!takt_os_ipc_read_stat(line, &stat))
		process->life = TAKT_OS_IPC_LIVES;
	else if (stat.state == 'Z' || stat.state == 'X')
		process->life = TAKT_OS_IPC_ENDED;
	else
		process->life = began_later(root, &stat, process->wall_s) ? TAKT_OS_IPC_REUSED : TAKT_OS_IPC_LIVES;
	if (process->life != TAKT_OS_IPC_LIVES)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%u/comm", process->id);
	(void)takt_port_machine_line(root, path, process->program, sizeof(process->program));
}
