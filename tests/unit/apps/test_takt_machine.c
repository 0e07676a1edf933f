/* SPDX-License-Identifier: Apache-2.0 */
/* What the Linux port reads of a machine: made-up ones, whose files stand below a folder of the test's, and this one. */
#include "tests/unit/platform/support.h"

#include <linux/futex.h>
#include <sys/resource.h>

#include "platform/machine.h"
#include "tests/unit/apps/made_root.h"

static struct takt_os_machine machine;

/* ---------------------------------------------------------------------------------------------------- processors */

static void processors_are_read(void **state)
{
	(void)state;
	put("/sys/devices/system/cpu/present", "0-3,8\n");
	put("/sys/devices/system/cpu/online", "0,2-3\n");
	put("/sys/devices/system/cpu/isolated", "3\n");
	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
	put("/sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "schedutil\n");
	put("/sys/devices/system/cpu/cpu3/cpufreq/scaling_governor", "performance\n");
	put("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor lahf_lm\n");
	takt_os_machine_look_processors(&machine.processors, root);
	assert_int_equal(machine.processors.present, 0x10f);
	assert_int_equal(machine.processors.online, 0xd);
	assert_int_equal(machine.processors.isolated, 0x8);
	assert_string_equal(machine.processors.governor, "schedutil");
	assert_int_equal(machine.processors.is_virtual, 1);
	assert_int_equal(machine.processors.idle_us, 0);
	assert_int_equal(machine.processors.idle_bound_us, UINT32_MAX);
}

static void the_slowest_idle_state_that_is_enabled_counts(void **state)
{
	(void)state;
	put("/sys/devices/system/cpu/online", "0\n");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state0/latency", "0\n");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state1/latency", "10\n");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state1/name", "C1E\n");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state2/latency", "133\n");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state2/name", "C6\n");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state2/disable", "0\n");
	takt_os_machine_look_processors(&machine.processors, root);
	assert_int_equal(machine.processors.idle_us, 133);
	assert_string_equal(machine.processors.idle_name, "C6");
	put("/sys/devices/system/cpu/cpu0/cpuidle/state2/disable", "1\n");
	takt_os_machine_look_processors(&machine.processors, root);
	assert_int_equal(machine.processors.idle_us, 10);
	assert_string_equal(machine.processors.idle_name, "C1E");
	assert_string_equal(machine.processors.governor, "");
	assert_int_equal(machine.processors.is_virtual, 0);
	put("/dev/cpu_dma_latency", "\x14\x01\x01\x01");
	takt_os_machine_look_processors(&machine.processors, root);
	assert_int_equal(machine.processors.idle_bound_us, 0x01010114);
}

/* ------------------------------------------------------------------------------------------------- kernel, memory */

static void memory_management_is_read(void **state)
{
	(void)state;
	put("/proc/meminfo", "MemTotal:  8000 kB\nMemAvailable:   4096 kB\nSwapTotal:      2048 kB\n");
	put("/proc/sys/vm/compact_unevictable_allowed", "1\n");
	put("/proc/sys/vm/compaction_proactiveness", "20\n");
	put("/proc/sys/kernel/numa_balancing", "1\n");
	put("/sys/devices/system/node/online", "0-1\n");
	put("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n");
	takt_os_machine_look_memory(&machine.memory, root);
	assert_int_equal(machine.memory.available_bytes, 4096 * 1024);
	assert_int_equal(machine.memory.swap_bytes, 2048 * 1024);
	assert_int_equal(machine.memory.compacts_locked, 1);
	assert_int_equal(machine.memory.compacts_by_itself, 20);
	assert_int_equal(machine.memory.balances_nodes, 1);
	assert_int_equal(machine.memory.node_count, 2);
	assert_string_equal(machine.memory.huge_pages, "always");
}

static void what_a_system_does_not_say_is_unknown(void **state)
{
	(void)state;
	takt_os_machine_look_memory(&machine.memory, root);
	assert_int_equal(machine.memory.compacts_locked, -1);
	assert_int_equal(machine.memory.compacts_by_itself, -1);
	assert_int_equal(machine.memory.balances_nodes, -1);
	assert_int_equal(machine.memory.node_count, 1);
	assert_int_equal(machine.memory.swap_bytes, 0);
	assert_string_equal(machine.memory.huge_pages, "");
	takt_os_machine_look_budget(&machine.budget, root);
	assert_true(machine.budget.system_us == INT64_MIN && machine.budget.group_us == INT64_MIN);
	takt_os_machine_look_sharing(&machine.sharing, root);
	assert_int_equal(machine.sharing.removes_ipc, -1);
}

static void a_real_time_kernel_and_its_clock_are_read(void **state)
{
	(void)state;
	put("/sys/kernel/realtime", "1\n");
	put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
	put("/sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet\n");
	takt_os_machine_look_kernel(&machine.kernel, root);
	assert_string_equal(machine.kernel.preemption, "PREEMPT_RT");
	assert_string_equal(machine.kernel.clock_source, "hpet");
	assert_string_equal(machine.kernel.clock_sources, "tsc hpet");
	assert_true(machine.kernel.clock_ns > 0 && machine.kernel.call_ns > 0);
}

