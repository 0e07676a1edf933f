/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel, its clock, its memory management, and the real-time budget of control groups. */
#include "platform/linux/port.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/linux/machine_read.h"
#include "platform/machine.h"

/* ----------------------------------------------------------------------------------------------- kernel and clock */

#define READINGS_PER_ROUND 2000
#define ROUNDS		   15

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The quickest of several rounds: whatever gets in between only makes one longer. */
static void measure_clock(struct takt_os_kernel *kernel)
{
	uint64_t clock_ns = UINT64_MAX;
	uint64_t call_ns = UINT64_MAX;

	for (unsigned round = 0; round < ROUNDS; round++) {
		const uint64_t begin_ns = takt_os_clock_now_ns();
		uint64_t middle_ns;

		for (unsigned i = 0; i < READINGS_PER_ROUND; i++)
			(void)takt_os_clock_now_ns();
		middle_ns = takt_os_clock_now_ns();
		for (unsigned i = 0; i < READINGS_PER_ROUND; i++)
			(void)syscall(SYS_getppid);
		clock_ns = least(clock_ns, middle_ns - begin_ns);
		call_ns = least(call_ns, takt_os_clock_now_ns() - middle_ns);
	}
	kernel->clock_ns = (double)clock_ns / READINGS_PER_ROUND;
	kernel->call_ns = (double)call_ns / READINGS_PER_ROUND;
}

/* "#1 SMP PREEMPT_DYNAMIC Debian 6.1...": the word that begins with PREEMPT. Kernels up to 5.x of the RT patch say "PREEMPT RT". */
static void find_preemption(struct takt_os_kernel *kernel, const char *version)
{
	const char *word = strstr(version, "PREEMPT");

	if (word == NULL)
		return;
	if (strncmp(word, "PREEMPT RT", 10) == 0)
		word = "PREEMPT_RT";
	(void)snprintf(kernel->preemption, sizeof(kernel->preemption), "%.*s", (int)strcspn(word, " "), word);
}

void takt_os_machine_look_kernel(struct takt_os_kernel *kernel, const char *root)
{
	static const char sources[] = "/sys/devices/system/clocksource/clocksource0";
	char path[TAKT_OS_PATH_MAX];
	struct utsname system;

	*kernel = (struct takt_os_kernel){.clock_ns = 0};
	if (uname(&system) == 0) {
		(void)snprintf(kernel->release, sizeof(kernel->release), "%s", system.release);
		(void)snprintf(kernel->machine, sizeof(kernel->machine), "%s", system.machine);
		find_preemption(kernel, system.version);
	}
	/* Kernels of the real-time patch have this file, whatever their name says. */
	if (takt_port_machine_number(root, "/sys/kernel/realtime", 0) == 1)
		(void)snprintf(kernel->preemption, sizeof(kernel->preemption), "PREEMPT_RT");
	(void)snprintf(path, sizeof(path), "%s/current_clocksource", sources);
	(void)takt_port_machine_line(root, path, kernel->clock_source, sizeof(kernel->clock_source));
	(void)snprintf(path, sizeof(path), "%s/available_clocksource", sources);
	(void)takt_port_machine_line(root, path, kernel->clock_sources, sizeof(kernel->clock_sources));
	measure_clock(kernel);
}

/* --------------------------------------------------------------------------------------------------------- memory */

static uint64_t meminfo_bytes(const char *root, const char *key)
{
	char line[256];
	const size_t length = strlen(key);
	uint64_t bytes = 0;
	FILE *file = takt_port_machine_open(root, "/proc/meminfo");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, key, length) == 0)
			bytes = strtoull(line + length, NULL, 10) * 1024;
	if (file != NULL)
		(void)fclose(file);
	return bytes;
}

/* "always [madvise] never" */
static void find_choice(char choice[TAKT_OS_MACHINE_TEXT], const char *line)
{
	const char *open = strchr(line, '[');

	choice[0] = '\0';
	if (open != NULL)
		(void)snprintf(choice, TAKT_OS_MACHINE_TEXT, "%.*s", (int)strcspn(open + 1, "]"), open + 1);
}

