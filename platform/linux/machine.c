/* SPDX-License-Identifier: Apache-2.0 */
/* Rights and limits of this process, and its processors. */
#include "platform/linux/port.h"

#include "platform/machine.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <pthread.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/linux/machine_read.h"

#define PRIORITY_MAX 99

/* --------------------------------------------------------------------------------------------------------- rights */

/* As the system has it; a call that failed leaves 0. */
static struct takt_os_limit limit_of(const struct rlimit *limit)
{
	return (struct takt_os_limit){limit->rlim_cur == RLIM_INFINITY ? TAKT_OS_UNLIMITED : limit->rlim_cur,
				      limit->rlim_max == RLIM_INFINITY ? TAKT_OS_UNLIMITED : limit->rlim_max};
}

static void look_limits(struct takt_os_rights_held *rights)
{
	struct rlimit priority = {0, 0}, locked = {0, 0}, files = {0, 0}, file = {0, 0};

	(void)getrlimit(RLIMIT_RTPRIO, &priority);
	(void)getrlimit(RLIMIT_MEMLOCK, &locked);
	(void)getrlimit(RLIMIT_NOFILE, &files);
	(void)getrlimit(RLIMIT_FSIZE, &file);
	rights->priority = limit_of(&priority);
	rights->locked_bytes = limit_of(&locked);
	rights->files = limit_of(&files);
	rights->file_bytes = limit_of(&file);
}

/* Limits, capabilities and control groups all have a say, so it is tried. Not sched_setscheduler, which musl refuses. */
static uint32_t try_priorities(void)
{
	struct sched_param before, wanted;
	int policy;

	if (pthread_getschedparam(pthread_self(), &policy, &before) != 0)
		return 0;
	for (int priority = PRIORITY_MAX; priority > 0; priority--) {
		wanted = (struct sched_param){.sched_priority = priority};
		if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted) != 0)
			continue;
		(void)pthread_setschedparam(pthread_self(), policy, &before);
		return (uint32_t)priority;
	}
	return 0;
}

static uint64_t effective_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[2] = {{0}, {0}};

	if (syscall(SYS_capget, &header, data) != 0)
		return 0;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

static uint64_t address_space_bytes(void)
{
	const int64_t pages = takt_port_machine_number("", "/proc/self/statm", 0);

	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void takt_os_machine_look_rights(struct takt_os_rights_held *rights)
{
	const uint64_t capabilities = effective_capabilities();
	const long atomic_bytes = pathconf("/", _PC_PIPE_BUF);
	const struct passwd *entry = getpwuid(geteuid());

	*rights = (struct takt_os_rights_held){
		.user_id = geteuid(),
		.priority_max = try_priorities(),
		.may_schedule = capabilities >> CAP_SYS_NICE & 1,
		.may_lock = capabilities >> CAP_IPC_LOCK & 1,
		.process_bytes = address_space_bytes(),
		.pipe_atomic_bytes = atomic_bytes > 0 ? (uint64_t)atomic_bytes : 0,
	};
	look_limits(rights);
	if (entry != NULL)
		(void)snprintf(rights->user, sizeof(rights->user), "%s", entry->pw_name);
	else
		(void)snprintf(rights->user, sizeof(rights->user), "%" PRIu32, rights->user_id);
}

/* ----------------------------------------------------------------------------------------------------- processors */

/* A control group may lack some, and those kept out of ordinary scheduling are given to who asks: so each one is tried. */
static uint64_t try_cpus(uint64_t online)
{
	cpu_set_t before, one;
	uint64_t usable = 0;

	if (sched_getaffinity(0, sizeof(before), &before) != 0)
		return online;
	for (unsigned cpu = 0; cpu < 64; cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof(one), &one) == 0)
			usable |= UINT64_C(1) << cpu;
	}
	(void)sched_setaffinity(0, sizeof(before), &before);
	return usable;
}

