/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

#include <dirent.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "platform/pipe.h"
#include "platform/request.h"
#include "platform/thread.h"

#define NAME	    "socket.node"
#define OTHER_GROUP 61234u

static int folder = -1;
static int door = -1; /* of the receiver */
static char room[64];
static struct takt_os_request request;

static int start(void **state)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (scratch_set_up(state) != 0)
		return -1;
	request = (struct takt_os_request){.answer = -1};
	return takt_os_folder_open_root(&folder) == TAKT_OK ? 0 : -1;
}

static int stop(void **state)
{
	takt_os_request_close(&request.answer);
	takt_os_request_close(&door);
	takt_os_folder_close(&folder);
	return scratch_tear_down(state);
}

static enum takt_status make(uint32_t mode)
{
	const struct takt_os_rights rights = {TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, mode};

	return takt_os_request_bind(&door, folder, NAME, &rights);
}

static struct stat look(void)
{
	struct stat found;

	assert_int_equal(fstatat(folder, NAME, &found, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISSOCK(found.st_mode));
	return found;
}

static unsigned count_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(list);
	while (readdir(list) != NULL)
		count++;
	assert_int_equal(closedir(list), 0);
	return count;
}

static enum takt_status receive(void)
{
	takt_os_request_close(&request.answer);
	return takt_os_request_receive(door, room, sizeof(room), &request);
}

/* --- the socket --- */

static int make_with_umask(void *argument)
{
	(void)umask((mode_t) * (unsigned *)argument);
	return -(int)make(0666);
}

static void a_socket_has_exactly_its_rights_whatever_the_umask(void **state)
{
	unsigned masks[] = {0, 022, 077, 0777};

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		assert_int_equal(in_child(make_with_umask, &masks[i]), TAKT_OK);
		assert_int_equal(look().st_mode & 07777, 0666);
		assert_int_equal(entry_count(folder), 1);
	}
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(look().st_mode & 07777, 0600);
}

static void it_is_given_to_a_group(void **state)
{
	const struct takt_os_rights rights = {TAKT_OS_ID_ANY, OTHER_GROUP, 0660};

	(void)state;
	need_root();
	assert_int_equal(takt_os_request_bind(&door, folder, NAME, &rights), TAKT_OK);
	assert_int_equal(look().st_gid, OTHER_GROUP);
	assert_int_equal(look().st_mode & 07777, 0660);
	assert_int_equal(look().st_uid, geteuid());
}

static int leave_one(void *argument)
{
	(void)argument;
	return -(int)make(0600);
}

static int leave_one_as_somebody_else(void *argument)
{
	return become_somebody_else() ? leave_one(argument) : 99;
}

static void what_an_earlier_life_left_makes_room(void **state)
{
	int sender = -1;

	(void)state;
	assert_int_equal(in_child(leave_one, NULL), TAKT_OK);
	assert_int_equal(takt_os_request_open(&sender, folder, NAME), TAKT_CLOSED);
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(takt_os_request_open(&sender, folder, NAME), TAKT_OK);
	assert_int_equal(messages.count, 0);
	takt_os_request_close(&sender);
	assert_int_equal(sender, -1);
}

static void nothing_else_that_bears_the_name_does(void **state)
{
	int sender = -1;

	(void)state;
	assert_int_equal(mkfifoat(folder, NAME, 0600), 0);
	assert_int_equal(make(0600), TAKT_MISMATCH);
	assert_message_has("it is a named pipe, expected a socket");
	assert_int_equal(takt_os_request_open(&sender, folder, NAME), TAKT_MISMATCH);
	assert_int_equal(takt_os_folder_remove(folder, NAME), TAKT_OK);
	assert_int_equal(symlinkat("elsewhere", folder, NAME), 0);
	assert_int_equal(make(0600), TAKT_MISMATCH);
	assert_int_equal(takt_os_folder_remove(folder, NAME), TAKT_OK);
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(takt_os_request_open(&sender, folder, "../x"), TAKT_INVALID);
	assert_int_equal(sender, -1);
}

static void another_users_socket_is_left_alone(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(in_child(leave_one_as_somebody_else, NULL), TAKT_OK);
	assert_int_equal(make(0600), TAKT_MISMATCH);
	assert_message_has("owner is uid 65534, expected uid 0");
	assert_int_equal(look().st_uid, SOMEBODY_ELSE);
	assert_int_equal(door, -1);
}

