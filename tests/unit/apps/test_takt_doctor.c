/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor finds in made-up facts: each fault alone, and nothing where there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/doctor.h"
#include "tests/unit/apps/doctor_facts.h"

static struct doctor_report report;

static struct doctor_report *judge(const struct facts *facts)
{
	doctor_judge(&report, &facts->machine, &facts->need);
	return &report;
}

static void a_machine_without_fault_has_no_finding(void **state)
{
	const struct facts facts = good_facts();

	(void)state;
	judge(&facts);
	assert_int_equal(report.counts[DOCTOR_ERROR], 0);
	assert_int_equal(report.counts[DOCTOR_WARNING], 0);
	assert_int_equal(report.counts[DOCTOR_OK], report.finding_count);
	assert_in_range(report.finding_count, 20, DOCTOR_FINDINGS_MAX - 8);
	for (uint32_t i = 0; i < report.finding_count; i++) {
		assert_string_not_equal(report.findings[i].found, "");
		assert_string_equal(report.findings[i].mend, "");
	}
}

/* ------------------------------------------------------------------------------------- one fault after the other */

static void lose_priority(struct facts *f)
{
	f->machine.rights.priority_max = 0;
	f->machine.rights.priority = (struct takt_os_limit){0, 0};
}
static void have_too_low_priority(struct facts *f)
{
	f->machine.rights.priority_max = 50;
	f->machine.rights.priority = (struct takt_os_limit){50, 50};
}
static void may_raise_priority(struct facts *f)
{
	lose_priority(f);
	f->machine.rights.priority.hard = 80;
}
static void be_root_in_a_container(struct facts *f)
{
	lose_priority(f);
	f->machine.rights.user_id = 0;
	f->machine.rights.locked_bytes = (struct takt_os_limit){65536, 65536};
}
static void empty_group(struct facts *f)
{
	f->machine.rights.priority_max = 0;
	f->machine.budget.group_us = 0;
	(void)strcpy(f->machine.budget.files, "/cg/a/cpu.rt_runtime_us /cg/a/b/cpu.rt_runtime_us");
}
static void be_refused_in_version_2(struct facts *f)
{
	f->machine.rights.priority_max = 0;
	f->machine.budget.is_unified = 1;
}
static void be_refused_by_a_filter(struct facts *f)
{
	f->machine.rights.priority_max = 0;
}
static void empty_system(struct facts *f)
{
	f->machine.budget.system_us = 0;
}
static void lose_locking(struct facts *f)
{
	f->machine.rights.locked_bytes = (struct takt_os_limit){(12u << 20) - 1, (12u << 20) - 1};
}
static void may_raise_locking(struct facts *f)
{
	f->machine.rights.locked_bytes = (struct takt_os_limit){(12u << 20) - 1, 12u << 20};
}
static void lose_files(struct facts *f)
{
	f->machine.rights.files = (struct takt_os_limit){99, 99};
}
static void may_raise_files(struct facts *f)
{
	f->machine.rights.files = (struct takt_os_limit){99, 100};
}
static void lose_file_size(struct facts *f)
{
	f->machine.rights.file_bytes = (struct takt_os_limit){(1u << 20) - 1, (1u << 20) - 1};
}
static void may_raise_file_size(struct facts *f)
{
	f->machine.rights.file_bytes = (struct takt_os_limit){(1u << 20) - 1, TAKT_OS_UNLIMITED};
}
static void divide_lines(struct facts *f)
{
	f->machine.rights.pipe_atomic_bytes = 512;
}
static void lose_a_cpu(struct facts *f)
{
	f->machine.processors.present = f->machine.processors.online = f->machine.processors.usable = 0x3;
}
static void switch_a_cpu_off(struct facts *f)
{
	f->machine.processors.online = f->machine.processors.usable = 0xb;
}
static void keep_a_cpu_from_the_group(struct facts *f)
{
	f->machine.processors.usable = 0xb;
}
static void be_virtual(struct facts *f)
{
	f->machine.processors.is_virtual = 1;
}
static void save_power(struct facts *f)
{
	(void)strcpy(f->machine.processors.governor, "powersave");
}
static void sleep_deeply(struct facts *f)
{
	f->machine.processors.idle_us = 51;
}
static void be_ordinary_kernel(struct facts *f)
{
	(void)strcpy(f->machine.kernel.preemption, "PREEMPT_DYNAMIC");
}
static void be_ordinary_arm_kernel(struct facts *f)
{
	f->machine.kernel.preemption[0] = '\0';
	(void)strcpy(f->machine.kernel.machine, "aarch64");
}
static void read_clock_slowly(struct facts *f)
{
	f->machine.kernel.clock_ns = 110;
	(void)strcpy(f->machine.kernel.clock_source, "hpet");
}
static void have_no_better_clock(struct facts *f)
{
	read_clock_slowly(f);
	(void)strcpy(f->machine.kernel.clock_sources, "hpet");
}
static void swap(struct facts *f)
{
	lose_locking(f);
	f->machine.memory.swap_bytes = 1u << 30;
}
static void move_locked_pages(struct facts *f)
{
	f->machine.memory.compacts_locked = 1;
}
static void move_pages_by_itself(struct facts *f)
{
	f->machine.memory.compacts_by_itself = 20;
	f->machine.memory.compacts_locked = 1;
}
static void join_pages(struct facts *f)
{
	(void)strcpy(f->machine.memory.huge_pages, "always");
}
static void balance_nodes(struct facts *f)
{
	f->machine.memory.balances_nodes = 1;
	f->machine.memory.node_count = 2;
}
static void run_out_of_memory(struct facts *f)
{
	f->machine.memory.available_bytes = (4u << 20) - 1;
}
static void lose_the_folder(struct facts *f)
{
	f->machine.sharing.is_there = 0;
}
static void lock_the_folder(struct facts *f)
{
	f->machine.sharing.may_make = 0;
}
static void mount_read_only(struct facts *f)
{
	f->machine.sharing.may_make = 0;
	(void)strcpy(f->machine.sharing.options, "ro,relatime");
}
static void be_on_a_disk(struct facts *f)
{
	f->machine.sharing.is_memory = 0;
	(void)strcpy(f->machine.sharing.file_system, "ext4");
}
static void fill_the_folder(struct facts *f)
{
	f->machine.sharing.free_bytes = (4u << 20) - 1;
}
static void use_up_the_names(struct facts *f)
{
	f->machine.sharing.free_names = 39;
}
static void remove_ipc(struct facts *f)
{
	f->machine.sharing.removes_ipc = 1;
}
static void remove_ipc_by_a_file(struct facts *f)
{
	f->machine.sharing.removes_ipc = 1;
	(void)strcpy(f->machine.sharing.removes_file, "/etc/systemd/logind.conf");
	f->need.users[0] = "robot-user";
}
static void lack_a_needed_feature(struct facts *f)
{
	f->machine.features[0].state = TAKT_OS_FEATURE_MISSING;
}
static void lack_a_wanted_feature(struct facts *f)
{
	f->machine.features[1].state = TAKT_OS_FEATURE_MISSING;
}
static void lack_a_feature_of_the_disk(struct facts *f)
{
	be_on_a_disk(f);
	f->machine.features[2].state = TAKT_OS_FEATURE_MISSING;
}
static void lack_proc(struct facts *f)
{
	f->machine.features[3].state = TAKT_OS_FEATURE_MISSING;
}

