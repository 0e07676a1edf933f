/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_program.h"

#include <string.h>

#include "platform/clock.h"
#include "platform/pipe.h"
#include "platform/process.h"

#define LOOK_NS (50 * TAKT_NS_PER_MS) /* where the kernel has no descriptor for a process */

/* Takes what it printed; what does not fit is thrown away, so that it never waits for room in the pipe. */
static void take_text(const struct takt_os_process *process, struct trace_program_end *end, uint32_t *used)
{
	char more[512];
	uint32_t count = 0;

	while (takt_os_pipe_read(process->output, more, sizeof(more), &count) == TAKT_OK) {
		uint32_t room = TRACE_PROGRAM_TEXT_BYTES - 1 - *used;
		uint32_t taken = count < room ? count : room;

		memcpy(end->text + *used, more, taken);
		*used += taken;
	}
	end->text[*used] = '\0';
}

enum takt_status trace_program_run(const char *const *arguments, uint64_t deadline_ns, struct trace_program_end *end)
{
	struct takt_os_process process = {0};
	struct takt_os_end ended = {0};
	uint32_t used = 0;
	int was_killed = 0;
	enum takt_status status = takt_os_process_start(&process, arguments, NULL);

	end->text[0] = '\0';
	if (status != TAKT_OK)
		return status;
	while (takt_os_process_reap(&process, &ended) == TAKT_EMPTY) {
		uint64_t now_ns = takt_os_clock_now_ns();
		const int descriptors[2] = {process.descriptor, process.output};
		unsigned char ready[2];

		if (now_ns >= deadline_ns && !was_killed) {
			was_killed = 1;
			(void)!takt_os_process_signal(&process, TAKT_OS_PROCESS_KILL);
		}
		(void)!takt_os_pipe_wait_many(descriptors, 2, now_ns + LOOK_NS, ready);
		take_text(&process, end, &used);
	}
	take_text(&process, end, &used);
	takt_os_process_close(&process);
	end->code = ended.signalled ? -1 : ended.code;
	return was_killed ? TAKT_TIMEOUT : TAKT_OK;
}
