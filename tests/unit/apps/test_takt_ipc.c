/* SPDX-License-Identifier: Apache-2.0 */
/* What `takt ipc` reads of a made machine, and how its objects are judged and found by name. */
#include "tests/unit/platform/support.h"

#include <sys/sysmacros.h>

#include "apps/takt/ipc_object.h"
#include "apps/takt/ipc_select.h"
#include "apps/takt/options.h"
#include "platform/ipc.h"
#include "tests/unit/apps/made_root.h"

#define BOOT_S 1700000000
#define TICKS  ((uint64_t)sysconf(_SC_CLK_TCK))

/* A process of the made machine that began `start_s` after its boot. */
static void put_process(uint32_t id, const char *program, char state, uint64_t start_s)
{
	char path[64], text[256];

	(void)snprintf(path, sizeof(path), "/proc/%u/stat", id);
	(void)snprintf(text, sizeof(text), "%u (%s) %c 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 %llu 9 9 9\n", id,
		       program, state, (unsigned long long)(start_s * TICKS));
	put(path, text);
	(void)snprintf(path, sizeof(path), "/proc/%u/comm", id);
	(void)snprintf(text, sizeof(text), "%s\n", program);
	put(path, text);
}

static enum takt_os_ipc_life life_of(uint32_t id, uint64_t wall_s)
{
	struct takt_os_ipc_process process = {.id = id, .wall_s = wall_s};

	takt_os_ipc_process_look(&process, root);
	assert_true((process.life == TAKT_OS_IPC_LIVES) == (process.program[0] != '\0'));
	return process.life;
}

/* ------------------------------------------------------------------------------------------------------ processes */

static void a_number_that_is_anothers_by_now_is_not_the_creator(void **state)
{
	(void)state;
	put("/proc/stat", "cpu  1 2 3\nbtime 1700000000\n");
	put_process(100, "maker", 'S', 50);
	assert_int_equal(life_of(100, BOOT_S + 50), TAKT_OS_IPC_LIVES);
	assert_int_equal(life_of(100, BOOT_S + 5000), TAKT_OS_IPC_LIVES);
	/* Times are whole seconds: what is as near as that may be the same. */
	assert_int_equal(life_of(100, BOOT_S + 48), TAKT_OS_IPC_LIVES);
	assert_int_equal(life_of(100, BOOT_S + 47), TAKT_OS_IPC_REUSED);
	assert_int_equal(life_of(100, BOOT_S + 1), TAKT_OS_IPC_REUSED);
	/* Without a time nothing can be compared. */
	assert_int_equal(life_of(100, 0), TAKT_OS_IPC_LIVES);
	/* Older than the machine's start: the clock was set since, and says nothing. */
	assert_int_equal(life_of(100, BOOT_S - 1000), TAKT_OS_IPC_LIVES);
	assert_int_equal(life_of(100, 12), TAKT_OS_IPC_LIVES);
}

static void the_dead_the_unborn_and_nobody(void **state)
{
	(void)state;
	put("/proc/stat", "btime 1700000000\n");
	put_process(100, "zombie", 'Z', 50);
	put_process(101, "gone", 'X', 50);
	put_process(102, "a) Z (b", 'R', 50);
	assert_int_equal(life_of(100, BOOT_S + 60), TAKT_OS_IPC_ENDED);
	assert_int_equal(life_of(101, BOOT_S + 60), TAKT_OS_IPC_ENDED);
	assert_int_equal(life_of(102, BOOT_S + 60), TAKT_OS_IPC_LIVES);
	assert_int_equal(life_of(103, BOOT_S + 60), TAKT_OS_IPC_ENDED);
	assert_int_equal(life_of(0, BOOT_S + 60), TAKT_OS_IPC_UNKNOWN);
	assert_int_equal(life_of(UINT32_MAX, BOOT_S + 60), TAKT_OS_IPC_UNKNOWN);
	/* A name with a newline in it hides the rest of the line: there is such a process, and no more is known. */
	put("/proc/104/stat", "104 (a\nb) Z 1 1\n");
	put("/proc/104/comm", "a\n");
	assert_int_equal(life_of(104, BOOT_S + 60), TAKT_OS_IPC_LIVES);
}

