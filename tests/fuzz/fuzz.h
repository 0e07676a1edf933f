/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share. A target defines LLVMFuzzerTestOneInput: bytes as somebody else may have written them. It is linked
 * with libFuzzer (preset `fuzz`), or with replay.c, which runs it over the files of its corpus, so that the corpus is a regression test of
 * every build. FUZZ_CHECK says what must hold besides "it does not crash".
 */
#ifndef TAKT_TEST_FUZZ_H
#define TAKT_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #condition))
void fuzz_failed(const char *file, int line, const char *condition) __attribute__((noreturn));

/* ------------------------------------------------------------------------------------------------------ input */

/* Takes an input apart. At its end it gives zeroes. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

/* A number of 1 to 8 bytes, the lowest first. */
uint64_t fuzz_number(struct fuzz_input *input, uint32_t bytes);
/* Copies up to `bytes` bytes. @retval how many there were */
size_t fuzz_bytes(struct fuzz_input *input, void *to, size_t bytes);
/* Everything up to the next zero byte, which is passed over; cut to the buffer, and ended by a zero. */
void fuzz_text(struct fuzz_input *input, char *text, size_t text_bytes);

/* ---------------------------------------------------------------------------------------------------- messages */

/* What the product said since fuzz_listen. Each message is checked: it is not empty and cannot move a terminal's cursor. */
struct fuzz_said {
	uint32_t count;
	uint32_t error_count;
	char last[1024];
	void (*on_message)(const char *text); /* told of each as well; NULL: nobody */
};
extern struct fuzz_said fuzz_said;
void fuzz_listen(void);

/* ---------------------------------------------------------------------------------------------------- resources */

/* A folder of this process for its files, removed at exit; TAKT_SHM_FOLDER names it from the first call on. */
const char *fuzz_folder(void);
/* Writes a file in it. */
void fuzz_write(const char *name, const void *bytes, size_t count);
/* Copies the path of a file in it. */
void fuzz_path(char path[160], const char *name);

/* The lowest free descriptor: higher than before when one has leaked. */
int fuzz_free_descriptor(void);

/* What tools print goes there. */
void fuzz_hush(void);

#endif