static int open_as_somebody_else(void *argument)
{
	int sender = -1;

	(void)argument;
	if (!become_somebody_else())
		return 99;
	return -(int)takt_os_request_open(&sender, folder, NAME);
}

static void the_mode_says_who_may_send(void **state)
{
	int sender = -1;

	(void)state;
	assert_int_equal(takt_os_request_open(&sender, folder, NAME), TAKT_ABSENT);
	assert_int_equal(messages.count, 0);
	need_root();
	assert_int_equal(make(0660), TAKT_OK);
	assert_int_equal(in_child(open_as_somebody_else, NULL), -TAKT_DENIED);
	takt_os_request_close(&door);
	assert_int_equal(make(0666), TAKT_OK);
	assert_int_equal(in_child(open_as_somebody_else, NULL), TAKT_OK);
}

static void a_socket_of_another_type_is_a_mismatch(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int stream = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int sender = -1;

	(void)state;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/" NAME, scratch);
	assert_int_equal(bind(stream, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(stream, 1), 0);
	assert_int_equal(takt_os_request_open(&sender, folder, NAME), TAKT_MISMATCH);
	assert_message_has("it is no socket for datagrams");
	assert_int_equal(close(stream), 0);
}

/* --- requests and answers --- */

static int send_text(const char *text, int *answer)
{
	int sender = -1;
	enum takt_status status = takt_os_request_open(&sender, folder, NAME);

	if (status == TAKT_OK)
		status = takt_os_request_send(sender, "node", text, takt_os_clock_now_ns() + SHORT_NS, answer);
	takt_os_request_close(&sender);
	return status;
}

static void a_request_says_what_and_who_and_is_answered(void **state)
{
	char text[16];
	uint32_t count, ready;
	int answer = -1, second = -1;

	(void)state;
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(receive(), TAKT_EMPTY);
	assert_int_equal(send_text("one", &answer), TAKT_OK);
	assert_int_equal(send_text("", &second), TAKT_OK);
	assert_int_equal(takt_os_pipe_wait(&door, 1, takt_os_clock_now_ns() + LONG_NS, &ready), TAKT_OK);
	assert_int_equal(receive(), TAKT_OK);
	assert_int_equal(request.bytes, 3);
	assert_memory_equal(room, "one", 3);
	assert_int_equal(request.sender.user, geteuid());
	assert_int_equal(request.sender.group, getegid());
	assert_int_equal(takt_os_request_answer(request.answer, "yes\n", 4), TAKT_OK);
	assert_int_equal(takt_os_pipe_wait(&answer, 1, takt_os_clock_now_ns() + LONG_NS, &ready), TAKT_OK);
	assert_int_equal(takt_os_pipe_read(answer, text, sizeof(text), &count), TAKT_OK);
	assert_int_equal(count, 4);
	assert_memory_equal(text, "yes\n", 4);
	assert_int_equal(takt_os_pipe_read(answer, text, sizeof(text), &count), TAKT_EMPTY);
	/* The second is another, however short. */
	assert_int_equal(receive(), TAKT_OK);
	assert_int_equal(request.bytes, 0);
	assert_int_equal(receive(), TAKT_EMPTY);
	assert_int_equal(takt_os_pipe_read(answer, text, sizeof(text), &count), TAKT_CLOSED);
	assert_int_equal(takt_os_pipe_read(second, text, sizeof(text), &count), TAKT_CLOSED);
	assert_int_equal(close(answer), 0);
	assert_int_equal(close(second), 0);
}

static int send_as_member(void *argument)
{
	const gid_t groups[] = {OTHER_GROUP, OTHER_GROUP + 1};
	int answer = -1;

	(void)argument;
	if (setgroups(2, groups) != 0 || setresgid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE) != 0 ||
	    setresuid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE) != 0)
		return 99;
	return -(int)send_text("member", &answer);
}

static void the_senders_groups_are_known(void **state)
{
	unsigned found = 0;

	(void)state;
	need_root();
	need_a_real_kernel("the emulator does not know the option that tells a peer's groups");
	assert_int_equal(make(0666), TAKT_OK);
	assert_int_equal(in_child(send_as_member, NULL), TAKT_OK);
	assert_int_equal(receive(), TAKT_OK);
	assert_int_equal(request.sender.user, SOMEBODY_ELSE);
	assert_int_equal(request.sender.group, SOMEBODY_ELSE);
	for (uint32_t i = 0; i < request.sender.further_count; i++)
		found += request.sender.further_groups[i] == OTHER_GROUP ||
			 request.sender.further_groups[i] == OTHER_GROUP + 1;
	assert_int_equal(found, 2);
}

