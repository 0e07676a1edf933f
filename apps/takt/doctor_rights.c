/* SPDX-License-Identifier: Apache-2.0 */
/* What the rights and limits of a process mean to takt. */
#include "apps/takt/doctor.h"

#include <inttypes.h>

#include "core/limits.h"

#define PRIORITY_USUAL 80 /* asked for where no config says which */

static uint32_t priority_of(const struct doctor_need *need)
{
	return need->domain ? need->priority : PRIORITY_USUAL;
}

static int is_permitted(const struct takt_os_rights_held *rights, uint32_t priority)
{
	return rights->may_schedule || rights->priority.now >= priority;
}

/* What the config declares and does not get keeps it from running as declared. */
static enum doctor_severity severity_of(const struct doctor_need *need)
{
	return need->domain && need->is_real_time ? DOCTOR_ERROR : DOCTOR_WARNING;
}

static void say_who_wants(struct doctor_finding *finding, const struct doctor_need *need)
{
	if (need->priority_node)
		doctor_say(finding->expected, "fifo %u: node '%s' declares it", need->priority, need->priority_node);
	else
		doctor_say(finding->expected, "a real-time priority such as %u", PRIORITY_USUAL);
}

static void judge_priority(struct doctor_report *report, const struct takt_os_machine *machine,
			   const struct doctor_need *need)
{
	const struct takt_os_rights_held *rights = &machine->rights;
	const uint32_t priority = priority_of(need);
	struct doctor_finding *finding;

	/* Where the right is there and it is refused all the same, the budget is to blame, and says so. */
	if (!need->is_real_time || rights->priority_max >= priority || is_permitted(rights, priority)) {
		finding = doctor_add(report, DOCTOR_OK, "real-time priority");
		doctor_say(finding->found, need->is_real_time ? "up to %u" : "up to %u; nothing asks for one",
			   rights->may_schedule && rights->priority_max == 0 ? 99 : rights->priority_max);
		return;
	}
	finding = doctor_add(report, severity_of(need), "real-time priority");
	doctor_say(finding->found, "at most %u for user '%s'", rights->priority_max, rights->user);
	say_who_wants(finding, need);
	doctor_say(finding->why, "at ordinary priority takt's threads wait for whatever else wants to run");
	if (rights->priority.hard >= priority)
		doctor_say(finding->mend, "ulimit -r %u   # in the shell that starts takt", priority);
	else if (rights->user_id == 0)
		doctor_say(finding->mend,
			   "docker run --cap-add=SYS_NICE ...   # this root has no CAP_SYS_NICE: a container's");
	else
		doctor_say(
			finding->mend,
			"echo '%s - rtprio %u' | sudo tee -a /etc/security/limits.d/takt.conf   # from the next login on",
			rights->user, priority);
}

static void judge_locked_memory(struct doctor_report *report, const struct takt_os_machine *machine,
				const struct doctor_need *need)
{
	const struct takt_os_rights_held *rights = &machine->rights;
	const uint64_t bytes = rights->process_bytes + need->total_bytes;
	struct doctor_finding *finding;

	if (rights->may_lock || rights->locked_bytes.now >= bytes) {
		finding = doctor_add(report, DOCTOR_OK, "locked memory");
		doctor_say(finding->found, rights->may_lock ? "no limit" : "%" PRIu64 " KiB",
			   rights->locked_bytes.now / 1024);
		return;
	}
	finding = doctor_add(report, DOCTOR_WARNING, "locked memory");
	doctor_say(finding->found, "at most %" PRIu64 " KiB for user '%s'", rights->locked_bytes.now / 1024,
		   rights->user);
	doctor_say(finding->expected, "%" PRIu64 " KiB: a process and its domain", (bytes + 1023) / 1024);
	doctor_say(finding->why, "memory that is not locked can be taken away, and the loop that touches it next waits "
				 "until it is back");
	if (rights->locked_bytes.hard >= bytes)
		doctor_say(finding->mend, "ulimit -l %" PRIu64 "   # in the shell that starts takt",
			   (bytes + 1023) / 1024);
	else if (rights->user_id == 0)
		doctor_say(finding->mend,
			   "docker run --cap-add=IPC_LOCK ...   # this root has no CAP_IPC_LOCK: a container's");
	else
		doctor_say(
			finding->mend,
			"echo '%s - memlock unlimited' | sudo tee -a /etc/security/limits.d/takt.conf   # from the next login on",
			rights->user);
}

/* ---------------------------------------------------------------------------------------------------------- budget */

static void judge_system_budget(struct doctor_finding *finding, const struct takt_os_budget *budget)
{
	doctor_say(finding->found, "0 of each %" PRId64 " us for all real-time threads together", budget->period_us);
	doctor_say(finding->mend, "sudo sysctl -w kernel.sched_rt_runtime_us=950000");
}