static void a_process_that_may_not_be_seen_may_live(void **state)
{
	struct takt_os_ipc_process process = {.id = (uint32_t)getpid()};

	(void)state;
	takt_os_ipc_process_look(&process, "");
	assert_int_equal(process.life, TAKT_OS_IPC_LIVES);
	assert_string_not_equal(process.program, "");
	/* No such number: above all that the kernel gives. */
	process.id = INT32_MAX;
	takt_os_ipc_process_look(&process, "");
	assert_int_equal(process.life, TAKT_OS_IPC_ENDED);
}

/* ---------------------------------------------------------------------------------------------------------- tables */

struct seen {
	struct takt_os_ipc objects[8];
	uint32_t count;
};

static void keep(void *context, const struct takt_os_ipc *object)
{
	struct seen *seen = context;

	assert_in_range(seen->count, 0, 7);
	seen->objects[seen->count++] = *object;
}

static void tables_of_system_v_are_read(void **state)
{
	static struct seen seen;
	const struct takt_os_ipc *object;

	(void)state;
	put("/proc/stat", "btime 1700000000\n");
	put_process(100, "sender", 'S', 50);
	put("/proc/sysvipc/msg",
	    "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n"
	    "      1234      32768   640          16          2   100   101  1000  1001  1002  1003 1700000100 1700000090 1700000060\n"
	    "half a line 1 2 3\n"
	    "-2147483647          1     0           0          0     0     0     0     0     0     0          0          0 1700000060\n");
	seen.count = 0;
	assert_int_equal(takt_os_ipc_each(TAKT_OS_IPC_SYSV_QUEUE, root, keep, &seen), TAKT_OK);
	assert_int_equal(seen.count, 2);
	object = &seen.objects[0];
	assert_int_equal(object->key, 1234);
	assert_int_equal(object->id, 32768);
	assert_int_equal(object->rights.mode, 0640);
	assert_int_equal(object->bytes, 16);
	assert_int_equal(object->item_count, 2);
	assert_int_equal(object->rights.owner, 1000);
	assert_int_equal(object->rights.group, 1001);
	assert_int_equal(object->creator, 1002);
	assert_int_equal(object->changed_wall_s, 1700000100);
	assert_int_equal(object->processes[0].life, TAKT_OS_IPC_LIVES);
	assert_string_equal(object->processes[0].program, "sender");
	assert_int_equal(object->processes[1].life, TAKT_OS_IPC_ENDED);
	assert_int_equal(seen.objects[1].key, 0x80000001);
	assert_int_equal(seen.objects[1].processes[0].life, TAKT_OS_IPC_UNKNOWN);

	put("/proc/sysvipc/shm",
	    "head\n      1234          7  1600               4096   100   101      3  1000  1001  1002  1003 "
	    "1700000080 1700000070 1700000060                  4096                     0\n");
	seen.count = 0;
	assert_int_equal(takt_os_ipc_each(TAKT_OS_IPC_SYSV_MEMORY, root, keep, &seen), TAKT_OK);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.objects[0].rights.mode, 0600);
	assert_int_equal(seen.objects[0].is_marked, 1);
	assert_int_equal(seen.objects[0].item_count, 3);
	assert_int_equal(seen.objects[0].processes[0].id, 100);

	put("/proc/sysvipc/sem",
	    "head\n      1234          8   666          5  1000  1001  1002  1003 1700000070 1700000060\n");
	seen.count = 0;
	assert_int_equal(takt_os_ipc_each(TAKT_OS_IPC_SYSV_SEM, root, keep, &seen), TAKT_OK);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.objects[0].item_count, 5);
	assert_int_equal(seen.objects[0].changed_wall_s, 1700000070);
}

static void a_kernel_without_says_so(void **state)
{
	static struct seen seen;

	(void)state;
	for (int kind = TAKT_OS_IPC_SYSV_QUEUE; kind <= TAKT_OS_IPC_SOCKET; kind++)
		assert_int_equal(takt_os_ipc_each((enum takt_os_ipc_kind)kind, root, keep, &seen), TAKT_UNSUPPORTED);
	assert_int_equal(seen.count, 0);
}

