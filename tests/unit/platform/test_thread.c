/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/thread.h"

static int start(void **state)
{
	(void)state;
	forget_messages();
	takt_message_handler_set(keep_message, NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	takt_message_handler_set(NULL, NULL);
	return 0;
}

/* What a started thread found out about itself. */
struct report {
	pthread_t self;
	char name[TAKT_OS_THREAD_NAME_MAX];
	sigset_t blocked;
	size_t stack_bytes;
	int policy;
	cpu_set_t cpus;
	uint64_t stack_faults;
};

__attribute__((noinline, no_sanitize("address", "undefined"))) static void use_stack(void)
{
	volatile unsigned char part[TAKT_OS_STACK_PREFAULT_BYTES / 2];

	for (size_t offset = 0; offset < sizeof(part); offset += 1024)
		part[offset] = 1;
}

static void report(void *argument)
{
	struct report *report = argument;
	struct takt_os_usage before;
	struct takt_os_usage after;
	pthread_attr_t attributes;
	struct sched_param parameter;

	takt_os_thread_usage(&before);
	takt_os_thread_usage(&before);
	use_stack();
	takt_os_thread_usage(&after);
	report->stack_faults = after.faults_minor - before.faults_minor;
	report->self = pthread_self();
	(void)prctl(PR_GET_NAME, report->name);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &report->blocked);
	if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
		(void)pthread_attr_getstacksize(&attributes, &report->stack_bytes);
		(void)pthread_attr_destroy(&attributes);
	}
	(void)pthread_getschedparam(pthread_self(), &report->policy, &parameter);
	(void)sched_getaffinity(0, sizeof(report->cpus), &report->cpus);
}

static void a_started_thread_is_what_the_contract_says(void **state)
{
	struct takt_os_thread thread = {0};
	struct report found = {0};

	(void)state;
	assert_int_equal(takt_os_thread_start(&thread, "a-name-that-is-too-long", report, &found), TAKT_OK);
	takt_os_thread_join(&thread);
	assert_false(pthread_equal(found.self, pthread_self()));
	assert_string_equal(found.name, "a-name-that-is-");
	/* A C library may add what it keeps of a thread (musl: under 4 KiB), never the megabytes of its own default. */
	assert_in_range(found.stack_bytes, TAKT_OS_THREAD_STACK_BYTES, TAKT_OS_THREAD_STACK_BYTES + 4096);
	assert_int_equal(found.policy, SCHED_OTHER);
	assert_int_equal(found.stack_faults, 0);
	for (int number = 1; number < SIGRTMIN; number++)
		if (number != SIGKILL && number != SIGSTOP && number < 32)
			assert_int_equal(sigismember(&found.blocked, number), 1);
}

static void starting_a_thread_leaves_the_callers_signals_alone(void **state)
{
	struct takt_os_thread thread = {0};
	struct report found;
	sigset_t before;
	sigset_t after;

	(void)state;
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &before), 0);
	assert_int_equal(takt_os_thread_start(&thread, "t", report, &found), TAKT_OK);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &after), 0);
	takt_os_thread_join(&thread);
	for (int number = 1; number < 32; number++)
		assert_int_equal(sigismember(&after, number), sigismember(&before, number));
}

static void a_joined_thread_can_be_started_again(void **state)
{
	struct takt_os_thread thread = {0};
	struct report found;

	(void)state;
	for (int i = 0; i < 100; i++) {
		memset(&found, 0, sizeof(found));
		assert_int_equal(takt_os_thread_start(&thread, "again", report, &found), TAKT_OK);
		takt_os_thread_join(&thread);
		assert_string_equal(found.name, "again");
	}
}

static int start_from_a_bound_real_time_thread(void *argument)
{
	struct takt_os_thread thread = {0};
	struct report found = {0};
	cpu_set_t before;
	cpu_set_t one;
	struct sched_param parameter = {.sched_priority = 1};

	if (sched_getaffinity(0, sizeof(before), &before) != 0)
		return 1;
	CPU_ZERO(&one);
	for (unsigned cpu = 0; CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &before))
			CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) != 0)
		return 2;
	*(int *)argument = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter) == 0;
	if (takt_os_thread_start(&thread, "t", report, &found) != TAKT_OK)
		return 3;
	takt_os_thread_join(&thread);
	return found.policy == SCHED_OTHER && CPU_EQUAL(&found.cpus, &before) ? 0 : 4;
}