/* A right that is there, and a thread that is refused all the same. */
static void judge_group_budget(struct doctor_finding *finding, const struct takt_os_budget *budget)
{
	if (budget->files[0]) {
		doctor_say(finding->found, "the control group that this process is in has 0");
		doctor_say(finding->mend, "echo 950000 | sudo tee %s", budget->files);
		return;
	}
	doctor_say(finding->found, "refused, though the right is there: %s",
		   budget->is_unified ? "this kernel has none for control groups of version 2"
				      : "by a filter (Seccomp in /proc/self/status), or a kernel without SCHED_FIFO");
	if (budget->is_unified)
		doctor_say(finding->mend,
			   "echo $$ | sudo tee /sys/fs/cgroup/cgroup.procs   # moves this shell to the root group");
}

static void judge_budget(struct doctor_report *report, const struct takt_os_machine *machine,
			 const struct doctor_need *need)
{
	const struct takt_os_budget *budget = &machine->budget;
	const struct takt_os_rights_held *rights = &machine->rights;
	struct doctor_finding *finding;
	const int is_refused = rights->priority_max == 0 && is_permitted(rights, priority_of(need));

	if (!need->is_real_time || (budget->system_us != 0 && !is_refused && budget->files[0] == '\0')) {
		finding = doctor_add(report, DOCTOR_OK, "real-time budget");
		if (budget->system_us > 0)
			doctor_say(finding->found,
				   "%" PRId64 " of each %" PRId64 " us: only a thread that never sleeps meets it",
				   budget->system_us, budget->period_us);
		else
			doctor_say(finding->found, "%s",
				   budget->system_us == 0 ? "0; nothing asks for one" : "no limit");
		return;
	}
	finding = doctor_add(report, severity_of(need), "real-time budget");
	say_who_wants(finding, need);
	doctor_say(finding->why, "without a budget SCHED_FIFO is refused to everybody, root included");
	if (budget->system_us == 0)
		judge_system_budget(finding, budget);
	else
		judge_group_budget(finding, budget);
}

/* ---------------------------------------------------------------------------------------------------------- limits */

/* A limit below what takt itself needs is an error with and without a config. */
static void judge_limit(struct doctor_report *report, const char *what, struct takt_os_limit limit, uint64_t wanted,
			char letter)
{
	const char *unit = letter == 'f' ? "bytes" : "";
	struct doctor_finding *finding;

	if (limit.now >= wanted) {
		finding = doctor_add(report, DOCTOR_OK, what);
		if (limit.now == TAKT_OS_UNLIMITED)
			doctor_say(finding->found, "no limit");
		else
			doctor_say(finding->found, "%" PRIu64 "%s%s", limit.now, *unit ? " " : "", unit);
		return;
	}
	finding = doctor_add(report, DOCTOR_ERROR, what);
	doctor_say(finding->found, "at most %" PRIu64 "%s%s", limit.now, *unit ? " " : "", unit);
	doctor_say(finding->expected, "%" PRIu64 "%s%s", wanted, *unit ? " " : "", unit);
	doctor_say(finding->why, letter == 'f' ? "the domain's largest object is a file that cannot be made"
					       : "the process that opens most cannot open all of the domain");
	if (limit.hard < wanted)
		doctor_say(finding->mend, "sudo prlimit --pid $$ --%s=%" PRIu64 ":%" PRIu64 "   # for this shell",
			   letter == 'f' ? "fsize" : "nofile", wanted, wanted);
	else if (letter == 'f')
		/* Not ulimit, which counts blocks, and not the same in every shell. */
		doctor_say(finding->mend, "prlimit --pid $$ --fsize=%" PRIu64 ":   # for this shell", wanted);
	else
		doctor_say(finding->mend, "ulimit -Sn %" PRIu64 "   # in the shell that starts takt", wanted);
}

static void judge_lines(struct doctor_report *report, const struct takt_os_machine *machine)
{
	const uint64_t bytes = machine->rights.pipe_atomic_bytes;
	struct doctor_finding *finding =
		doctor_add(report, bytes >= TAKT_LINE_BYTES_MAX ? DOCTOR_OK : DOCTOR_WARNING, "command lines");

	doctor_say(finding->found, "%" PRIu64 " bytes reach a pipe undivided", bytes);
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->expected, "%u", TAKT_LINE_BYTES_MAX);
	doctor_say(finding->why, "longer lines of two senders can mix; no setting changes it: keep commands short");
}

void doctor_judge_rights(struct doctor_report *report, const struct takt_os_machine *machine,
			 const struct doctor_need *need)
{
	judge_priority(report, machine, need);
	judge_budget(report, machine, need);
	judge_locked_memory(report, machine, need);
	judge_limit(report, "open files", machine->rights.files, need->files, 'n');
	judge_limit(report, "size of files", machine->rights.file_bytes, need->largest_bytes, 'f');
	judge_lines(report, machine);
}