/* --------------------------------------------------------------------------------------------------------- budget */

static void an_empty_group_is_named_with_those_around_it(void **state)
{
	(void)state;
	put("/proc/sys/kernel/sched_rt_runtime_us", "-1\n");
	put("/proc/sys/kernel/sched_rt_period_us", "2000000\n");
	put("/proc/self/cgroup", "9:name=systemd:/x\n4:cpuset:/wrong\n3:cpuacct,cpu:/a/b\n0::/\n");
	put("/proc/self/mounts", "cgroup /cg/cpuset cgroup rw,cpuset 0 0\ncgroup /cg/cpu cgroup rw,cpuacct,cpu 0 0\n");
	put("/cg/cpu/a/cpu.rt_runtime_us", "0\n");
	put("/cg/cpu/a/b/cpu.rt_runtime_us", "0\n");
	takt_os_machine_look_budget(&machine.budget, root);
	assert_true(machine.budget.system_us == -1 && machine.budget.period_us == 2000000);
	assert_true(machine.budget.group_us == 0);
	assert_int_equal(machine.budget.is_unified, 0);
	assert_string_equal(machine.budget.files, "/cg/cpu/a/cpu.rt_runtime_us /cg/cpu/a/b/cpu.rt_runtime_us");
	put("/cg/cpu/a/cpu.rt_runtime_us", "900000\n");
	takt_os_machine_look_budget(&machine.budget, root);
	assert_string_equal(machine.budget.files, "/cg/cpu/a/b/cpu.rt_runtime_us");
	put("/cg/cpu/a/b/cpu.rt_runtime_us", "800000\n");
	takt_os_machine_look_budget(&machine.budget, root);
	assert_string_equal(machine.budget.files, "");
	assert_true(machine.budget.group_us == 800000);
}

static void version_2_has_no_budget_files(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "0::/user.slice\n");
	takt_os_machine_look_budget(&machine.budget, root);
	assert_int_equal(machine.budget.is_unified, 1);
	assert_string_equal(machine.budget.files, "");
}

/* --------------------------------------------------------------------------------------------------------- logind */

static void logind_is_read_as_systemd_reads_it(void **state)
{
	struct takt_os_sharing *sharing = &machine.sharing;

	(void)state;
	put("/run/systemd/system/.here", "");
	takt_os_machine_look_sharing(sharing, root);
	assert_int_equal(sharing->removes_ipc, 1);
	assert_string_equal(sharing->removes_file, "");
	put("/etc/systemd/logind.conf", "[Login]\n#RemoveIPC=yes\nRemoveIPC=no\n");
	takt_os_machine_look_sharing(sharing, root);
	assert_int_equal(sharing->removes_ipc, 0);
	assert_string_equal(sharing->removes_file, "/etc/systemd/logind.conf");
	/* A drop-in is read after the main file, wherever it lies ... */
	put("/usr/lib/systemd/logind.conf.d/50-x.conf", "[Login]\nRemoveIPC = on\n");
	takt_os_machine_look_sharing(sharing, root);
	assert_int_equal(sharing->removes_ipc, 1);
	assert_string_equal(sharing->removes_file, "/usr/lib/systemd/logind.conf.d/50-x.conf");
	/* ... hidden by one of its name in /etc ... */
	put("/etc/systemd/logind.conf.d/50-x.conf", "[Login]\nKillUserProcesses=no\n");
	takt_os_machine_look_sharing(sharing, root);
	assert_int_equal(sharing->removes_ipc, 0);
	/* ... and the last by name counts; what does not end in .conf is none. */
	put("/run/systemd/logind.conf.d/60-y.conf", "RemoveIPC=yes\n");
	put("/etc/systemd/logind.conf.d/zz.conf.disabled", "RemoveIPC=no\n");
	takt_os_machine_look_sharing(sharing, root);
	assert_int_equal(sharing->removes_ipc, 1);
	put("/etc/systemd/logind.conf.d/zz-takt.conf", "[Login]\nRemoveIPC=no\n");
	takt_os_machine_look_sharing(sharing, root);
	assert_int_equal(sharing->removes_ipc, 0);
	assert_string_equal(sharing->removes_file, "/etc/systemd/logind.conf.d/zz-takt.conf");
}

/* --------------------------------------------------------------------------------------------------- this machine */