static void a_thread_inherits_neither_priority_nor_cpu_of_its_creator(void **state)
{
	int *was_real_time = shared_memory(sizeof(int));

	(void)state;
	assert_int_equal(in_child(start_from_a_bound_real_time_thread, was_real_time), 0);
	if (!*was_real_time)
		print_message("without the right to real-time priority: only the CPU was tested\n");
	(void)munmap(was_real_time, sizeof(int));
}

static int start_where_threads_are_refused(void *argument)
{
	struct takt_os_thread thread = {0};

	(void)argument;
#ifdef SYS_clone3
	if (!refuse_call(SYS_clone3, WHATEVER_ARGUMENT, 0, with_error(EAGAIN)))
		return CANNOT_REFUSE;
#endif
	if (!refuse_call(SYS_clone, WHATEVER_ARGUMENT, 0, with_error(EAGAIN)))
		return CANNOT_REFUSE;
	return takt_os_thread_start(&thread, "worker", report, NULL) == TAKT_NO_SPACE && messages.count == 1 &&
			       strstr(messages.last, "thread 'worker'") != NULL
		       ? 0
		       : 1;
}

static void a_refused_thread_is_no_space_and_said(void **state)
{
	(void)state;
	assert_int_equal(unless_unable(in_child(start_where_threads_are_refused, NULL)), 0);
}

/* --- scheduling --- */

/* What the kernel says, as the number of a policy: musl refuses sched_getscheduler, since POSIX means a whole process by it. */
static int kernels_policy(void)
{
	return (int)syscall(SYS_sched_getscheduler, 0);
}

static int get_all_of_it(void *argument)
{
	const struct takt_os_schedule schedule = {TAKT_OS_POLICY_FIFO, 7, 0};
	const struct takt_os_schedule ordinary = {TAKT_OS_POLICY_OTHER, 0, 0};
	struct sched_param parameter;
	int policy = -1;

	(void)argument;
	if (takt_os_thread_schedule(&schedule) != TAKT_OK)
		return 77;
	if (pthread_getschedparam(pthread_self(), &policy, &parameter) != 0 || policy != SCHED_FIFO ||
	    parameter.sched_priority != 7 || kernels_policy() != SCHED_FIFO)
		return 1;
	if (takt_os_thread_schedule(&ordinary) != TAKT_OK || kernels_policy() != SCHED_OTHER)
		return 2;
	return messages.count == 0 ? 0 : 3;
}

static void with_the_right_it_gets_its_priority_and_gives_it_back(void **state)
{
	const int result = in_child(get_all_of_it, NULL);

	(void)state;
	if (result == 77) {
		print_message("skipped: no right to real-time priority here\n");
		skip();
	}
	assert_int_equal(result, 0);
}

static int ask_for_priority_without_the_right(void *argument)
{
	const struct rlimit none = {0, 0};
	struct takt_os_schedule schedule = {TAKT_OS_POLICY_FIFO, 80, 0};
	cpu_set_t cpus;

	(void)argument;
	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0 || setrlimit(RLIMIT_RTPRIO, &none) != 0)
		return 1;
	if (geteuid() == 0 && !become_somebody_else())
		return 2;
	for (unsigned cpu = 0; schedule.cpu_mask == 0; cpu++)
		if (CPU_ISSET(cpu, &cpus))
			schedule.cpu_mask = UINT64_C(1) << cpu;
	if (takt_os_thread_schedule(&schedule) != TAKT_DENIED || takt_os_thread_schedule(&schedule) != TAKT_DENIED)
		return 3;
	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0 || CPU_COUNT(&cpus) != 1)
		return 4;
	if (messages.count != 1)
		return 5;
	return strstr(messages.last, "priority 80") != NULL && strstr(messages.last, "the limit is 0") != NULL &&
			       strstr(messages.last, "ulimit -r 80") != NULL &&
			       strstr(messages.last, "setcap cap_sys_nice+ep /") != NULL &&
			       strstr(messages.last, "LimitRTPRIO=80") != NULL &&
			       strstr(messages.last, "cpu.rt_runtime_us") != NULL
		       ? 0
		       : 6;
}

static void a_missing_right_is_said_once_and_the_cpus_are_in_force(void **state)
{
	(void)state;
	assert_int_equal(in_child(ask_for_priority_without_the_right, NULL), 0);
}

static int ask_for_nonsense(void *argument)
{
	static const struct takt_os_schedule wrong[] = {
		{TAKT_OS_POLICY_FIFO, 0, 0},
		{TAKT_OS_POLICY_FIFO, 100, 0},
		{TAKT_OS_POLICY_FIFO, UINT32_MAX, 0},
		{TAKT_OS_POLICY_OTHER, 1, 0},
	};

	(void)argument;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		forget_messages();
		if (takt_os_thread_schedule(&wrong[i]) != TAKT_INVALID || messages.count != 1)
			return (int)i + 1;
	}
	return kernels_policy() == SCHED_OTHER ? 0 : 99;
}