static void files_are_told_apart_by_their_names(void **state)
{
	static struct seen seen;
	char link_path[128];

	(void)state;
	put("/dev/shm/frames", "12345");
	put("/dev/shm/sem.lock", "1");
	put("/dev/shm/takt.robot/topic.imu", "1");
	(void)snprintf(link_path, sizeof(link_path), "%s/dev/shm/link", root);
	assert_int_equal(symlink("frames", link_path), 0);
	assert_int_equal(takt_os_ipc_each(TAKT_OS_IPC_POSIX_MEMORY, root, keep, &seen), TAKT_OK);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.objects[0].name, "/frames");
	assert_int_equal(seen.objects[0].bytes, 5);
	seen.count = 0;
	assert_int_equal(takt_os_ipc_each(TAKT_OS_IPC_POSIX_SEM, root, keep, &seen), TAKT_OK);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.objects[0].name, "/lock");
	/* Queues are those of the file system that is mounted for them, wherever. */
	put("/proc/self/mounts", "proc /proc proc rw 0 0\nnone /dev/queues mqueue rw 0 0\n");
	put("/dev/queues/jobs", "QSIZE:48         NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n");
	seen.count = 0;
	assert_int_equal(takt_os_ipc_each(TAKT_OS_IPC_POSIX_QUEUE, root, keep, &seen), TAKT_OK);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.objects[0].name, "/jobs");
	assert_int_equal(seen.objects[0].bytes, 48);
}

static void lines_that_are_none_are_refused(void **state)
{
	static const char *const none[] = {"",
					   "\n",
					   "1",
					   "1 2",
					   "1 2 3",
					   "x 2 3",
					   "99999999999999999999 2 600",
					   "1 2 9 9",
					   "1 2 600 3 4 5 6 7 8 9 10 11 12"};
	struct takt_os_ipc object;
	struct takt_os_ipc_stat stat;
	struct takt_os_ipc_map map;
	uint64_t bytes;
	uint32_t process;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(takt_os_ipc_read_sysv(TAKT_OS_IPC_SYSV_QUEUE, none[i], &object), 0);
		assert_int_equal(takt_os_ipc_read_sysv(TAKT_OS_IPC_SYSV_MEMORY, none[i], &object), 0);
		/* The last one has as many words as a socket's line. */
		assert_int_equal(takt_os_ipc_read_socket(none[i], &object), i == sizeof(none) / sizeof(none[0]) - 1);
		assert_int_equal(takt_os_ipc_read_stat(none[i], &stat), 0);
		assert_int_equal(takt_os_ipc_read_map(none[i], &map), 0);
		assert_int_equal(takt_os_ipc_read_queue(none[i], &bytes, &process), 0);
	}
	assert_int_equal(takt_os_ipc_read_queue("QSIZE:-1 NOTIFY:0 NOTIFY_PID:0\n", &bytes, &process), 0);
	assert_int_equal(takt_os_ipc_read_stat("1 (x)", &stat), 0);
	assert_int_equal(takt_os_ipc_read_stat("1 (x) S 1 2 3", &stat), 0);
}

static void sockets_and_maps_are_read(void **state)
{
	struct takt_os_ipc object;
	struct takt_os_ipc_map map;

	(void)state;
	assert_int_equal(takt_os_ipc_read_socket(
				 "0000000000000000: 00000002 00000000 00010000 0001 01 12345 /dev/shm/takt.a/b c\n",
				 &object),
			 1);
	assert_string_equal(object.name, "/dev/shm/takt.a/b c");
	assert_int_equal(object.inode, 12345);
	assert_int_equal(takt_os_ipc_read_socket("0000000000000000: 00000002 00000000 00010000 0001 01 12345\n",
						 &object),
			 0);
	assert_int_equal(takt_os_ipc_read_map(
				 "7f00-7f01 rw-s 00000000 00:05 32768                      /SYSV000004d2 (deleted)\n",
				 &map),
			 1);
	assert_int_equal(map.is_sysv, 1);
	assert_int_equal(map.inode, 32768);
	assert_int_equal(
		takt_os_ipc_read_map("7f00-7f01 rw-s 00000000 00:05 0                      /SYSV00000000 (deleted)\n",
				     &map),
		1);
	assert_int_equal(takt_os_ipc_read_map("7f00-7f01 r--s 00001000 fd:1a 77   /dev/shm/frames\n", &map), 1);
	assert_int_equal(map.is_sysv, 0);
	assert_int_equal(map.device, makedev(0xfd, 0x1a));
	assert_int_equal(takt_os_ipc_read_map("7f00-7f01 rw-p 00000000 00:00 0                      [heap]\n", &map),
			 0);
}