static void every_feature_is_tried_and_nothing_is_left(void **state)
{
	struct takt_os_feature features[TAKT_OS_MACHINE_FEATURES];
	char folder[128];
	uint32_t count;

	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s", root);
	assert_int_equal(setenv("TAKT_SHM_FOLDER", folder, 1), 0);
	count = takt_os_machine_try_features(features);
	assert_in_range(count, 12, TAKT_OS_MACHINE_FEATURES);
	for (uint32_t i = 0; i < count; i++) {
		assert_non_null(features[i].name);
		assert_non_null(features[i].since);
		assert_non_null(features[i].without);
		/* takt runs here, so what it needs is here. */
		if (features[i].is_needed && features[i].state != TAKT_OS_FEATURE_THERE)
			fail_msg("%s: state %d", features[i].name, features[i].state);
	}
	assert_int_equal(rmdir(root), 0);
	assert_int_equal(mkdir(root, 0700), 0);
	/* Without a folder to try them in, what needs files cannot be told. */
	assert_int_equal(setenv("TAKT_SHM_FOLDER", "/nonexistent/folder", 1), 0);
	count = takt_os_machine_try_features(features);
	assert_string_equal(features[0].name, "OFD locks");
	assert_int_equal(features[0].state, TAKT_OS_FEATURE_UNKNOWN);
	assert_string_equal(features[1].name, "getrandom");
	assert_int_equal(features[1].state, TAKT_OS_FEATURE_THERE);
	assert_int_equal(unsetenv("TAKT_SHM_FOLDER"), 0);
}

/* A kernel that lacks one thing: the call is refused as such a kernel refuses it. */
static const struct lack {
	const char *name;
	long call;
	int which;
	uint32_t bits;
	int error;
} lacks[] = {
	{"OFD locks", FCNTL_CALL, 1, F_OFD_SETLK, EINVAL},
	{"getrandom", SYS_getrandom, WHATEVER_ARGUMENT, 0, ENOSYS},
	{"renameat2 NOREPLACE", SYS_renameat2, WHATEVER_ARGUMENT, 0, EINVAL},
#ifdef SYS_futex_time64
	{"futex with absolute time", SYS_futex_time64, 1, FUTEX_WAIT_BITSET, ENOSYS},
#else
	{"futex with absolute time", SYS_futex, 1, FUTEX_WAIT_BITSET, ENOSYS},
#endif
	{"O_TMPFILE and linking it", SYS_openat, 2, __O_TMPFILE, EISDIR},
	{"MADV_POPULATE_WRITE", SYS_madvise, WHATEVER_ARGUMENT, 0, EINVAL},
	{"MCL_ONFAULT", SYS_mlockall, WHATEVER_ARGUMENT, 0, EINVAL},
	{"pidfd", SYS_pidfd_open, WHATEVER_ARGUMENT, 0, ENOSYS},
};

/* 0: this feature is missing, and no other. */
static int try_without(void *argument)
{
	struct takt_os_feature features[TAKT_OS_MACHINE_FEATURES];
	const struct lack *lack = argument;
	uint32_t missing_count = 0, count;
	int is_right = 0;

	if (!refuse_call(lack->call, lack->which, lack->bits, with_error(lack->error)))
		return CANNOT_REFUSE;
	count = takt_os_machine_try_features(features);
	for (uint32_t i = 0; i < count; i++) {
		if (features[i].state != TAKT_OS_FEATURE_MISSING)
			continue;
		missing_count++;
		is_right |= strcmp(features[i].name, lack->name) == 0;
	}
	return is_right && missing_count == 1 ? 0 : missing_count ? 2 : 1;
}

static void what_a_kernel_lacks_is_found_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(setenv("TAKT_SHM_FOLDER", "/dev/shm", 1), 0);
	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++) {
		struct lack lack = lacks[i];
		int result = unless_unable(in_child(try_without, &lack));

		if (result != 0)
			fail_msg("%s: %s (%d)", lack.name, result == 1 ? "not missed" : "others missed too", result);
	}
	assert_int_equal(unsetenv("TAKT_SHM_FOLDER"), 0);
}

static void limits_are_those_in_force(void **state)
{
	struct takt_os_rights_held *rights = &machine.rights;
	struct rlimit before, lower;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	lower = (struct rlimit){before.rlim_cur - 7, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &lower), 0);
	takt_os_machine_look_rights(rights);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(rights->files.now, before.rlim_cur - 7);
	assert_int_equal(rights->user_id, geteuid());
	assert_string_not_equal(rights->user, "");
	assert_true(rights->process_bytes > 100000);
	assert_int_equal(rights->pipe_atomic_bytes, 4096);
	assert_in_range(rights->priority_max, 0, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(processors_are_read, make_root, remove_root),
		cmocka_unit_test_setup_teardown(the_slowest_idle_state_that_is_enabled_counts, make_root, remove_root),
		cmocka_unit_test_setup_teardown(memory_management_is_read, make_root, remove_root),
		cmocka_unit_test_setup_teardown(what_a_system_does_not_say_is_unknown, make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_real_time_kernel_and_its_clock_are_read, make_root, remove_root),
		cmocka_unit_test_setup_teardown(an_empty_group_is_named_with_those_around_it, make_root, remove_root),
		cmocka_unit_test_setup_teardown(version_2_has_no_budget_files, make_root, remove_root),
		cmocka_unit_test_setup_teardown(logind_is_read_as_systemd_reads_it, make_root, remove_root),
		cmocka_unit_test_setup_teardown(every_feature_is_tried_and_nothing_is_left, make_root, remove_root),
		cmocka_unit_test(what_a_kernel_lacks_is_found_and_nothing_else),
		cmocka_unit_test(limits_are_those_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