static const struct fault {
	void (*make)(struct facts *facts);
	const char *what;
	enum doctor_severity severity;
	const char *found;
	const char *mend; /* all of it, but for what follows "   #"; "": none exists */
} faults[] = {
	{lose_priority, "real-time priority", DOCTOR_ERROR, "at most 0 for user 'alice'",
	 "echo 'alice - rtprio 80' | sudo tee -a /etc/security/limits.d/takt.conf"},
	{have_too_low_priority, "real-time priority", DOCTOR_ERROR, "at most 50",
	 "echo 'alice - rtprio 80' | sudo tee -a /etc/security/limits.d/takt.conf"},
	{may_raise_priority, "real-time priority", DOCTOR_ERROR, "at most 0", "ulimit -r 80"},
	{be_root_in_a_container, "real-time priority", DOCTOR_ERROR, "at most 0", "docker run --cap-add=SYS_NICE ..."},
	{be_root_in_a_container, "locked memory", DOCTOR_WARNING, "at most 64 KiB",
	 "docker run --cap-add=IPC_LOCK ..."},
	{empty_group, "real-time budget", DOCTOR_ERROR, "has 0",
	 "echo 950000 | sudo tee /cg/a/cpu.rt_runtime_us /cg/a/b/cpu.rt_runtime_us"},
	{be_refused_in_version_2, "real-time budget", DOCTOR_ERROR, "version 2",
	 "echo $$ | sudo tee /sys/fs/cgroup/cgroup.procs"},
	{be_refused_by_a_filter, "real-time budget", DOCTOR_ERROR, "Seccomp", ""},
	{empty_system, "real-time budget", DOCTOR_ERROR, "0 of each 1000000 us",
	 "sudo sysctl -w kernel.sched_rt_runtime_us=950000"},
	{lose_locking, "locked memory", DOCTOR_WARNING, "at most 12287 KiB for user 'alice'",
	 "echo 'alice - memlock unlimited' | sudo tee -a /etc/security/limits.d/takt.conf"},
	{may_raise_locking, "locked memory", DOCTOR_WARNING, "at most 12287 KiB", "ulimit -l 12288"},
	{lose_files, "open files", DOCTOR_ERROR, "at most 99", "sudo prlimit --pid $$ --nofile=100:100"},
	{may_raise_files, "open files", DOCTOR_ERROR, "at most 99", "ulimit -Sn 100"},
	{lose_file_size, "size of files", DOCTOR_ERROR, "at most 1048575 bytes",
	 "sudo prlimit --pid $$ --fsize=1048576:1048576"},
	{may_raise_file_size, "size of files", DOCTOR_ERROR, "at most 1048575 bytes",
	 "prlimit --pid $$ --fsize=1048576:"},
	{divide_lines, "command lines", DOCTOR_WARNING, "512 bytes", ""},
	{lose_a_cpu, "CPUs", DOCTOR_ERROR, "only 0-1", ""},
	{switch_a_cpu_off, "CPUs", DOCTOR_ERROR, "only 0-1,3", "echo 1 | sudo tee /sys/devices/system/cpu/cpu2/online"},
	{keep_a_cpu_from_the_group, "CPUs", DOCTOR_ERROR, "only 0-1,3",
	 "sudo systemctl set-property --runtime user.slice AllowedCPUs=2"},
	{be_virtual, "processors of its own", DOCTOR_WARNING, "virtual", "virsh vcpupin DOMAIN VCPU CPU"},
	{save_power, "frequency scaling", DOCTOR_WARNING, "powersave",
	 "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"},
	{sleep_deeply, "idle states", DOCTOR_WARNING, "C1 needs 51 us",
	 "sudo sh -c 'exec 3>/dev/cpu_dma_latency; echo 00000032 >&3; exec sleep infinity' &"},
	{be_ordinary_kernel, "preemption", DOCTOR_WARNING, "PREEMPT_DYNAMIC",
	 "sudo apt-get install linux-image-rt-amd64 && sudo reboot"},
	{be_ordinary_arm_kernel, "preemption", DOCTOR_WARNING, "none",
	 "sudo apt-get install linux-image-rt-arm64 && sudo reboot"},
	{read_clock_slowly, "clock", DOCTOR_WARNING, "hpet: a reading takes 110 ns, 1.10 of",
	 "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource"},
	{have_no_better_clock, "clock", DOCTOR_WARNING, "hpet", ""},
	{swap, "swap", DOCTOR_WARNING, "1024 MiB", "sudo swapoff -a"},
	{move_locked_pages, "compaction of locked memory", DOCTOR_WARNING, "on",
	 "sudo sysctl -w vm.compact_unevictable_allowed=0"},
	{move_pages_by_itself, "compaction on its own", DOCTOR_WARNING, "proactiveness 20",
	 "sudo sysctl -w vm.compaction_proactiveness=0"},
	{join_pages, "transparent huge pages", DOCTOR_WARNING, "always",
	 "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"},
	{balance_nodes, "NUMA balancing", DOCTOR_WARNING, "2 nodes", "sudo sysctl -w kernel.numa_balancing=0"},
	{run_out_of_memory, "memory", DOCTOR_ERROR, "4194303 bytes", "ps --sort=-rss -eo rss,pid,comm | head"},
	{lose_the_folder, "shared-memory folder", DOCTOR_ERROR, "not there",
	 "sudo mkdir -p /dev/shm && sudo mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm"},
	{lock_the_folder, "shared-memory folder", DOCTOR_ERROR, "may not write", "sudo chmod 1777 /dev/shm"},
	{mount_read_only, "shared-memory folder", DOCTOR_ERROR, "read-only", "sudo mount -o remount,rw /dev/shm"},
	{be_on_a_disk, "shared-memory folder", DOCTOR_WARNING, "ext4",
	 "sudo mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm"},
	{fill_the_folder, "shared memory", DOCTOR_ERROR, "have 4194303 bytes",
	 "sudo mount -o remount,size=68157440 /dev/shm"},
	{use_up_the_names, "names of objects", DOCTOR_ERROR, "39 free", "sudo mount -o remount,nr_inodes=0 /dev/shm"},
	{remove_ipc, "RemoveIPC", DOCTOR_WARNING, "default",
	 "sudo mkdir -p /etc/systemd/logind.conf.d && printf '[Login]\\nRemoveIPC=no\\n' | "
	 "sudo tee /etc/systemd/logind.conf.d/zz-takt.conf && sudo systemctl restart systemd-logind"},
	{remove_ipc_by_a_file, "RemoveIPC", DOCTOR_WARNING, "/etc/systemd/logind.conf", NULL},
	{lack_a_needed_feature, "OFD locks", DOCTOR_ERROR, "not on Linux 6.1",
	 "sudo apt-get install linux-image-amd64 && sudo reboot"},
	{lack_a_wanted_feature, "pidfd", DOCTOR_WARNING, "not on Linux 6.1",
	 "sudo apt-get install linux-image-amd64 && sudo reboot"},
	{lack_a_feature_of_the_disk, "O_TMPFILE", DOCTOR_WARNING, "with ext4",
	 "sudo mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm"},
	{lack_proc, "/proc", DOCTOR_WARNING, "not on", "sudo mount -t proc proc /proc"},
};