static void a_request_longer_than_the_room_is_thrown_away_and_its_sender_can_be_told(void **state)
{
	char longer[sizeof(room) + 2];
	int answer = -1;

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(send_text(longer, &answer), TAKT_OK);
	assert_int_equal(receive(), TAKT_LIMIT);
	assert_int_equal(request.bytes, sizeof(room));
	assert_int_equal(takt_os_request_answer(request.answer, "no\n", 3), TAKT_OK);
	assert_int_equal(receive(), TAKT_EMPTY);
	assert_int_equal(close(answer), 0);
}

static void who_does_not_receive_fills_up_and_who_is_gone_is_told(void **state)
{
	char text[8];
	uint32_t count;
	int sender = -1;
	int answers[1024];
	uint32_t sent = 0;
	enum takt_status status = TAKT_OK;

	(void)state;
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(takt_os_request_open(&sender, folder, NAME), TAKT_OK);
	while (status == TAKT_OK && sent < sizeof(answers) / sizeof(answers[0])) {
		status = takt_os_request_send(sender, "node", "x", takt_os_clock_now_ns() + SHORT_NS / 4,
					      &answers[sent]);
		sent += status == TAKT_OK;
	}
	assert_int_equal(status, TAKT_FULL);
	/* What nobody has received ends with the receiver, so nobody waits for its answer. */
	takt_os_request_close(&door);
	for (uint32_t i = 0; i < sent; i++) {
		assert_int_equal(takt_os_pipe_read(answers[i], text, sizeof(text), &count), TAKT_CLOSED);
		assert_int_equal(close(answers[i]), 0);
	}
	assert_int_equal(takt_os_request_send(sender, "node", "x", takt_os_clock_now_ns() + SHORT_NS, &answers[0]),
			 TAKT_CLOSED);
	takt_os_request_close(&sender);
	assert_int_equal(messages.count, 0);
}

static void an_answer_never_waits(void **state)
{
	char text[256];
	int answer = -1;
	enum takt_status status = TAKT_OK;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(send_text("x", &answer), TAKT_OK);
	assert_int_equal(receive(), TAKT_OK);
	/* The sender may hold a copy of it and set it to wait. */
	assert_int_equal(fcntl(request.answer, F_SETFL, 0), 0);
	for (uint32_t i = 0; i < 1000000 && status == TAKT_OK; i++)
		status = takt_os_request_answer(request.answer, text, sizeof(text));
	assert_int_equal(status, TAKT_FULL);
	assert_int_equal(close(answer), 0);
	assert_int_equal(takt_os_request_answer(request.answer, text, sizeof(text)), TAKT_CLOSED);
}

/* --- what a liar passes --- */

static void send_with(const int *descriptors, uint32_t count)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	union {
		struct cmsghdr aligned;
		unsigned char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control;
	char text[] = "lie";
	struct iovec part = {text, 3};
	struct msghdr header = {.msg_name = &address,
				.msg_namelen = sizeof(address),
				.msg_iov = &part,
				.msg_iovlen = 1};
	int raw = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/" NAME, scratch);
	if (count) {
		memset(&control, 0, sizeof(control));
		header.msg_control = control.bytes;
		header.msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(cmsg), descriptors, count * sizeof(int));
	}
	assert_int_equal(sendmsg(raw, &header, 0), 3);
	assert_int_equal(close(raw), 0);
}

static void a_request_without_a_way_back_is_taken(void **state)
{
	(void)state;
	assert_int_equal(make(0600), TAKT_OK);
	send_with(NULL, 0);
	assert_int_equal(receive(), TAKT_OK);
	assert_int_equal(request.answer, -1);
	assert_int_equal(request.sender.user, getuid());
	assert_int_equal(request.sender.further_count, 0);
}