/* --------------------------------------------------------------------------------------------------------- users */

static void put_link(const char *path, const char *target)
{
	char whole[256];

	(void)snprintf(whole, sizeof(whole), "%s%s", root, path);
	assert_int_equal(symlink(target, whole), 0);
}

static void whoever_has_or_waits_for_an_object_is_found(void **state)
{
	struct takt_os_ipc objects[3] = {
		{.kind = TAKT_OS_IPC_SYSV_MEMORY, .id = 7},
		{.kind = TAKT_OS_IPC_SYSV_QUEUE, .id = 9},
		{.kind = TAKT_OS_IPC_POSIX_MEMORY, .device = makedev(0, 0x18), .inode = 55},
	};
	struct takt_os_ipc_survey survey;
	char call[64];

	(void)state;
	put("/proc/stat", "btime 1700000000\n");
	put("/proc/self/ns/mark", "");
	put_link("/proc/self/ns/ipc", "ipc:[1]");
	for (uint32_t id = 100; id < 104; id++) {
		char path[64];

		put_process(id, "user", id == 103 ? 'Z' : 'S', 5);
		(void)snprintf(path, sizeof(path), "/proc/%u/ns/mark", id);
		put(path, "");
		(void)snprintf(path, sizeof(path), "/proc/%u/ns/ipc", id);
		/* The ids of another namespace are other objects. */
		put_link(path, id == 102 ? "ipc:[2]" : "ipc:[1]");
		(void)snprintf(path, sizeof(path), "/proc/%u/maps", id);
		put(path, id == 101 ? ""
				    : "7f00-7f01 rw-s 00000000 00:05 7 /SYSV00000000 (deleted)\n"
				      "7f02-7f03 rw-s 00000000 00:18 55 /dev/shm/frames\n"
				      "7f04-7f05 rw-s 00000000 00:18 55 /dev/shm/frames\n"
				      "7f06-7f07 rw-s 00000000 00:19 55 /elsewhere\n");
		(void)snprintf(path, sizeof(path), "/proc/%u/fd/mark/none", id);
		put(path, "");
		(void)snprintf(path, sizeof(path), "/proc/%u/task/%u/syscall", id, id);
#ifdef SYS_msgrcv
		(void)snprintf(call, sizeof(call), "%d 0x9 0x7ffc 0x10 0x0 0x0 0x0 0x7ffd 0x7f\n",
			       id == 100 ? SYS_msgsnd : SYS_msgrcv);
#else
		(void)snprintf(call, sizeof(call), "%d %#x 0x9 0x10 0x0 0x0 0x0 0x7ffd 0x7f\n", SYS_ipc,
			       id == 100 ? 11 : 12);
#endif
		put(path, call);
	}
	takt_os_ipc_look_users(objects, 3, root, &survey);
	assert_int_equal(survey.process_count, 3);
	assert_int_equal(survey.foreign_count, 1);
	assert_int_equal(survey.hidden_count, 0);
	assert_int_equal(objects[0].holder_count, 1);
	assert_int_equal(objects[0].holder.id, 100);
	assert_string_equal(objects[0].holder.program, "user");
	assert_int_equal(objects[1].waiting_count, 2);
	assert_int_equal(objects[1].holder_count, 2);
	/* Files are the same in every namespace; a process that maps one twice is one. */
	assert_int_equal(objects[2].holder_count, 2);
	/* A second look counts anew. */
	takt_os_ipc_look_users(objects, 3, root, &survey);
	assert_int_equal(objects[1].waiting_count, 2);
	assert_int_equal(objects[2].holder_count, 2);
}

