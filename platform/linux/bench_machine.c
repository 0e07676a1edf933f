/* SPDX-License-Identifier: Apache-2.0 */
/* The part of bench.h about the machine and the private folder. */
#include "platform/linux/port.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "platform/bench.h"
#include "platform/message.h"

#define FILE_DEPTH_MAX 8

/* The first line of a small file of the system's; "" where there is none. */
static void read_line(const char *path, char *line, int bytes)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (file == NULL)
		return;
	if (fgets(line, bytes, file) == NULL)
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	(void)fclose(file);
}

static void read_processor(struct takt_os_bench_machine *machine)
{
	char line[512];
	FILE *file = fopen("/proc/cpuinfo", "re");

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file)) {
		const char *value = strchr(line, ':');

		line[strcspn(line, "\n")] = '\0';
		if (value && value[1] && !machine->processor[0] &&
		    (strncmp(line, "model name", 10) == 0 || strncmp(line, "Model", 5) == 0))
			(void)snprintf(machine->processor, sizeof(machine->processor), "%.90s", value + 2);
		if (strncmp(line, "flags", 5) == 0 && strstr(line, " hypervisor"))
			machine->is_virtual = 1;
	}
	(void)fclose(file);
}

static int are_threads_of_one_core(uint32_t a, uint32_t b)
{
	char path[96], first[128], second[128];

	(void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", a);
	read_line(path, first, sizeof(first));
	(void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", b);
	read_line(path, second, sizeof(second));
	return first[0] && strcmp(first, second) == 0;
}

/* The first CPU, and the first after it that is another core. */
static void choose_cpus(struct takt_os_bench_machine *machine)
{
	const cpu_set_t *cpus = takt_port_cpus_at_start();
	uint32_t found = 0;

	for (uint32_t cpu = 0; cpus && cpu < 64; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		if (found == 0)
			machine->cpus[0] = machine->cpus[1] = cpu;
		else if (found == 1 || (machine->cores_are_shared && !are_threads_of_one_core(machine->cpus[0], cpu)))
			machine->cpus[1] = cpu;
		found++;
		if (found > 1)
			machine->cores_are_shared =
				(uint32_t)are_threads_of_one_core(machine->cpus[0], machine->cpus[1]);
	}
	machine->cpu_count = found;
}

/* Asked for and given back at once: limits, capabilities and control groups all have a say. */
static int may_be_real_time(void)
{
	struct sched_param before, wanted = {.sched_priority = 1};
	int policy;

	/* Not sched_setscheduler: musl refuses it, since POSIX means a whole process by it. */
	if (pthread_getschedparam(pthread_self(), &policy, &before) != 0 ||
	    pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted) != 0)
		return 0;
	(void)pthread_setschedparam(pthread_self(), policy, &before);
	return 1;
}

void takt_os_bench_machine_look(struct takt_os_bench_machine *machine)
{
	struct utsname system;

	*machine = (struct takt_os_bench_machine){.load = -1};
	read_processor(machine);
	choose_cpus(machine);
	machine->may_be_real_time = (uint32_t)may_be_real_time();
	if (getloadavg(&machine->load, 1) != 1)
		machine->load = 0;
	read_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", machine->governor,
		  sizeof(machine->governor));
	if (uname(&system) == 0)
		(void)snprintf(machine->system, sizeof(machine->system), "%.20s %.40s %.20s", system.sysname,
			       system.release, system.machine);
}

static void take_number(const char *line, const char *key, unsigned long long *number)
{
	const size_t length = strlen(key);

	if (strncmp(line, key, length) == 0)
		*number = strtoull(line + length, NULL, 10);
}

void takt_os_bench_memory_present(uint64_t *private_bytes, uint64_t *shared_bytes)
{
	char line[128];
	unsigned long long anonymous = 0, file = 0, shared = 0;
	FILE *status = fopen("/proc/self/status", "re");

	*private_bytes = *shared_bytes = 0;
	if (status == NULL)
		return;
	while (fgets(line, sizeof(line), status)) {
		take_number(line, "RssAnon:", &anonymous);
		take_number(line, "RssFile:", &file);
		take_number(line, "RssShmem:", &shared);
	}
	(void)fclose(status);
	*private_bytes = (anonymous + file) * 1024;
	*shared_bytes = shared * 1024;
}

enum takt_status takt_os_bench_environment_set(const char *name, const char *value)
{
	int result = value ? setenv(name, value, 1) : unsetenv(name);

	return result == 0 ? TAKT_OK : TAKT_NO_SPACE;
}

int takt_os_bench_library_is_loaded(const char *name)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_NOLOAD);

	if (library)
		(void)dlclose(library);
	return library != NULL;
}

/* ------------------------------------------------------------------------------------------------------ folder */

enum takt_status takt_os_bench_folder_make(char *path)
{
	int error;

	(void)snprintf(path, TAKT_OS_PATH_MAX, "%.400s/takt-bench.XXXXXX", takt_os_folder_root());
	if (mkdtemp(path) == NULL) {
		error = errno;
		takt_message(TAKT_ERROR,
			     "bench: cannot make %s: %s; TAKT_SHM_FOLDER names another folder for shared memory", path,
			     strerror(error));
		path[0] = '\0';
		return takt_port_status(error);
	}
	return setenv("TAKT_SHM_FOLDER", path, 1) == 0 ? TAKT_OK : TAKT_NO_SPACE;
}

static const char *kept; /* the folder that a clearing walk leaves */

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *walk)
{
	(void)found;
	(void)type;
	(void)walk;
	if (strcmp(path, kept) != 0)
		(void)remove(path);
	return 0;
}

/* FTW_PHYS: a link is removed, never followed. */
void takt_os_bench_folder_clear(const char *path)
{
	kept = path;
	(void)nftw(path, remove_one, FILE_DEPTH_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void takt_os_bench_folder_remove(const char *path)
{
	if (path[0] == '\0')
		return;
	takt_os_bench_folder_clear(path);
	(void)rmdir(path);
}

static uint64_t sum_bytes;

static int sum_one(const char *path, const struct stat *found, int type, struct FTW *walk)
{
	(void)path;
	(void)walk;
	if (type == FTW_F && S_ISREG(found->st_mode))
		sum_bytes += (uint64_t)found->st_blocks * 512u;
	return 0;
}

uint64_t takt_os_bench_folder_bytes(const char *path)
{
	sum_bytes = 0;
	(void)nftw(path, sum_one, FILE_DEPTH_MAX, FTW_PHYS | FTW_MOUNT);
	return sum_bytes;
}
