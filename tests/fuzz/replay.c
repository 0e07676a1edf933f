/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over files, where there is no libFuzzer. usage: fuzz_NAME [FILE or FOLDER]... */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_BYTES_MAX (1024u * 1024u)

static unsigned input_count;

/* The input is copied to memory of exactly its size, so that a sanitizer sees the first byte read behind it. */
static int replay_file(const char *path)
{
	static unsigned char buffer[INPUT_BYTES_MAX];
	FILE *file = fopen(path, "rb");
	size_t size = file ? fread(buffer, 1, sizeof(buffer), file) : 0;
	uint8_t *data = malloc(size ? size : 1);

	if (file == NULL || data == NULL || ferror(file) || size == sizeof(buffer)) {
		perror(path);
		return 1;
	}
	(void)fclose(file);
	memcpy(data, buffer, size);
	(void)fprintf(stderr, "%s\n", path);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	input_count++;
	return 0;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_folder(const char *path)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_input, alphasort);
	int failed = count <= 0;

	for (int i = 0; i < count; i++) {
		char file[1024];

		(void)snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		failed |= replay_file(file);
		free(entries[i]);
	}
	free(entries);
	if (count <= 0)
		(void)fprintf(stderr, "%s: a corpus is a folder with files\n", path);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++) {
		struct stat status;

		if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode))
			failed |= replay_folder(argv[i]);
		else
			failed |= replay_file(argv[i]);
	}
	(void)fprintf(stderr, "%s: %u inputs\n", argv[0], input_count);
	return failed || input_count == 0;
}