/* --------------------------------------------------------------------------------------------------------- judging */

static enum ipc_state judged(const struct ipc_source *source, struct takt_os_ipc facts)
{
	struct ipc_list list = {0};
	struct ipc_object object = {.source = source, .facts = facts};

	source->judge(&object, &list, 0);
	assert_string_not_equal(object.why, "");
	return object.state;
}

static void judgement_is_evidence(void **state)
{
	const struct takt_os_ipc_process nobody = {.id = 0}, unseen = {.id = 0, .wall_s = 9};
	const struct takt_os_ipc_process lives = {.id = 5, .wall_s = 9, .life = TAKT_OS_IPC_LIVES};
	const struct takt_os_ipc_process ended = {.id = 6, .wall_s = 9, .life = TAKT_OS_IPC_ENDED};
	const struct takt_os_ipc_process reused = {.id = 7, .wall_s = 9, .life = TAKT_OS_IPC_REUSED};
	const struct ipc_source *queue = &ipc_sysv_queue, *memory = &ipc_sysv_memory, *sem = &ipc_sysv_sem;

	(void)state;
#define FACTS(first, second, ...) (struct takt_os_ipc){.processes = {first, second}, __VA_ARGS__}
	assert_int_equal(judged(queue, FACTS(ended, ended, .waiting_count = 1)), IPC_IN_USE);
	assert_int_equal(judged(queue, FACTS(lives, ended, .id = 1)), IPC_IN_USE);
	assert_int_equal(judged(queue, FACTS(ended, lives, .id = 1)), IPC_IN_USE);
	assert_int_equal(judged(queue, FACTS(ended, unseen, .id = 1)), IPC_UNKNOWN);
	assert_int_equal(judged(queue, FACTS(ended, ended, .is_unsure = 1)), IPC_UNKNOWN);
	assert_int_equal(judged(queue, FACTS(nobody, nobody, .id = 1)), IPC_IDLE);
	assert_int_equal(judged(queue, FACTS(ended, reused, .id = 1)), IPC_LEFT_BEHIND);
	assert_int_equal(judged(queue, FACTS(ended, nobody, .id = 1)), IPC_LEFT_BEHIND);

	assert_int_equal(judged(memory, FACTS(ended, nobody, .item_count = 1)), IPC_IN_USE);
	assert_int_equal(judged(memory, FACTS(ended, nobody, .item_count = 1, .is_marked = 1)), IPC_IN_USE);
	assert_int_equal(judged(memory, FACTS(lives, nobody, .id = 1)), IPC_IDLE);
	assert_int_equal(judged(memory, FACTS(unseen, nobody, .id = 1)), IPC_IDLE);
	assert_int_equal(judged(memory, FACTS(ended, nobody, .id = 1)), IPC_LEFT_BEHIND);
	assert_int_equal(judged(memory, FACTS(reused, nobody, .id = 1)), IPC_LEFT_BEHIND);

	assert_int_equal(judged(sem, FACTS(ended, nobody, .waiting_count = 1)), IPC_IN_USE);
	assert_int_equal(judged(sem, FACTS(lives, nobody, .id = 1)), IPC_IN_USE);
	assert_int_equal(judged(sem, FACTS(ended, nobody, .is_unsure = 1)), IPC_UNKNOWN);
	assert_int_equal(judged(sem, FACTS(unseen, nobody, .id = 1)), IPC_UNKNOWN);
	assert_int_equal(judged(sem, FACTS(nobody, nobody, .id = 1)), IPC_IDLE);
	assert_int_equal(judged(sem, FACTS(reused, nobody, .id = 1)), IPC_LEFT_BEHIND);

	assert_int_equal(judged(&ipc_posix_memory, FACTS(nobody, nobody, .holder_count = 1)), IPC_IN_USE);
	assert_int_equal(judged(&ipc_posix_queue, FACTS(lives, nobody, .waiting_count = 1)), IPC_IN_USE);
	assert_int_equal(judged(&ipc_posix_sem, FACTS(nobody, nobody, .id = 0)), IPC_LEFT_BEHIND);
#undef FACTS
}