void takt_os_machine_look_memory(struct takt_os_memory *memory, const char *root)
{
	char line[256];
	const uint64_t nodes = takt_port_machine_cpus(root, "/sys/devices/system/node/online");

	*memory = (struct takt_os_memory){
		.swap_bytes = meminfo_bytes(root, "SwapTotal:"),
		.available_bytes = meminfo_bytes(root, "MemAvailable:"),
		.compacts_locked =
			(int32_t)takt_port_machine_number(root, "/proc/sys/vm/compact_unevictable_allowed", -1),
		.compacts_by_itself =
			(int32_t)takt_port_machine_number(root, "/proc/sys/vm/compaction_proactiveness", -1),
		.balances_nodes = (int32_t)takt_port_machine_number(root, "/proc/sys/kernel/numa_balancing", -1),
		.node_count = nodes != 0 ? (uint32_t)__builtin_popcountll(nodes) : 1,
	};
	(void)takt_port_machine_line(root, "/sys/kernel/mm/transparent_hugepage/enabled", line, sizeof(line));
	find_choice(memory->huge_pages, line);
}

/* --------------------------------------------------------------------------------------------------------- budget */

/* In a line "4:cpu,cpuacct:/path" of /proc/self/cgroup. @retval the path, or NULL: another controller's line */
static const char *path_of_cpu(const char *line)
{
	const char *controllers = strchr(line, ':');
	const char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;

	if (path == NULL)
		return NULL;
	for (const char *word = controllers + 1; word < path; word += strcspn(word, ",:") + 1)
		if (strncmp(word, "cpu", 3) == 0 && (word[3] == ',' || word[3] == ':'))
			return path + 1;
	return NULL;
}

/* @retval 1 this process's group of the controller "cpu" by version 1; 0: there is no such controller */
static int find_group(const char *root, char group[TAKT_OS_PATH_MAX])
{
	char line[TAKT_OS_PATH_MAX];
	FILE *file = takt_port_machine_open(root, "/proc/self/cgroup");
	const char *path = NULL;

	while (file != NULL && path == NULL && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		path = path_of_cpu(line);
	}
	if (file != NULL)
		(void)fclose(file);
	if (path != NULL)
		(void)snprintf(group, TAKT_OS_PATH_MAX, "%s", path);
	return path != NULL;
}

/* Where version 1's controller "cpu" is mounted. @retval 1 found */
static int find_mount(const char *root, char mount[TAKT_OS_PATH_MAX])
{
	char line[2 * TAKT_OS_PATH_MAX];
	FILE *file = takt_port_machine_open(root, "/proc/self/mounts");
	int found = 0;

	while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
		char where[TAKT_OS_PATH_MAX], type[32], options[TAKT_OS_PATH_MAX];

		if (sscanf(line, "%*s %511s %31s %511s", where, type, options) != 3 || strcmp(type, "cgroup") != 0)
			continue;
		for (const char *word = options; *word != '\0';
		     word += strcspn(word, ",") + (word[strcspn(word, ",")] == ','))
			if (strncmp(word, "cpu", 3) == 0 && (word[3] == ',' || word[3] == '\0'))
				found = 1;
		if (found)
			(void)snprintf(mount, TAKT_OS_PATH_MAX, "%s", where);
	}
	if (file != NULL)
		(void)fclose(file);
	return found;
}

/* A group has at most what its parent has, so the outermost that has nothing comes first. */
static void look_groups(struct takt_os_budget *budget, const char *root, const char *mount, const char *group)
{
	char path[2 * TAKT_OS_PATH_MAX];
	size_t used = 0;

	for (const char *end = group;; end++) {
		if (*end != '/' && *end != '\0')
			continue;
		if (*end == '\0' || end != group) {
			(void)snprintf(path, sizeof(path), "%s%.*s/cpu.rt_runtime_us", mount, (int)(end - group),
				       group);
			budget->group_us = takt_port_machine_number(root, path, INT64_MIN);
			if (budget->group_us == 0 && used < sizeof(budget->files))
				used += (size_t)snprintf(budget->files + used, sizeof(budget->files) - used, "%s%s",
							 used != 0 ? " " : "", path);
		}
		if (*end == '\0')
			return;
	}
}

void takt_os_machine_look_budget(struct takt_os_budget *budget, const char *root)
{
	char mount[TAKT_OS_PATH_MAX];
	char group[TAKT_OS_PATH_MAX];

	*budget = (struct takt_os_budget){
		.system_us = takt_port_machine_number(root, "/proc/sys/kernel/sched_rt_runtime_us", INT64_MIN),
		.period_us = takt_port_machine_number(root, "/proc/sys/kernel/sched_rt_period_us", 1000000),
		.group_us = INT64_MIN,
	};
	if (!find_group(root, group)) {
		budget->is_unified = 1;
		return;
	}
	if (find_mount(root, mount))
		look_groups(budget, root, mount, strcmp(group, "/") == 0 ? "" : group);
}
