/* SPDX-License-Identifier: Apache-2.0 */
/* What kernel, processors and clock mean to takt's time. */
#include "apps/takt/doctor.h"

#include <inttypes.h>
#include <string.h>

/* A wake-up from idle may take this part of the shortest span that the config knows; without a config this long. */
#define IDLE_SHARE    20
#define IDLE_US_USUAL 100
#define IDLE_US_MIN   10
/* A clock reading that is no system call is far below one. */
#define CLOCK_SHARE_MAX 0.6

/* Findings about time only warn where somebody asks for real time. */
static enum doctor_severity severity_of(const struct doctor_need *need)
{
	return need->is_real_time ? DOCTOR_WARNING : DOCTOR_OK;
}

/* --------------------------------------------------------------------------------------------------------------- CPUs */

/* "0-3,8" */
static void list_cpus(char *text, size_t bytes, uint64_t cpus)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned cpu = 0; cpu < 64 && used < bytes; cpu++) {
		unsigned last = cpu;

		if ((cpus >> cpu & 1) == 0)
			continue;
		while (last < 63 && (cpus >> (last + 1) & 1) != 0)
			last++;
		used += (size_t)snprintf(text + used, bytes - used, last > cpu ? "%s%u-%u" : "%s%u", used ? "," : "",
					 cpu, last);
		cpu = last;
	}
}

static void judge_cpus(struct doctor_report *report, const struct takt_os_machine *machine,
		       const struct doctor_need *need)
{
	const uint64_t missing = need->cpus & ~machine->processors.usable;
	struct doctor_finding *finding = doctor_add(report, missing ? DOCTOR_ERROR : DOCTOR_OK, "CPUs");
	char usable[256], isolated[256], lacking[256];
	unsigned first;

	list_cpus(usable, sizeof(usable), machine->processors.usable);
	list_cpus(isolated, sizeof(isolated), machine->processors.isolated);
	doctor_say(finding->found, isolated[0] ? "%s; isolated: %s" : "%s", usable, isolated);
	if (!missing)
		return;
	first = (unsigned)__builtin_ctzll(missing);
	list_cpus(lacking, sizeof(lacking), missing);
	doctor_say(finding->found, "only %s can be used", usable);
	doctor_say(finding->expected, "also %s: node '%s' declares `cpus`", lacking, need->cpu_nodes[first]);
	doctor_say(finding->why, "the node runs wherever the others do, and is disturbed by them");
	if (machine->processors.online >> first & 1)
		doctor_say(
			finding->mend,
			"sudo systemctl set-property --runtime user.slice AllowedCPUs=%s   # this control group lacks it",
			lacking);
	else if (machine->processors.present >> first & 1)
		doctor_say(finding->mend, "echo 1 | sudo tee /sys/devices/system/cpu/cpu%u/online", first);
	else
		doctor_say(finding->why,
			   "the node runs wherever the others do, and is disturbed by them; choose among %s in %s",
			   usable, need->path);
}

static void judge_virtual(struct doctor_report *report, const struct takt_os_machine *machine,
			  const struct doctor_need *need)
{
	struct doctor_finding *finding;

	finding = doctor_add(report, machine->processors.is_virtual ? severity_of(need) : DOCTOR_OK,
			     "processors of its own");
	doctor_say(finding->found, machine->processors.is_virtual ? "a virtual machine" : "yes");
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->expected, "a machine of its own");
	doctor_say(finding->why, "the host takes the processors away when it likes, for milliseconds");
	doctor_say(finding->mend,
		   "virsh vcpupin DOMAIN VCPU CPU   # on the host, one of its CPUs for each; no setting in here");
}

static void judge_governor(struct doctor_report *report, const struct takt_os_machine *machine,
			   const struct doctor_need *need)
{
	const char *governor = machine->processors.governor;
	const int is_well = governor[0] == '\0' || strcmp(governor, "performance") == 0;
	struct doctor_finding *finding =
		doctor_add(report, is_well ? DOCTOR_OK : severity_of(need), "frequency scaling");

	doctor_say(finding->found, "%s", governor[0] ? governor : "none");
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->expected, "performance");
	doctor_say(finding->why,
		   "a thread that wakes up begins on a slow clock, and its cycles take as long as that lasts");
	doctor_say(finding->mend, "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
}