static void an_impossible_priority_is_invalid_and_said(void **state)
{
	(void)state;
	assert_int_equal(in_child(ask_for_nonsense, NULL), 0);
}

static int ask_for_a_cpu_that_is_not_there(void *argument)
{
	struct takt_os_schedule schedule = {TAKT_OS_POLICY_OTHER, 0, UINT64_C(1) << 63};
	cpu_set_t before;
	cpu_set_t after;

	(void)argument;
	if (sched_getaffinity(0, sizeof(before), &before) != 0)
		return 1;
	if (CPU_ISSET(63, &before))
		return 77;
	if (takt_os_thread_schedule(&schedule) != TAKT_INVALID || messages.count != 1 ||
	    strstr(messages.last, "0x8000000000000000") == NULL)
		return 2;
	if (sched_getaffinity(0, sizeof(after), &after) != 0 || !CPU_EQUAL(&before, &after))
		return 3;
	/* One that is there and one that is not. */
	for (unsigned cpu = 0; cpu < 63; cpu++)
		if (CPU_ISSET(cpu, &before))
			schedule.cpu_mask |= UINT64_C(1) << cpu;
	if (takt_os_thread_schedule(&schedule) != TAKT_INVALID)
		return 4;
	return sched_getaffinity(0, sizeof(after), &after) == 0 && CPU_EQUAL(&before, &after) ? 0 : 5;
}

static void a_cpu_that_is_not_there_is_invalid_and_said(void **state)
{
	const int result = in_child(ask_for_a_cpu_that_is_not_there, NULL);

	(void)state;
	if (result == 77) {
		print_message("skipped: this machine has all 64 CPUs\n");
		skip();
	}
	assert_int_equal(result, 0);
}

static int go_anywhere_after_one_cpu(void *argument)
{
	struct takt_os_schedule schedule = {TAKT_OS_POLICY_OTHER, 0, 0};
	cpu_set_t before;
	cpu_set_t after;

	(void)argument;
	if (sched_getaffinity(0, sizeof(before), &before) != 0)
		return 1;
	for (unsigned cpu = 0; schedule.cpu_mask == 0; cpu++)
		if (CPU_ISSET(cpu, &before))
			schedule.cpu_mask = UINT64_C(1) << cpu;
	if (takt_os_thread_schedule(&schedule) != TAKT_OK || sched_getaffinity(0, sizeof(after), &after) != 0 ||
	    CPU_COUNT(&after) != 1)
		return 2;
	schedule.cpu_mask = 0;
	if (takt_os_thread_schedule(&schedule) != TAKT_OK || sched_getaffinity(0, sizeof(after), &after) != 0)
		return 3;
	return CPU_EQUAL(&before, &after) ? 0 : 4;
}

static void no_cpus_asked_for_means_all_that_the_process_had(void **state)
{
	(void)state;
	assert_int_equal(in_child(go_anywhere_after_one_cpu, NULL), 0);
}

/* --- memory --- */

static uint64_t locked_kb(void)
{
	char line[128];
	unsigned long kb = 0;
	FILE *status = fopen("/proc/self/status", "r");

	while (status != NULL && fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "VmLck: %lu", &kb) == 1)
			break;
	if (status != NULL)
		(void)fclose(status);
	return kb;
}

static int lock_memory(void *argument)
{
	unsigned char *later;
	uint64_t before_kb;

	(void)argument;
	if (takt_os_memory_lock() != TAKT_OK)
		return 77;
	before_kb = locked_kb();
	if (before_kb == 0)
		return 1;
	/* What is mapped later is locked as it is touched: its pages count as locked memory, but are not brought in. */
	later = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (later == MAP_FAILED || locked_kb() < before_kb + 1024)
		return 2;
	unsigned char resident[256];
	if (mincore(later, 1 << 20, resident) != 0)
		return 3;
	for (size_t i = 0; i < sizeof(resident); i++)
		if ((resident[i] & 1) != 0)
			return 4;
	return messages.count == 0 ? 0 : 5;
}

