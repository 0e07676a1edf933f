/* SPDX-License-Identifier: Apache-2.0 */
/* What is no node: a tool that looks at the domain, files, and the supervisor's programs. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apps/takt/reader.h"
#include "core/domain.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/pipe.h"
#include "platform/process.h"
#include "tests/failing/scenario.h"
#include "tests/failing/stage.h"

#define LOOK_MAY                                                                                                       \
	(MAY(ABSENT) | MAY(INVALID) | MAY(LIMIT) | MAY(DENIED) | MAY(CORRUPT) | MAY(MISMATCH) | MAY(NO_SPACE) |        \
	 MAY(SYSTEM))
#define FILE_MAY (MAY(ABSENT) | MAY(DENIED) | MAY(NO_SPACE) | MAY(LIMIT) | MAY(SYSTEM))

/* ------------------------------------------------------------------------------------------------------- tools */

static void read_topic(const struct takt_domain *domain)
{
	struct reader reader;
	struct takt_sample_header header;
	uint64_t lost = 0;

	begin("reader_open");
	if (!end(reader_open(&reader, domain, "beat"), LOOK_MAY, MAY(ABSENT)))
		return;
	reader_seek(&reader, reader_oldest(&reader));
	begin("reader_next");
	if (end(reader_next(&reader, &header, &lost), MAY(OVERTAKEN), MAY(OVERTAKEN)))
		require(header.number != 0, "a sample without a number");
	reader_close(&reader);
}

static void run_tool(void)
{
	static struct takt_domain domain;

	begin("takt_domain_attach");
	/* Absence is for the tool to explain: it knows what was asked for. */
	if (end(takt_domain_attach(&domain, "failing"), LOOK_MAY, MAY(ABSENT))) {
		const uint32_t index = takt_domain_node_find(&domain, "bystander");
		require(index != UINT32_MAX, "the roster lacks a node");
		const uint64_t token =
			atomic_load_explicit(&takt_domain_node(&domain, index)->token, memory_order_relaxed);
		require(takt_domain_ask(&domain, token) != TAKT_OS_DEAD, "one that lives was taken for dead");
		read_topic(&domain);
	}
	takt_domain_close(&domain);
}

/* ------------------------------------------------------------------------------------------------------- files */

static void path_of(const char *name, char path[STAGE_PATH_BYTES])
{
	(void)snprintf(path, STAGE_PATH_BYTES, "%s/%s", stage_root(), name);
}

static void prepare_files(void)
{
	char path[STAGE_PATH_BYTES];

	path_of("notes", path);
	FILE *file = fopen(path, "we");
	begin("a file");
	require(file != NULL && fputs("old", file) >= 0 && fclose(file) == 0, "it cannot be written");
	path_of("shelf", path);
	(void)rmdir(path);
}

static void read_back(const char *path, int is_replaced)
{
	char text[16] = "";
	FILE *file = fopen(path, "re");

	require(file && fgets(text, sizeof(text), file) && strcmp(text, is_replaced ? "new" : "old") == 0,
		"the file is neither the old one nor the new one, as it was said");
	if (file)
		(void)fclose(file);
}

static void ignore_name(void *context, const char *name)
{
	(void)name;
	(*(uint32_t *)context)++;
}

static void run_files(void)
{
	char path[STAGE_PATH_BYTES], text[STAGE_PATH_BYTES] = "";
	uint32_t count = 77;

	path_of("notes", path);
	begin("takt_os_file_replace");
	const int is_replaced = end(takt_os_file_replace(path, "new", 3), FILE_MAY, 0);
	read_back(path, is_replaced);
	begin("takt_os_file_read");
	if (!end(takt_os_file_read(path, text, sizeof(text), &count), FILE_MAY, MAY(ABSENT)))
		require(count == 77, "an output was touched");
	begin("takt_os_file_list");
	count = 0;
	if (end(takt_os_file_list(stage_root(), ignore_name, &count), MAY(ABSENT) | MAY(SYSTEM), MAY(ABSENT)))
		require(count >= 4, "the list is not whole");
	begin("takt_os_file_absolute");
	memcpy(text, "untouched", sizeof("untouched"));
	if (!end(takt_os_file_absolute(path, text, sizeof(text)), FILE_MAY, MAY(ABSENT)))
		require(strcmp(text, "untouched") == 0, "an output was touched");
	path_of("sheet", path);
	begin("takt_os_file_write");
	FILE *file = takt_os_file_write(path);
	expect(file != NULL, "a file cannot be written");
	if (file)
		(void)fclose(file);
	path_of("shelf", path);
	begin("takt_os_file_make_folder");
	(void)end(takt_os_file_make_folder(path), MAY(ABSENT) | MAY(DENIED) | MAY(NO_SPACE) | MAY(SYSTEM), 0);
	begin("takt_os_file_make_folder, again");
	(void)end(takt_os_file_make_folder(path), MAY(ABSENT) | MAY(DENIED) | MAY(NO_SPACE) | MAY(SYSTEM), 0);
	begin("takt_os_file_is_program");
	expect(takt_os_file_is_program("/bin/sh"), "a shell is no program");
	(void)takt_os_output_is_terminal();
	(void)takt_os_errors_are_terminal();
	(void)takt_os_terminal_columns();
}