static void each_fault_is_found_and_its_line_mends_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *fault = &faults[i];
		struct facts facts = good_facts();
		const struct doctor_finding *finding;
		char mend[DOCTOR_TEXT_BYTES];

		fault->make(&facts);
		finding = find_finding(judge(&facts), fault->what);
		assert_non_null(finding);
		if (finding->severity != fault->severity || !strstr(finding->found, fault->found))
			fail_msg("fault %zu: %s: severity %d, found '%s'", i, fault->what, finding->severity,
				 finding->found);
		assert_string_not_equal(finding->expected, "");
		assert_string_not_equal(finding->why, "");
		(void)snprintf(mend, sizeof(mend), "%s", finding->mend);
		if (strstr(mend, "   #"))
			*strstr(mend, "   #") = '\0';
		if (fault->mend)
			assert_string_equal(mend, fault->mend);
	}
}

/* Which findings are not ok. */
static uint32_t list_bad(const char *names[DOCTOR_FINDINGS_MAX])
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < report.finding_count; i++)
		if (report.findings[i].severity != DOCTOR_OK)
			names[count++] = report.findings[i].what;
	return count;
}

static void a_fault_is_said_once(void **state)
{
	const char *names[DOCTOR_FINDINGS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		void (*const make)(struct facts *) = faults[i].make;
		struct facts facts = good_facts();
		uint32_t wanted = 1;

		/* These are two faults by design. */
		if (make == be_root_in_a_container || make == swap || make == move_pages_by_itself ||
		    make == lack_a_feature_of_the_disk)
			wanted = 2;
		make(&facts);
		judge(&facts);
		if (list_bad(names) != wanted)
			fail_msg("fault %zu (%s): %u findings instead of %u, first %s", i, faults[i].what,
				 list_bad(names), wanted, names[0]);
	}
}