/* -------------------------------------------------------------------------------------------------------- choosing */

static const struct {
	const char *word;
	int index; /* -1: none, or several */
} cases[] = {
	{"sysv-queue:5", 0},
	{"5", -1},
	{"sysv-shm:5", 1},
	{"0x4d2", 0},
	{"0X4D2", 0},
	{"sysv-shm:0x4d2", -1},
	{"0x0", -1},
	{"sysv-shm:0x0", -1},
	{"6", 2},
	{"/a", -1},
	{"posix-shm:/a", 3},
	{"posix-shm:a", 3},
	{"posix-sem:a", 4},
	{"/b\x1b", 5},
	{"/b\\x1b", 5},
	{"/c", -1},
	{"posix-shm:", -1},
	{"", -1},
	{"sysv-queue:-5", -1},
	{"4294967301", -1},
	{"sysv-queue:5 ", -1},
	{"sysv-queue: 5", -1},
	{"sysv-queue:05", 0},
	{"qqq:5", -1},
	{"a/b", -1},
};

static void words_mean_one_object_or_none(void **state)
{
	struct ipc_list list = {0};
	const struct takt_os_ipc facts[] = {
		{.kind = TAKT_OS_IPC_SYSV_QUEUE, .id = 5, .key = 0x4d2},
		{.kind = TAKT_OS_IPC_SYSV_MEMORY, .id = 5},
		{.kind = TAKT_OS_IPC_SYSV_SEM, .id = 6, .key = 9},
		{.kind = TAKT_OS_IPC_POSIX_MEMORY, .name = "/a"},
		{.kind = TAKT_OS_IPC_POSIX_SEM, .name = "/a"},
		{.kind = TAKT_OS_IPC_POSIX_SEM, .name = "/b\x1b"},
	};
	const struct ipc_source *const sources[] = {&ipc_sysv_queue,   &ipc_sysv_memory, &ipc_sysv_sem,
						    &ipc_posix_memory, &ipc_posix_sem,	 &ipc_posix_sem};

	(void)state;
	takt_message_handler_set(NULL, NULL);
	for (uint32_t i = 0; i < 6; i++)
		assert_non_null(ipc_list_add(&list, sources[i], &facts[i]));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t index = 99;
		int code = ipc_select(&list, cases[i].word, &index);

		if (code != (cases[i].index < 0 ? EXIT_FAILED : EXIT_OK))
			fail_msg("'%s' means %d, expected %d", cases[i].word, code == EXIT_OK ? (int)index : -1,
				 cases[i].index);
		if (code == EXIT_OK)
			assert_int_equal(index, cases[i].index);
	}
	assert_int_equal(ipc_is_same(&list.all[0], &list.all[0]), 1);
	assert_int_equal(ipc_is_same(&list.all[0], &list.all[1]), 0);
	list.all[5].facts.inode = 1;
	struct ipc_object other = list.all[5];
	other.facts.inode = 2;
	assert_int_equal(ipc_is_same(&list.all[5], &other), 0);
	ipc_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_number_that_is_anothers_by_now_is_not_the_creator, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(the_dead_the_unborn_and_nobody, make_root, remove_root),
		cmocka_unit_test(a_process_that_may_not_be_seen_may_live),
		cmocka_unit_test_setup_teardown(tables_of_system_v_are_read, make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_kernel_without_says_so, make_root, remove_root),
		cmocka_unit_test_setup_teardown(files_are_told_apart_by_their_names, make_root, remove_root),
		cmocka_unit_test(lines_that_are_none_are_refused),
		cmocka_unit_test(sockets_and_maps_are_read),
		cmocka_unit_test_setup_teardown(whoever_has_or_waits_for_an_object_is_found, make_root, remove_root),
		cmocka_unit_test(judgement_is_evidence),
		cmocka_unit_test(words_mean_one_object_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
