/* SPDX-License-Identifier: Apache-2.0 */
/* What the harness must know of the processor: where a stopped process stands, what a breakpoint and a system call look like. */
#ifndef TAKT_TEST_KILL_MACHINE_H
#define TAKT_TEST_KILL_MACHINE_H

#include <stdint.h>
#include <sys/types.h>

/* NULL: known here; else why nothing can be stepped. */
const char *machine_is_unknown(void);

uint64_t machine_address(pid_t process);
void machine_set_address(pid_t process, uint64_t address);
/* To where the function returns whose first instruction it stands at. */
uint64_t machine_return_address(pid_t process);

/* Eight bytes of text with a breakpoint as the first instruction. */
uint64_t machine_with_breakpoint(uint64_t text);
/* Where a process stands that has met a breakpoint at `address`. */
uint64_t machine_behind_breakpoint(uint64_t address);
int machine_is_system_call(uint64_t text);

/**
 * Where the atomic access that begins at `address` ends, for processors on which a step between its halves makes it fail for ever.
 * @param text_at the text at an address
 * @retval 0 no such access begins there  @retval UINT64_MAX one of a shape that is not known
 */
uint64_t machine_atomic_end(uint64_t address, uint64_t (*text_at)(uint64_t address));

#endif