/* ----------------------------------------------------------------------------------------- the edge of each threshold */

static void what_just_suffices_is_well(void **state)
{
	struct facts facts = good_facts();

	(void)state;
	/* What was granted when it was tried counts, whatever the limits say. */
	facts.machine.rights.priority_max = 80;
	facts.machine.rights.priority = (struct takt_os_limit){0, 0};
	facts.machine.rights.locked_bytes = (struct takt_os_limit){12u << 20, 12u << 20};
	facts.machine.rights.files = (struct takt_os_limit){100, 100};
	facts.machine.rights.file_bytes = (struct takt_os_limit){1u << 20, 1u << 20};
	facts.machine.processors.usable = 0x6;
	facts.machine.processors.idle_us = 50;
	facts.machine.memory.available_bytes = 4u << 20;
	facts.machine.memory.swap_bytes = 1u << 30;
	facts.machine.memory.compacts_by_itself = 20;
	facts.machine.memory.balances_nodes = 1;
	facts.machine.sharing.free_bytes = 4u << 20;
	facts.machine.sharing.free_names = 40;
	judge(&facts);
	assert_int_equal(report.counts[DOCTOR_OK], report.finding_count);
}

static void a_bound_on_idle_states_counts(void **state)
{
	struct facts facts = good_facts();

	(void)state;
	sleep_deeply(&facts);
	facts.machine.processors.idle_bound_us = 50;
	assert_int_equal(find_finding(judge(&facts), "idle states")->severity, DOCTOR_OK);
}