/* ---------------------------------------------------------------------------------------------------- programs */

static struct takt_os_process process;

/* Waits for its end as the supervisor does: by its descriptor, and now and then by asking. */
static int wait_end(struct takt_os_end *ended)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + 10 * TAKT_NS_PER_S;

	while (takt_os_clock_now_ns() < end_ns) {
		unsigned char ready;
		const enum takt_status status = takt_os_process_reap(&process, ended);
		if (status == TAKT_OK)
			return 1;
		const uint64_t look_ns = takt_os_clock_now_ns() + 2 * TAKT_NS_PER_MS;
		if (takt_os_pipe_wait_many(&process.descriptor, 1, look_ns, &ready) == TAKT_SYSTEM ||
		    process.descriptor < 0)
			(void)takt_os_clock_sleep_until(look_ns);
	}
	return 0;
}

static int start(const char *const *arguments)
{
	const char *const environment[] = {"TAKT_TEST=1", NULL};

	process = (struct takt_os_process){0};
	begin(arguments[0]);
	if (end(takt_os_process_start(&process, arguments, environment),
		MAY(ABSENT) | MAY(DENIED) | MAY(NO_SPACE) | MAY(LIMIT) | MAY(SYSTEM) | MAY(MISMATCH), 0))
		return 1;
	require(process.id == 0 && !process.running, "an output was touched");
	return 0;
}

static void run_short_program(void)
{
	static const char *const arguments[] = {"true", NULL};
	struct takt_os_end ended = {0};

	if (!start(arguments))
		return;
	require(wait_end(&ended), "its end is not seen");
	expect(!ended.signalled && ended.code == 0, "it did not end well");
	takt_os_process_close(&process);
}

static void run_long_program(void)
{
	static const char *const arguments[] = {"sleep", "100", NULL};
	struct takt_os_end ended = {0};

	if (!start(arguments))
		return;
	begin("takt_os_process_signal");
	enum takt_status status = takt_os_process_signal(&process, TAKT_OS_PROCESS_TERMINATE);
	require(status == TAKT_OK || status == TAKT_ABSENT || status == TAKT_DENIED, "a status that is not listed");
	expect(status == TAKT_OK, "the signal was not sent");
	if (status == TAKT_DENIED)
		require(takt_os_process_signal(&process, TAKT_OS_PROCESS_KILL) == TAKT_OK, "nor a second one");
	/* The system may have said of a living one that it is not there: then the next signal reaches it. */
	if (status == TAKT_ABSENT) {
		status = takt_os_process_signal(&process, TAKT_OS_PROCESS_KILL);
		require(status == TAKT_OK || status == TAKT_ABSENT, "nor a second one");
	}
	require(wait_end(&ended), "its end is not seen");
	takt_os_process_close(&process);
}

static void run_pipes(void)
{
	int reader = -1, writer = -1;

	begin("takt_os_pipe_create");
	if (!end(takt_os_pipe_create(&reader, &writer), MAY(NO_SPACE), 0)) {
		require(reader == -1 && writer == -1, "an output was touched");
		return;
	}
	begin("takt_os_pipe_adopt");
	(void)end(takt_os_pipe_adopt(reader), MAY(INVALID), 0);
	takt_os_pipe_close(&reader);
	takt_os_pipe_close(&writer);
}

static void run_programs(void)
{
	char folder[STAGE_PATH_BYTES * 4];

	run_pipes();
	run_short_program();
	run_long_program();
	begin("takt_os_program_folder");
	(void)end(takt_os_program_folder(folder, sizeof(folder)), MAY(LIMIT) | MAY(SYSTEM), MAY(LIMIT) | MAY(SYSTEM));
}

const struct scenario other_scenarios[] = {
	{"tool", NULL, run_tool, NULL, 0, 0},
	{"files", prepare_files, run_files, NULL, 0, 1},
	{"programs", NULL, run_programs, NULL, 0, 1},
};
const uint32_t other_scenario_count = sizeof(other_scenarios) / sizeof(other_scenarios[0]);
