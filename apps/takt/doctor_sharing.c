/* SPDX-License-Identifier: Apache-2.0 */
/* The shared-memory folder, what takes away what lies in it, and the features that takt is built on. */
#include "apps/takt/doctor.h"

#include <inttypes.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

/* --------------------------------------------------------------------------------------------------------- folder */

/* "rw,nosuid,nodev": is there such a word? */
static int has_option(const char *options, const char *word)
{
	const size_t length = strlen(word);

	for (const char *at = options; *at != '\0'; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
		if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return 1;
	return 0;
}

static void refuse_folder(struct doctor_report *report, const struct takt_os_sharing *sharing)
{
	struct doctor_finding *finding = doctor_add(report, DOCTOR_ERROR, "shared-memory folder");

	doctor_say(finding->expected, "a folder in which everybody may make names");
	doctor_say(finding->why, "a domain is a folder in it");
	if (!sharing->is_there) {
		doctor_say(finding->found, "%s is not there", sharing->folder);
		doctor_say(finding->mend, "sudo mkdir -p %s && sudo mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs %s",
			   sharing->folder, sharing->folder);
	} else if (has_option(sharing->options, "ro")) {
		doctor_say(finding->found, "%s is mounted read-only", sharing->folder);
		doctor_say(finding->mend, "sudo mount -o remount,rw %s", sharing->mount);
	} else {
		doctor_say(finding->found, "this user may not write %s", sharing->folder);
		doctor_say(finding->mend, "sudo chmod 1777 %s   # or root makes the domain: sudo takt create CONFIG",
			   sharing->folder);
	}
}

static void judge_folder(struct doctor_report *report, const struct takt_os_sharing *sharing,
			 const struct doctor_need *need)
{
	struct doctor_finding *finding;

	if (!sharing->is_there || has_option(sharing->options, "ro") ||
	    (!sharing->may_make && (need->domain == NULL || need->missing_bytes != 0))) {
		refuse_folder(report, sharing);
		return;
	}
	finding = doctor_add(report, sharing->is_memory ? DOCTOR_OK : DOCTOR_WARNING, "shared-memory folder");
	doctor_say(finding->found, "%s: %s (%s)", sharing->folder, sharing->file_system, sharing->options);
	if (sharing->is_memory)
		return;
	doctor_say(finding->expected, "tmpfs");
	doctor_say(finding->why, "the kernel writes a disk's files back, and each page that it writes faults again");
	doctor_say(finding->mend, "sudo mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs %s", sharing->folder);
}

static void judge_space(struct doctor_report *report, const struct takt_os_sharing *sharing,
			const struct doctor_need *need)
{
	const int is_short = sharing->total_bytes != 0 && sharing->free_bytes < need->missing_bytes;
	struct doctor_finding *finding;

	if (!sharing->is_there)
		return;
	finding = doctor_add(report, is_short ? DOCTOR_ERROR : DOCTOR_OK, "shared memory");
	if (sharing->total_bytes == 0)
		doctor_say(finding->found, "no limit");
	else
		doctor_say(finding->found, "have %" PRIu64 " bytes free in %s", sharing->free_bytes, sharing->folder);
	if (!is_short)
		return;
	doctor_say(finding->expected, "%" PRIu64 " bytes, which domain '%s' needs", need->missing_bytes, need->domain);
	doctor_say(finding->why, "all of a domain is reserved before it starts, so it does not start");
	doctor_say(finding->mend, "sudo mount -o remount,size=%" PRIu64 " %s",
		   (sharing->total_bytes + need->missing_bytes - sharing->free_bytes + MIB - 1) / MIB * MIB,
		   sharing->mount);
}

static void judge_names(struct doctor_report *report, const struct takt_os_sharing *sharing,
			const struct doctor_need *need)
{
	const int is_short = need->missing_bytes != 0 && sharing->free_names < need->names;
	struct doctor_finding *finding;

	if (!sharing->is_there)
		return;
	finding = doctor_add(report, is_short ? DOCTOR_ERROR : DOCTOR_OK, "names of objects");
	if (sharing->free_names == UINT64_MAX)
		doctor_say(finding->found, "no limit");
	else
		doctor_say(finding->found, "%" PRIu64 " free in %s", sharing->free_names, sharing->folder);
	if (!is_short)
		return;
	doctor_say(finding->expected, "%" PRIu64 ", which domain '%s' needs", need->names, need->domain);
	doctor_say(finding->why, "each object of a domain has one, so it does not start");
	doctor_say(finding->mend, "sudo mount -o remount,nr_inodes=0 %s", sharing->mount);
}

/* ------------------------------------------------------------------------------------------------------- RemoveIPC */

static void judge_removal(struct doctor_report *report, const struct takt_os_sharing *sharing,
			  const struct doctor_need *need)
{
	const char *victim = NULL;
	struct doctor_finding *finding;

	for (uint32_t i = 0; i < need->user_count && victim == NULL; i++)
		if (need->user_ids[i] > sharing->system_user_max)
			victim = need->users[i] ? need->users[i] : "you";
	/* logind empties /dev/shm and nothing else. */
	if (sharing->removes_ipc != 1 || victim == NULL || strcmp(sharing->folder, "/dev/shm") != 0) {
		finding = doctor_add(report, DOCTOR_OK, "RemoveIPC");
		doctor_say(finding->found, sharing->removes_ipc < 0 ? "no logind runs here"
					   : sharing->removes_ipc == 0
						   ? "no"
						   : "yes, and no ordinary user owns shared memory");
		return;
	}
	finding = doctor_add(report, DOCTOR_WARNING, "RemoveIPC");
	if (sharing->removes_file[0])
		doctor_say(finding->found, "yes, in %s", sharing->removes_file);
	else
		doctor_say(finding->found, "yes, which is logind's default");
	doctor_say(finding->expected, "no, since %s own%s shared memory", victim,
		   strcmp(victim, "you") == 0 ? "" : "s");
	doctor_say(
		finding->why,
		"when that user's last session ends, logind removes the domain under its nodes; system users' is left");
	doctor_say(finding->mend,
		   "sudo mkdir -p /etc/systemd/logind.conf.d && printf '[Login]\\nRemoveIPC=no\\n' | "
		   "sudo tee /etc/systemd/logind.conf.d/zz-takt.conf && sudo systemctl restart systemd-logind");
}

void doctor_judge_sharing(struct doctor_report *report, const struct takt_os_machine *machine,
			  const struct doctor_need *need)
{
	judge_folder(report, &machine->sharing, need);
	judge_space(report, &machine->sharing, need);
	judge_names(report, &machine->sharing, need);
	judge_removal(report, &machine->sharing, need);
}

/* -------------------------------------------------------------------------------------------------------- features */

void doctor_judge_features(struct doctor_report *report, const struct takt_os_machine *machine)
{
	for (uint32_t i = 0; i < machine->feature_count; i++) {
		const struct takt_os_feature *feature = &machine->features[i];
		const int is_missing = feature->state == TAKT_OS_FEATURE_MISSING;
		struct doctor_finding *finding = doctor_add(report,
							    !is_missing		 ? DOCTOR_OK
							    : feature->is_needed ? DOCTOR_ERROR
										 : DOCTOR_WARNING,
							    feature->name);

		if (!is_missing) {
			doctor_say(finding->found,
				   feature->state == TAKT_OS_FEATURE_THERE
					   ? "works"
					   : "could not be tried: no right to, or no folder to try it in");
			continue;
		}
		doctor_say(finding->found, "not on Linux %s with %s in %s", machine->kernel.release,
			   machine->sharing.file_system, machine->sharing.folder);
		doctor_say(finding->expected, "%s", feature->since);
		doctor_say(finding->why, "without it %s", feature->without);
		/* What a file system lacks, a tmpfs has. */
		if (!machine->sharing.is_memory && strstr(feature->since, "tmpfs"))
			doctor_say(finding->mend, "sudo mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs %s",
				   machine->sharing.folder);
		else if (strcmp(feature->name, "/proc") == 0)
			doctor_say(finding->mend, "sudo mount -t proc proc /proc");
		else
			doctor_say(finding->mend, "sudo apt-get install linux-image-%s && sudo reboot",
				   strcmp(machine->kernel.machine, "x86_64") == 0    ? "amd64"
				   : strcmp(machine->kernel.machine, "aarch64") == 0 ? "arm64"
										     : "armmp");
	}
}