static void look_governors(struct takt_os_processors *processors, const char *root)
{
	char path[TAKT_OS_PATH_MAX];
	char governor[TAKT_OS_MACHINE_TEXT];

	for (unsigned cpu = 0; cpu < 64; cpu++) {
		if ((processors->online >> cpu & 1) == 0)
			continue;
		(void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", cpu);
		if (!takt_port_machine_line(root, path, governor, sizeof(governor)))
			continue;
		memcpy(processors->governor, governor, sizeof(governor));
		if (strcmp(governor, "performance") != 0)
			return;
	}
}

/* The slowest state that the first CPU may enter stands for all: they are alike on the boards that takt is for. */
static void look_idle_states(struct takt_os_processors *processors, const char *root)
{
	const unsigned first = processors->online != 0 ? (unsigned)__builtin_ctzll(processors->online) : 0;
	char path[TAKT_OS_PATH_MAX];

	for (unsigned state = 0; state < 16; state++) {
		char name[TAKT_OS_MACHINE_TEXT];
		int64_t latency_us;

		(void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpuidle/state%u/latency", first,
			       state);
		latency_us = takt_port_machine_number(root, path, -1);
		if (latency_us < 0)
			break;
		processors->idle_state_count = state + 1;
		(void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpuidle/state%u/disable", first,
			       state);
		if (takt_port_machine_number(root, path, 0) != 0 || latency_us <= processors->idle_us)
			continue;
		(void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpuidle/state%u/name", first, state);
		(void)takt_port_machine_line(root, path, name, sizeof(name));
		processors->idle_us = latency_us > UINT32_MAX ? UINT32_MAX : (uint32_t)latency_us;
		processors->idle_state = state;
		memcpy(processors->idle_name, name, sizeof(name));
	}
}

/* The device holds the bound as a 32-bit number, and often only root may read it. */
static uint32_t idle_bound_us(const char *root)
{
	FILE *file = takt_port_machine_open(root, "/dev/cpu_dma_latency");
	int32_t bound_us = -1;

	if (file == NULL)
		return UINT32_MAX;
	if (fread(&bound_us, sizeof(bound_us), 1, file) != 1 || bound_us < 0)
		bound_us = -1;
	(void)fclose(file);
	/* 2000 s is the kernel's "nobody has asked for any". */
	return bound_us < 0 || bound_us >= 2000000000 ? UINT32_MAX : (uint32_t)bound_us;
}

static uint32_t is_virtual(const char *root)
{
	char line[4096];
	FILE *file = takt_port_machine_open(root, "/proc/cpuinfo");
	uint32_t found = 0;

	while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL)
		found = strncmp(line, "flags", 5) == 0 && strstr(line, " hypervisor") != NULL;
	if (file != NULL)
		(void)fclose(file);
	/* ARM's hypervisors say it here, where they say it. */
	if (!found)
		found = takt_port_machine_line(root, "/sys/hypervisor/type", line, sizeof(line)) && line[0] != '\0';
	return found;
}

void takt_os_machine_look_processors(struct takt_os_processors *processors, const char *root)
{
	*processors = (struct takt_os_processors){
		.present = takt_port_machine_cpus(root, "/sys/devices/system/cpu/present"),
		.online = takt_port_machine_cpus(root, "/sys/devices/system/cpu/online"),
		.isolated = takt_port_machine_cpus(root, "/sys/devices/system/cpu/isolated"),
		.is_virtual = is_virtual(root),
		.idle_bound_us = idle_bound_us(root),
	};
	processors->usable = try_cpus(processors->online);
	if (processors->online == 0)
		processors->online = processors->usable;
	look_governors(processors, root);
	look_idle_states(processors, root);
}

/* ------------------------------------------------------------------------------------------------------------ all */

void takt_os_machine_look(struct takt_os_machine *machine, const char *root)
{
	takt_os_machine_look_rights(&machine->rights);
	takt_os_machine_look_budget(&machine->budget, root);
	takt_os_machine_look_processors(&machine->processors, root);
	takt_os_machine_look_kernel(&machine->kernel, root);
	takt_os_machine_look_memory(&machine->memory, root);
	takt_os_machine_look_sharing(&machine->sharing, root);
	machine->feature_count = takt_os_machine_try_features(machine->features);
}