static void capabilities_need_no_limits(void **state)
{
	struct facts facts = good_facts();

	(void)state;
	facts.machine.rights.priority = facts.machine.rights.locked_bytes = (struct takt_os_limit){0, 0};
	facts.machine.rights.may_lock = facts.machine.rights.may_schedule = 1;
	judge(&facts);
	assert_int_equal(report.counts[DOCTOR_OK], report.finding_count);
}

static void a_domain_that_is_there_needs_no_room(void **state)
{
	struct facts facts = good_facts();

	(void)state;
	fill_the_folder(&facts);
	use_up_the_names(&facts);
	run_out_of_memory(&facts);
	lock_the_folder(&facts);
	facts.need.missing_bytes = 0;
	judge(&facts);
	assert_int_equal(report.counts[DOCTOR_OK], report.finding_count);
}

static void system_users_keep_their_memory(void **state)
{
	struct facts facts = good_facts();

	(void)state;
	remove_ipc(&facts);
	facts.need.user_ids[0] = 999;
	assert_int_equal(find_finding(judge(&facts), "RemoveIPC")->severity, DOCTOR_OK);
	facts.need.user_ids[1] = 1000;
	facts.need.users[1] = "robot";
	facts.need.user_count = 2;
	assert_int_equal(find_finding(judge(&facts), "RemoveIPC")->severity, DOCTOR_WARNING);
	assert_non_null(strstr(find_finding(&report, "RemoveIPC")->expected, "robot owns"));
	/* logind empties /dev/shm and nothing else. */
	(void)strcpy(facts.machine.sharing.folder, "/run/takt");
	assert_int_equal(find_finding(judge(&facts), "RemoveIPC")->severity, DOCTOR_OK);
}

static void a_config_without_real_time_is_not_warned_of_time(void **state)
{
	static void (*const about_time[])(struct facts *) = {
		lose_priority,	   empty_group,		 empty_system,	     be_virtual,
		save_power,	   sleep_deeply,	 be_ordinary_kernel, read_clock_slowly,
		move_locked_pages, move_pages_by_itself, join_pages,	     balance_nodes,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(about_time) / sizeof(about_time[0]); i++) {
		struct facts facts = good_facts();

		facts.need.is_real_time = facts.need.priority = 0;
		facts.need.priority_node = NULL;
		about_time[i](&facts);
		judge(&facts);
		assert_int_equal(report.counts[DOCTOR_OK], report.finding_count);
	}
}

static void without_a_config_rights_are_warnings(void **state)
{
	struct facts facts = good_facts();

	(void)state;
	facts.need = (struct doctor_need){.is_real_time = 1, .files = 24, .user_ids = {1000}, .user_count = 1};
	judge(&facts);
	assert_int_equal(report.counts[DOCTOR_OK], report.finding_count);
	lose_priority(&facts);
	empty_system(&facts);
	assert_int_equal(find_finding(judge(&facts), "real-time priority")->severity, DOCTOR_WARNING);
	assert_int_equal(find_finding(&report, "real-time budget")->severity, DOCTOR_WARNING);
	assert_int_equal(report.counts[DOCTOR_ERROR], 0);
}

/* --------------------------------------------------------------------------------------------------------- wake-up */

