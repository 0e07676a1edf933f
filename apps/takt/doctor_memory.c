/* SPDX-License-Identifier: Apache-2.0 */
/* What memory management means to takt: whatever moves or takes a page makes the next one who touches it wait. */
#include "apps/takt/doctor.h"

#include <inttypes.h>
#include <string.h>

static int may_lock_all(const struct takt_os_machine *machine, const struct doctor_need *need)
{
	return machine->rights.may_lock ||
	       machine->rights.locked_bytes.now >= machine->rights.process_bytes + need->total_bytes;
}

static enum doctor_severity warning_if(int is_bad, const struct doctor_need *need)
{
	return is_bad && need->is_real_time ? DOCTOR_WARNING : DOCTOR_OK;
}

static void judge_swap(struct doctor_report *report, const struct takt_os_machine *machine,
		       const struct doctor_need *need)
{
	const uint64_t bytes = machine->memory.swap_bytes;
	struct doctor_finding *finding =
		doctor_add(report, warning_if(bytes != 0 && !may_lock_all(machine, need), need), "swap");

	if (bytes == 0)
		doctor_say(finding->found, "none");
	else
		doctor_say(finding->found, "%" PRIu64 " MiB%s", bytes >> 20,
			   finding->severity == DOCTOR_OK ? "; takt's memory is locked" : "");
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->expected, "none, or memory that may be locked");
	doctor_say(finding->why, "a page that was swapped out comes back from the disk, in the middle of a cycle");
	doctor_say(finding->mend, "sudo swapoff -a   # and its line out of /etc/fstab");
}

static void judge_compaction(struct doctor_report *report, const struct takt_os_machine *machine,
			     const struct doctor_need *need)
{
	const int32_t locked = machine->memory.compacts_locked;
	const int32_t by_itself = machine->memory.compacts_by_itself;
	struct doctor_finding *finding =
		doctor_add(report, warning_if(locked == 1, need), "compaction of locked memory");

	doctor_say(finding->found, locked < 0 ? "this kernel has none" : locked == 0 ? "off" : "on");
	if (finding->severity != DOCTOR_OK) {
		doctor_say(finding->expected, "off");
		doctor_say(finding->why,
			   "the kernel moves locked pages too when it makes room: the next access to each faults");
		doctor_say(finding->mend, "sudo sysctl -w vm.compact_unevictable_allowed=0");
	}
	/* Moves only what is not locked once the first is off. */
	finding = doctor_add(report, warning_if(by_itself > 0 && (locked == 1 || !may_lock_all(machine, need)), need),
			     "compaction on its own");
	if (by_itself < 0)
		doctor_say(finding->found, "this kernel has none");
	else
		doctor_say(finding->found, "proactiveness %d", by_itself);
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->expected, "proactiveness 0");
	doctor_say(finding->why, "the kernel moves pages in the background, without anybody's need");
	doctor_say(finding->mend, "sudo sysctl -w vm.compaction_proactiveness=0");
}

static void judge_huge_pages(struct doctor_report *report, const struct takt_os_machine *machine,
			     const struct doctor_need *need)
{
	const char *choice = machine->memory.huge_pages;
	struct doctor_finding *finding =
		doctor_add(report, warning_if(strcmp(choice, "always") == 0, need), "transparent huge pages");

	doctor_say(finding->found, "%s", choice[0] ? choice : "none");
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->expected, "madvise or never");
	doctor_say(finding->why,
		   "khugepaged joins pages while they are in use, and whoever touches them meanwhile waits");
	doctor_say(finding->mend, "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
}

static void judge_nodes(struct doctor_report *report, const struct takt_os_machine *machine,
			const struct doctor_need *need)
{
	const struct takt_os_memory *memory = &machine->memory;
	struct doctor_finding *finding =
		doctor_add(report, warning_if(memory->balances_nodes > 0 && memory->node_count > 1, need),
			   "NUMA balancing");

	if (memory->node_count <= 1)
		doctor_say(finding->found, "one node of memory");
	else
		doctor_say(finding->found, "%s, %u nodes of memory", memory->balances_nodes > 0 ? "on" : "off",
			   memory->node_count);
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->expected, "off");
	doctor_say(finding->why, "the kernel makes pages fault on purpose to see who uses them, locked ones too");
	doctor_say(finding->mend, "sudo sysctl -w kernel.numa_balancing=0");
}

/* A memory file system may promise more than there is. */
static void judge_available(struct doctor_report *report, const struct takt_os_machine *machine,
			    const struct doctor_need *need)
{
	const uint64_t available = machine->memory.available_bytes;
	const int is_short = available != 0 && available < need->missing_bytes;
	struct doctor_finding *finding = doctor_add(report, is_short ? DOCTOR_ERROR : DOCTOR_OK, "memory");

	doctor_say(finding->found, "%" PRIu64 " bytes available", available);
	if (!is_short)
		return;
	doctor_say(finding->expected, "%" PRIu64 " bytes, which domain '%s' needs", need->missing_bytes, need->domain);
	doctor_say(finding->why,
		   "it would be taken from others, and the kernel kills one of them; lower `depth` or `bytes`, or end "
		   "what takes most");
	doctor_say(finding->mend, "ps --sort=-rss -eo rss,pid,comm | head   # shows what that is");
}

void doctor_judge_memory(struct doctor_report *report, const struct takt_os_machine *machine,
			 const struct doctor_need *need)
{
	judge_swap(report, machine, need);
	judge_compaction(report, machine, need);
	judge_huge_pages(report, machine, need);
	judge_nodes(report, machine, need);
	judge_available(report, machine, need);
}