static void judge_idle(struct doctor_report *report, const struct takt_os_machine *machine,
		       const struct doctor_need *need)
{
	const struct takt_os_processors *processors = &machine->processors;
	const uint32_t us =
		processors->idle_us < processors->idle_bound_us ? processors->idle_us : processors->idle_bound_us;
	uint64_t allowed_us = need->shortest_us ? need->shortest_us / IDLE_SHARE : IDLE_US_USUAL;
	struct doctor_finding *finding;

	if (allowed_us < IDLE_US_MIN)
		allowed_us = IDLE_US_MIN;
	if (allowed_us > UINT32_MAX)
		allowed_us = UINT32_MAX;
	finding = doctor_add(report, us > allowed_us ? severity_of(need) : DOCTOR_OK, "idle states");
	if (us == 0)
		doctor_say(finding->found, "no time to wake up is known");
	else
		doctor_say(finding->found, "%s needs %u us to wake up", processors->idle_name, us);
	if (finding->severity == DOCTOR_OK)
		return;
	if (need->shortest_name)
		doctor_say(finding->expected, "%" PRIu64 " us: a twentieth of what `%s` allows", allowed_us,
			   need->shortest_name);
	else
		doctor_say(finding->expected, "%" PRIu64 " us", allowed_us);
	doctor_say(finding->why, "a processor that sleeps deeply delays the thread that it wakes up for");
	/* Eight digits: the kernel reads four bytes as a number in binary. */
	doctor_say(finding->mend,
		   "sudo sh -c 'exec 3>/dev/cpu_dma_latency; echo %08" PRIx64
		   " >&3; exec sleep infinity' &   # while it runs",
		   allowed_us);
}

/* ----------------------------------------------------------------------------------------------------- kernel, clock */

/* Debian's names. */
static const char *package_of(const char *machine)
{
	if (strcmp(machine, "x86_64") == 0)
		return "linux-image-rt-amd64";
	if (strcmp(machine, "aarch64") == 0)
		return "linux-image-rt-arm64";
	return strncmp(machine, "armv7", 5) == 0 ? "linux-image-rt-armmp" : "linux-image-rt";
}

static void judge_preemption(struct doctor_report *report, const struct takt_os_machine *machine,
			     const struct doctor_need *need)
{
	const struct takt_os_kernel *kernel = &machine->kernel;
	const int is_rt = strcmp(kernel->preemption, "PREEMPT_RT") == 0;
	struct doctor_finding *finding = doctor_add(report, is_rt ? DOCTOR_OK : severity_of(need), "preemption");

	doctor_say(finding->found, "%s, Linux %s", kernel->preemption[0] ? kernel->preemption : "none",
		   kernel->release);
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->expected, "PREEMPT_RT");
	doctor_say(finding->why,
		   "parts of this kernel cannot be interrupted: under load a wake-up can be late by milliseconds");
	doctor_say(finding->mend, "sudo apt-get install %s && sudo reboot", package_of(kernel->machine));
}

static void judge_clock(struct doctor_report *report, const struct takt_os_machine *machine,
			const struct doctor_need *need)
{
	const struct takt_os_kernel *kernel = &machine->kernel;
	const double share = kernel->call_ns > 0 ? kernel->clock_ns / kernel->call_ns : 0;
	const char *better = strstr(kernel->clock_sources, "tsc") ? "tsc" : "arch_sys_counter";
	struct doctor_finding *finding =
		doctor_add(report, share > CLOCK_SHARE_MAX ? severity_of(need) : DOCTOR_OK, "clock");

	doctor_say(finding->found, "%s: a reading takes %.0f ns, %.2f of the cheapest system call",
		   kernel->clock_source[0] ? kernel->clock_source : "unknown", kernel->clock_ns, share);
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->expected, "a clock that is read without the kernel");
	doctor_say(finding->why, "each publish and each read of the age of a sample pays for it");
	if (strstr(kernel->clock_sources, better) && strcmp(kernel->clock_source, better) != 0)
		doctor_say(finding->mend,
			   "echo %s | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource",
			   better);
	else
		doctor_say(
			finding->why,
			"each publish and each look at a sample's age pays for it; this machine offers no better clock: "
			"`takt bench publish` says what it costs");
}

void doctor_judge_processors(struct doctor_report *report, const struct takt_os_machine *machine,
			     const struct doctor_need *need)
{
	judge_cpus(report, machine, need);
	judge_virtual(report, machine, need);
	judge_governor(report, machine, need);
	judge_idle(report, machine, need);
	judge_preemption(report, machine, need);
	judge_clock(report, machine, need);
}