static void a_wakeup_is_judged_by_the_shortest_span(void **state)
{
	const struct facts facts = good_facts();
	struct doctor_wakeup wakeup = {.p999_ns = 500000, .max_ns = 600000, .count = 1000, .priority = 80};

	(void)state;
	judge(&facts);
	doctor_judge_wakeup(&report, &wakeup, &facts.need);
	assert_int_equal(find_finding(&report, "wake-up")->severity, DOCTOR_OK);
	assert_string_equal(find_finding(&report, "wake-up")->found, "p99.9 is 500 us, max 600 us, at fifo 80");
	assert_string_equal(find_finding(&report, "wake-up")->expected, "`motor` allows 1000 us");
	wakeup = (struct doctor_wakeup){.p999_ns = 500001, .count = 1000};
	judge(&facts);
	doctor_judge_wakeup(&report, &wakeup, &facts.need);
	assert_int_equal(find_finding(&report, "wake-up")->severity, DOCTOR_WARNING);
	assert_non_null(strstr(find_finding(&report, "wake-up")->why, "less than half"));
	assert_non_null(strstr(find_finding(&report, "wake-up")->mend, "takt bench wake periodic --config robot.yaml"));
	wakeup.p999_ns = 1000001;
	judge(&facts);
	doctor_judge_wakeup(&report, &wakeup, &facts.need);
	assert_non_null(strstr(find_finding(&report, "wake-up")->why, "does not keep it"));
	wakeup.count = 0;
	judge(&facts);
	doctor_judge_wakeup(&report, &wakeup, &facts.need);
	assert_null(find_finding(&report, "wake-up"));
}

/* ----------------------------------------------------------------------------------------------------------- print */

static char *printed(const struct facts *facts, uint32_t all, uint32_t columns)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *file = open_memstream(&text, &bytes);

	assert_non_null(file);
	doctor_print(file, judge(facts), &facts->need, all, columns, 0);
	assert_int_equal(fclose(file), 0);
	return text;
}

static void prose_keeps_to_the_columns_and_lines_to_type_stay_whole(void **state)
{
	struct facts facts = good_facts();
	char *text, *rest = NULL;

	(void)state;
	lose_priority(&facts);
	remove_ipc(&facts);
	move_locked_pages(&facts);
	text = printed(&facts, 0, 60);
	assert_non_null(
		strstr(text,
		       "\n         $ echo 'alice - rtprio 80' | sudo tee -a /etc/security/limits.d/takt.conf   #"));
	assert_non_null(strstr(text, "/etc/sysctl.d/takt.conf"));
	assert_true(strncmp(text, "error    real-time priority: at most 0", 38) == 0);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (strncmp(line, "         $ ", 11) != 0)
			assert_in_range(strlen(line), 1, 60);
	free(text);
}

static void what_is_well_is_folded_unless_all_is_asked_for(void **state)
{
	const struct facts facts = good_facts();
	char *text = printed(&facts, 0, 80);

	(void)state;
	assert_true(strncmp(text, "ok       real-time priority, ", 29) == 0);
	assert_non_null(strstr(text, "0 errors, 0 warnings: domain 'robot' (robot.yaml) can run"));
	assert_null(strstr(text, "up to 99"));
	free(text);
	text = printed(&facts, 1, 80);
	assert_non_null(strstr(text, "ok       real-time priority: up to 99\n"));
	assert_non_null(strstr(text, "ok       swap: none\n"));
	free(text);
}

static void what_comes_from_elsewhere_is_escaped(void **state)
{
	struct facts facts = good_facts();
	char *text;

	(void)state;
	lose_priority(&facts);
	(void)strcpy(facts.machine.rights.user, "a\033[2Jb");
	text = printed(&facts, 0, 80);
	assert_null(strchr(text, '\033'));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_without_fault_has_no_finding),
		cmocka_unit_test(each_fault_is_found_and_its_line_mends_it),
		cmocka_unit_test(a_fault_is_said_once),
		cmocka_unit_test(what_just_suffices_is_well),
		cmocka_unit_test(a_bound_on_idle_states_counts),
		cmocka_unit_test(capabilities_need_no_limits),
		cmocka_unit_test(a_domain_that_is_there_needs_no_room),
		cmocka_unit_test(system_users_keep_their_memory),
		cmocka_unit_test(a_config_without_real_time_is_not_warned_of_time),
		cmocka_unit_test(without_a_config_rights_are_warnings),
		cmocka_unit_test(a_wakeup_is_judged_by_the_shortest_span),
		cmocka_unit_test(prose_keeps_to_the_columns_and_lines_to_type_stay_whole),
		cmocka_unit_test(what_is_well_is_folded_unless_all_is_asked_for),
		cmocka_unit_test(what_comes_from_elsewhere_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