static void all_memory_is_locked_and_later_memory_only_as_it_is_used(void **state)
{
	int result;

	(void)state;
	need_a_real_kernel("an emulator's own memory is locked and counted with it");
	if (UNDER_ADDRESS_SANITIZER) {
		print_message("skipped: the sanitizer does not lock memory\n");
		skip();
	}
	result = in_child(lock_memory, NULL);
	if (result == 77) {
		print_message("skipped: no right to lock memory here\n");
		skip();
	}
	assert_int_equal(result, 0);
}

static int lock_memory_without_the_right(void *argument)
{
	const struct rlimit none = {0, 0};

	(void)argument;
	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && !become_somebody_else()))
		return 1;
	if (takt_os_memory_lock() != TAKT_DENIED || takt_os_memory_lock() != TAKT_DENIED)
		return 2;
	return messages.count == 1 && strstr(messages.last, "ulimit -l") != NULL &&
			       strstr(messages.last, "setcap cap_ipc_lock+ep /") != NULL &&
			       strstr(messages.last, "LimitMEMLOCK=") != NULL
		       ? 0
		       : 3;
}

static void a_missing_right_to_lock_is_said_once(void **state)
{
	(void)state;
	if (UNDER_ADDRESS_SANITIZER) {
		print_message("skipped: the sanitizer does not lock memory\n");
		skip();
	}
	assert_int_equal(in_child(lock_memory_without_the_right, NULL), 0);
}

static void the_usage_counts_faults_switches_and_time(void **state)
{
	struct takt_os_usage before;
	struct takt_os_usage after;
	unsigned char *fresh;

	(void)state;
	takt_os_thread_usage(&before);
	fresh = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(fresh != MAP_FAILED);
	(void)madvise(fresh, 1 << 20, MADV_NOHUGEPAGE);
	for (size_t offset = 0; offset < 1 << 20; offset += 4096)
		fresh[offset] = 1;
	assert_int_equal(takt_os_clock_sleep_until(takt_os_clock_now_ns() + 20 * TAKT_NS_PER_MS), TAKT_OK);
	takt_os_thread_usage(&after);
	assert_true(after.faults_minor >= before.faults_minor + 256);
	assert_true(after.switches_voluntary > before.switches_voluntary);
	for (const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS; after.cpu_ns == before.cpu_ns;) {
		assert_true(takt_os_clock_now_ns() < end_ns);
		takt_os_thread_usage(&after);
	}
	assert_true(after.cpu_ns > before.cpu_ns);
	(void)munmap(fresh, 1 << 20);
}

static void cpus_and_process_number_are_the_systems(void **state)
{
	cpu_set_t cpus;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	assert_int_equal(takt_os_cpu_count(), CPU_COUNT(&cpus));
	assert_int_equal(takt_os_process_id(), getpid());
}

static void the_calling_thread_gets_its_name(void **state)
{
	char before[16];
	char name[16];

	(void)state;
	(void)prctl(PR_GET_NAME, before);
	takt_os_thread_name("controller");
	(void)prctl(PR_GET_NAME, name);
	assert_string_equal(name, "controller");
	takt_os_thread_name(before);
}

/* --- the end of the process --- */

static int be_asked_to_stop(void *argument)
{
	takt_os_process_prepare(0);
	if (takt_os_stop_requested())
		return 1;
	(void)raise(*(int *)argument);
	return takt_os_stop_requested() == 1 ? 0 : 2;
}

static void interrupt_and_termination_request_a_stop(void **state)
{
	int numbers[] = {SIGINT, SIGTERM};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_int_equal(in_child(be_asked_to_stop, &numbers[i]), 0);
}

static volatile sig_atomic_t own_count;

static void own_handler(int number)
{
	(void)number;
	own_count++;
}

static int keep_own_handlers(void *argument)
{
	(void)argument;
	(void)signal(SIGTERM, own_handler);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGPIPE, own_handler);
	takt_os_process_prepare(0);
	(void)raise(SIGTERM);
	(void)raise(SIGINT);
	(void)raise(SIGPIPE);
	return own_count == 2 && !takt_os_stop_requested() ? 0 : 1;
}

static int ignore_broken_pipes_only(void *argument)
{
	int ends[2];

	(void)argument;
	if (pipe(ends) != 0 || close(ends[0]) != 0)
		return 1;
	takt_os_broken_pipe_ignore();
	if (write(ends[1], "x", 1) != -1 || errno != EPIPE)
		return 2;
	(void)raise(SIGTERM);
	return 3;
}

static void broken_pipes_alone_are_ignored(void **state)
{
	(void)state;
	assert_int_equal(in_child(ignore_broken_pipes_only, NULL), KILLED_BY(SIGTERM));
}