static void more_than_one_descriptor_is_refused_and_all_are_closed(void **state)
{
	int pair[2];
	const int file = openat(folder, "file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	(void)state;
	need_a_real_kernel("the emulator keeps open what its program has no room for");
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	const int many[] = {pair[0], pair[1], file, file, file, file, file, file};
	const unsigned before = count_descriptors();

	for (uint32_t count = 2; count <= 8; count++) {
		send_with(many, count);
		assert_int_equal(receive(), TAKT_INVALID);
		assert_int_equal(request.answer, -1);
		assert_int_equal(count_descriptors(), before);
	}
	assert_int_equal(close(file) + close(pair[0]) + close(pair[1]), 0);
}

static void whatever_else_it_brings_is_refused_and_closed(void **state)
{
	int pair[2], datagrams[2], pipe_ends[2];
	const int file = openat(folder, "file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	(void)state;
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, datagrams), 0);
	assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
	const unsigned before = count_descriptors();

	const int wrong[] = {file, pipe_ends[1], datagrams[0], folder};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		send_with(&wrong[i], 1);
		assert_int_equal(receive(), TAKT_INVALID);
		assert_int_equal(request.answer, -1);
		assert_int_equal(count_descriptors(), before);
	}
	send_with(pair, 1);
	assert_int_equal(receive(), TAKT_OK);
	assert_true(request.answer >= 0);
	assert_int_equal(fcntl(request.answer, F_GETFD), FD_CLOEXEC);
	(void)close(file);
	for (int i = 0; i < 2; i++)
		assert_int_equal(close(pair[i]) + close(datagrams[i]) + close(pipe_ends[i]), 0);
}

static int ends_of_root[2];

static int send_anothers_socket(void *argument)
{
	(void)argument;
	if (!become_somebody_else())
		return 99;
	send_with(ends_of_root, 1);
	return 0;
}

static void an_answer_goes_to_nobody_but_its_sender(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(make(0666), TAKT_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_of_root), 0);
	assert_int_equal(in_child(send_anothers_socket, NULL), 0);
	assert_int_equal(receive(), TAKT_INVALID);
	assert_int_equal(request.answer, -1);
	assert_int_equal(close(ends_of_root[0]) + close(ends_of_root[1]), 0);
}

static int receive_without_descriptors(void *argument)
{
	(void)argument;
	while (dup(door) >= 0)
		;
	return -(int)takt_os_request_receive(door, room, sizeof(room), &request);
}

static void without_a_descriptor_for_the_answer_it_is_refused(void **state)
{
	int answer = -1;

	(void)state;
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(send_text("x", &answer), TAKT_OK);
	assert_int_equal(in_child(receive_without_descriptors, NULL), -TAKT_INVALID);
	assert_int_equal(close(answer), 0);
}

static int send_after_a_stop(void *argument)
{
	int sender = -1, answer = -1;
	enum takt_status status = TAKT_OK;

	(void)argument;
	takt_os_process_prepare(1);
	if (takt_os_request_open(&sender, folder, NAME) != TAKT_OK)
		return 99;
	while (status == TAKT_OK)
		status = takt_os_request_send(sender, "node", "x", takt_os_clock_now_ns() + SHORT_NS / 4, &answer);
	if (status != TAKT_FULL || raise(SIGTERM) != 0)
		return 98;
	return -(int)takt_os_request_send(sender, "node", "x", takt_os_clock_now_ns() + LONG_NS, &answer);
}

static void a_stop_ends_the_wait_for_room(void **state)
{
	(void)state;
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(in_child(send_after_a_stop, NULL), -TAKT_STOPPED);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(a_socket_has_exactly_its_rights_whatever_the_umask),
		WITH_FOLDER(it_is_given_to_a_group),
		WITH_FOLDER(what_an_earlier_life_left_makes_room),
		WITH_FOLDER(nothing_else_that_bears_the_name_does),
		WITH_FOLDER(another_users_socket_is_left_alone),
		WITH_FOLDER(the_mode_says_who_may_send),
		WITH_FOLDER(a_socket_of_another_type_is_a_mismatch),
		WITH_FOLDER(a_request_says_what_and_who_and_is_answered),
		WITH_FOLDER(the_senders_groups_are_known),
		WITH_FOLDER(a_request_longer_than_the_room_is_thrown_away_and_its_sender_can_be_told),
		WITH_FOLDER(who_does_not_receive_fills_up_and_who_is_gone_is_told),
		WITH_FOLDER(an_answer_never_waits),
		WITH_FOLDER(a_request_without_a_way_back_is_taken),
		WITH_FOLDER(more_than_one_descriptor_is_refused_and_all_are_closed),
		WITH_FOLDER(whatever_else_it_brings_is_refused_and_closed),
		WITH_FOLDER(an_answer_goes_to_nobody_but_its_sender),
		WITH_FOLDER(without_a_descriptor_for_the_answer_it_is_refused),
		WITH_FOLDER(a_stop_ends_the_wait_for_room),
	};

	return cmocka_run_group_tests_name("platform/request", tests, NULL, NULL);
}
