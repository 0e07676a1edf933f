/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/message.h"
#include "platform/service.h"

static char said[TAKT_MESSAGE_BYTES_MAX];

static void keep(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)snprintf(said, sizeof(said), "%s", text);
}

/* A manager that listens at `address` as $NOTIFY_SOCKET writes it. */
static int listen_at(const char *address)
{
	struct sockaddr_un place = {.sun_family = AF_UNIX};
	const size_t length = strlen(address);
	int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(place.sun_path, address, length);
	if (address[0] == '@')
		place.sun_path[0] = '\0';
	assert_true(descriptor >= 0);
	assert_int_equal(bind(descriptor, (struct sockaddr *)&place,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
			 0);
	return descriptor;
}

static void expect_told(const char *address)
{
	struct takt_os_service service;
	char got[64] = "";
	int manager = listen_at(address);

	assert_int_equal(setenv("NOTIFY_SOCKET", address, 1), 0);
	takt_os_service_init(&service);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_int_equal(takt_os_service_tell(&service, "READY=1\nSTATUS=2 nodes run"), TAKT_OK);
	assert_int_equal(recv(manager, got, sizeof(got), 0), (int)strlen("READY=1\nSTATUS=2 nodes run"));
	assert_string_equal(got, "READY=1\nSTATUS=2 nodes run");
	assert_int_equal(close(manager), 0);
}

static void manager_is_told_by_path_and_by_name(void **state)
{
	char folder[] = "/tmp/takt-service-XXXXXX", address[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(address, sizeof(address), "%s/notify", folder);
	expect_told(address);
	assert_int_equal(unlink(address), 0);
	assert_int_equal(rmdir(folder), 0);
	(void)snprintf(address, sizeof(address), "@takt-service-%d", (int)getpid());
	expect_told(address);
}

static void nobody_who_did_not_ask_is_told(void **state)
{
	struct takt_os_service service;

	(void)state;
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	takt_os_service_init(&service);
	assert_int_equal(takt_os_service_tell(&service, "READY=1"), TAKT_ABSENT);
	assert_int_equal(setenv("NOTIFY_SOCKET", "", 1), 0);
	takt_os_service_init(&service);
	assert_int_equal(takt_os_service_tell(&service, "READY=1"), TAKT_ABSENT);
	assert_string_equal(said, "");
}

static void manager_that_cannot_be_told_is_named(void **state)
{
	struct takt_os_service service;
	char longer[sizeof(((struct sockaddr_un *)0)->sun_path) + 2];

	(void)state;
	assert_int_equal(setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1), 0);
	takt_os_service_init(&service);
	assert_int_equal(takt_os_service_tell(&service, "READY=1"), TAKT_SYSTEM);
	assert_non_null(strstr(said, "'/nonexistent/notify' cannot be told 'READY=1': No such file"));
	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(setenv("NOTIFY_SOCKET", longer, 1), 0);
	takt_os_service_init(&service);
	assert_int_equal(takt_os_service_tell(&service, "READY=1"), TAKT_SYSTEM);
	assert_non_null(strstr(said, "File name too long"));
	assert_int_equal(setenv("NOTIFY_SOCKET", "vsock:2:1", 1), 0);
	takt_os_service_init(&service);
	assert_non_null(strstr(said, "NOTIFY_SOCKET is 'vsock:2:1': expected /PATH or @NAME"));
	assert_int_equal(takt_os_service_tell(&service, "READY=1"), TAKT_ABSENT);
}

static void journal_is_known_by_its_file(void **state)
{
	struct takt_os_service service;
	struct stat file;
	char stream[64];

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &file), 0);
	(void)snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)file.st_dev,
		       (unsigned long long)file.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	takt_os_service_init(&service);
	assert_int_equal(service.errors_are_journal, 1);
	(void)snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)file.st_dev,
		       (unsigned long long)file.st_ino + 1);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	takt_os_service_init(&service);
	assert_int_equal(service.errors_are_journal, 0);
	assert_int_equal(setenv("JOURNAL_STREAM", "nonsense", 1), 0);
	takt_os_service_init(&service);
	assert_int_equal(service.errors_are_journal, 0);
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	takt_os_service_init(&service);
	assert_int_equal(service.errors_are_journal, 0);
}

static int begin(void **state)
{
	(void)state;
	said[0] = '\0';
	(void)unsetenv("NOTIFY_SOCKET");
	takt_message_handler_set(keep, NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(manager_is_told_by_path_and_by_name, begin),
		cmocka_unit_test_setup(nobody_who_did_not_ask_is_told, begin),
		cmocka_unit_test_setup(manager_that_cannot_be_told_is_named, begin),
		cmocka_unit_test_setup(journal_is_known_by_its_file, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