static void a_programs_own_handlers_are_kept(void **state)
{
	(void)state;
	assert_int_equal(in_child(keep_own_handlers, NULL), 0);
}

static int survive_a_broken_pipe(void *argument)
{
	int ends[2];

	(void)argument;
	takt_os_process_prepare(0);
	if (pipe(ends) != 0 || close(ends[0]) != 0)
		return 1;
	return write(ends[1], "x", 1) < 0 && errno == EPIPE ? 0 : 2;
}

static void a_broken_pipe_does_not_end_the_process(void **state)
{
	(void)state;
	assert_int_equal(in_child(survive_a_broken_pipe, NULL), 0);
}

static int look_at_the_core_limit(void *argument)
{
	const struct rlimit some = {1 << 20, 1 << 20};
	struct rlimit found;

	if (setrlimit(RLIMIT_CORE, &some) != 0)
		return 1;
	takt_os_process_prepare(*(int *)argument);
	if (getrlimit(RLIMIT_CORE, &found) != 0)
		return 2;
	if (*(int *)argument)
		return found.rlim_cur == some.rlim_cur ? 0 : 3;
	return found.rlim_cur <= 1 && found.rlim_max == some.rlim_max ? 0 : 4;
}

static void core_files_are_off_unless_asked_for(void **state)
{
	int core_dumps = 0;

	(void)state;
	assert_int_equal(in_child(look_at_the_core_limit, &core_dumps), 0);
	core_dumps = 1;
	assert_int_equal(in_child(look_at_the_core_limit, &core_dumps), 0);
}

static int request_a_stop(void *argument)
{
	(void)argument;
	if (takt_os_stop_requested())
		return 1;
	takt_os_stop_request();
	takt_os_stop_request();
	return takt_os_stop_requested() == 1 ? 0 : 2;
}

static void a_program_can_request_its_own_stop(void **state)
{
	(void)state;
	assert_int_equal(in_child(request_a_stop, NULL), 0);
	assert_int_equal(takt_os_stop_requested(), 0);
}

static int take_a_stop(void *argument)
{
	(void)argument;
	takt_os_process_prepare(0);
	if (takt_os_stop_take() != 0)
		return 1;
	(void)raise(SIGINT);
	if (takt_os_stop_take() != 1 || takt_os_stop_requested() || takt_os_stop_take() != 0)
		return 2;
	(void)raise(SIGINT);
	return takt_os_stop_take() == 1 ? 0 : 3;
}

static void a_stop_that_was_taken_can_be_requested_again(void **state)
{
	(void)state;
	assert_int_equal(in_child(take_a_stop, NULL), 0);
}

#define WITH_MESSAGES(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MESSAGES(a_started_thread_is_what_the_contract_says),
		WITH_MESSAGES(starting_a_thread_leaves_the_callers_signals_alone),
		WITH_MESSAGES(a_joined_thread_can_be_started_again),
		WITH_MESSAGES(a_thread_inherits_neither_priority_nor_cpu_of_its_creator),
		WITH_MESSAGES(a_refused_thread_is_no_space_and_said),
		WITH_MESSAGES(with_the_right_it_gets_its_priority_and_gives_it_back),
		WITH_MESSAGES(a_missing_right_is_said_once_and_the_cpus_are_in_force),
		WITH_MESSAGES(an_impossible_priority_is_invalid_and_said),
		WITH_MESSAGES(a_cpu_that_is_not_there_is_invalid_and_said),
		WITH_MESSAGES(no_cpus_asked_for_means_all_that_the_process_had),
		WITH_MESSAGES(all_memory_is_locked_and_later_memory_only_as_it_is_used),
		WITH_MESSAGES(a_missing_right_to_lock_is_said_once),
		WITH_MESSAGES(the_usage_counts_faults_switches_and_time),
		WITH_MESSAGES(cpus_and_process_number_are_the_systems),
		WITH_MESSAGES(the_calling_thread_gets_its_name),
		WITH_MESSAGES(interrupt_and_termination_request_a_stop),
		WITH_MESSAGES(broken_pipes_alone_are_ignored),
		WITH_MESSAGES(a_programs_own_handlers_are_kept),
		WITH_MESSAGES(a_broken_pipe_does_not_end_the_process),
		WITH_MESSAGES(core_files_are_off_unless_asked_for),
		WITH_MESSAGES(a_program_can_request_its_own_stop),
		WITH_MESSAGES(a_stop_that_was_taken_can_be_requested_again),
	};

	return cmocka_run_group_tests_name("platform/thread", tests, NULL, NULL);
}
