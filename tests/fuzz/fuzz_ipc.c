/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's tables as `takt ipc` reads them; the names in them are other processes'. The first byte chooses the table, the rest is one
 * line of it; or a word of a command line, which must mean one of a few objects or none.
 */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/ipc_select.h"
#include "apps/takt/options.h"
#include "platform/ipc.h"
#include "tests/fuzz/fuzz.h"

#define LINE_BYTES 1024

static void check_sysv(enum takt_os_ipc_kind kind, const char *line)
{
	struct takt_os_ipc object;

	if (!takt_os_ipc_read_sysv(kind, line, &object))
		return;
	FUZZ_CHECK(object.kind == kind && object.rights.mode <= 0777 && object.name[0] == '\0');
	FUZZ_CHECK(object.is_marked <= (kind == TAKT_OS_IPC_SYSV_MEMORY));
	FUZZ_CHECK(object.holder_count == 0 && object.waiting_count == 0 && object.is_unsure == 0);
}

static void check_socket(const char *line)
{
	struct takt_os_ipc object;

	if (!takt_os_ipc_read_socket(line, &object))
		return;
	FUZZ_CHECK(object.inode != 0 && memchr(object.name, '\0', sizeof(object.name)) && object.name[0] != '\0');
	FUZZ_CHECK(strchr(object.name, '\n') == NULL && strstr(line, object.name) != NULL);
}

static void check_stat(const char *line)
{
	struct takt_os_ipc_stat stat = {.state = '?'};

	/* What a program calls itself is in front of the last parenthesis, and decides nothing. */
	if (takt_os_ipc_read_stat(line, &stat))
		FUZZ_CHECK(strrchr(line, ')')[2] == stat.state && stat.is_kernel <= 1);
}

static void check_map(const char *line)
{
	struct takt_os_ipc_map map;

	if (takt_os_ipc_read_map(line, &map))
		FUZZ_CHECK((map.inode != 0 || map.is_sysv) && (!map.is_sysv || strstr(line, "/SYSV")));
}

static void check_queue(const char *text)
{
	uint64_t bytes = 7;
	uint32_t process = 7;

	if (!takt_os_ipc_read_queue(text, &bytes, &process))
		FUZZ_CHECK(bytes == 7 && process == 7);
	else
		FUZZ_CHECK(bytes <= INT64_MAX);
}

/* 1 when the digits at the end of a word are the id, or the key. */
static int is_number_of(const char *word, uint32_t id, uint32_t key)
{
	const char *colon = strchr(word, ':');
	const char *digits = colon ? colon + 1 : word;
	int is_key = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	unsigned long long number = strtoull(digits, NULL, is_key ? 16 : 10);

	return number == (is_key ? key : id);
}

/* Only what was named is meant. */
static void check_word(const char *word)
{
	static const struct takt_os_ipc facts[] = {
		{.kind = TAKT_OS_IPC_SYSV_QUEUE, .id = 5, .key = 0x4d2},
		{.kind = TAKT_OS_IPC_SYSV_SEM, .id = 6},
		{.kind = TAKT_OS_IPC_POSIX_SEM, .name = "/a\x1b"},
	};
	static const struct ipc_source *const sources[] = {&ipc_sysv_queue, &ipc_sysv_sem, &ipc_posix_sem};
	struct ipc_list list = {0};
	uint32_t index = 99;

	for (uint32_t i = 0; i < 3; i++)
		FUZZ_CHECK(ipc_list_add(&list, sources[i], &facts[i]) != NULL);
	fuzz_listen();
	if (ipc_select(&list, word, &index) != EXIT_OK)
		FUZZ_CHECK(fuzz_said.error_count == 1);
	else if (index < 2)
		FUZZ_CHECK(is_number_of(word, facts[index].id, facts[index].key));
	else if (index == 2)
		FUZZ_CHECK(strstr(word, "a\x1b") || strstr(word, "a\\x1b"));
	ipc_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	char line[LINE_BYTES];
	uint64_t choice = fuzz_number(&input, 1) % 8;

	(void)fuzz_folder();
	fuzz_text(&input, line, sizeof(line));
	if (choice <= TAKT_OS_IPC_SYSV_SEM)
		check_sysv((enum takt_os_ipc_kind)choice, line);
	else if (choice == 3)
		check_socket(line);
	else if (choice == 4)
		check_stat(line);
	else if (choice == 5)
		check_map(line);
	else if (choice == 6)
		check_queue(line);
	else
		check_word(line);
	return 0;
}
