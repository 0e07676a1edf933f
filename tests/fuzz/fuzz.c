/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/message.h"

struct fuzz_said fuzz_said;
static char folder[64];

void fuzz_failed(const char *file, int line, const char *condition)
{
	(void)fprintf(stderr, "%s:%d: FUZZ_CHECK(%s) does not hold; the last message: %s\n", file, line, condition,
		      fuzz_said.last);
	abort();
}

uint64_t fuzz_number(struct fuzz_input *input, uint32_t bytes)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < bytes && input->left; i++, input->at++, input->left--)
		number |= (uint64_t)*input->at << (8 * i);
	return number;
}

size_t fuzz_bytes(struct fuzz_input *input, void *to, size_t bytes)
{
	size_t count = bytes < input->left ? bytes : input->left;

	if (count)
		memcpy(to, input->at, count);
	input->at += count;
	input->left -= count;
	return count;
}

void fuzz_text(struct fuzz_input *input, char *text, size_t text_bytes)
{
	const uint8_t *zero = input->left ? memchr(input->at, '\0', input->left) : NULL;
	size_t length = zero ? (size_t)(zero - input->at) : input->left;
	size_t copied = length < text_bytes ? length : text_bytes - 1;

	if (copied)
		memcpy(text, input->at, copied);
	text[copied] = '\0';
	input->at += length + (zero != NULL);
	input->left -= length + (zero != NULL);
}

/* ---------------------------------------------------------------------------------------------------- messages */

static void hear(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	fuzz_said.count++;
	fuzz_said.error_count += severity == TAKT_ERROR;
	(void)snprintf(fuzz_said.last, sizeof(fuzz_said.last), "%s", text);
	FUZZ_CHECK(text[0] != '\0' && strlen(text) < TAKT_MESSAGE_BYTES_MAX);
	for (const char *at = text; *at; at++)
		FUZZ_CHECK((unsigned char)*at >= ' ' && *at != '\x7f');
	if (fuzz_said.on_message)
		fuzz_said.on_message(text);
}

void fuzz_listen(void)
{
	fuzz_said.count = fuzz_said.error_count = 0;
	fuzz_said.last[0] = '\0';
	takt_message_handler_set(hear, NULL);
}

/* ---------------------------------------------------------------------------------------------------- resources */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status, (void)kind, (void)walk;
	return remove(path);
}

static void remove_folder(void)
{
	(void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
	const char *parent = getenv("TAKT_FUZZ_FOLDER"); /* fuzz.sh removes it, also when a target crashes */

	if (folder[0])
		return folder;
	(void)snprintf(folder, sizeof(folder), "%.40s/takt-fuzz-XXXXXX", parent ? parent : "/dev/shm");
	FUZZ_CHECK(mkdtemp(folder) != NULL);
	FUZZ_CHECK(setenv("TAKT_SHM_FOLDER", folder, 1) == 0);
	FUZZ_CHECK(atexit(remove_folder) == 0);
	return folder;
}

void fuzz_path(char path[160], const char *name)
{
	FUZZ_CHECK(snprintf(path, 160, "%s/%s", fuzz_folder(), name) < 160);
}

void fuzz_write(const char *name, const void *bytes, size_t count)
{
	char path[160];

	fuzz_path(path, name);
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FUZZ_CHECK(descriptor >= 0);
	FUZZ_CHECK(write(descriptor, bytes, count) == (ssize_t)count);
	FUZZ_CHECK(close(descriptor) == 0);
}

int fuzz_free_descriptor(void)
{
	int descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	FUZZ_CHECK(descriptor >= 0 && close(descriptor) == 0);
	return descriptor;
}

void fuzz_hush(void)
{
	static int is_hushed;

	if (is_hushed)
		return;
	is_hushed = 1;
	FUZZ_CHECK(freopen("/dev/null", "w", stdout) != NULL);
}
