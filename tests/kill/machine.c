/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and instruction words differ from processor to processor, so this file is written once for each. */
#include "tests/kill/machine.h"

#include <elf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#if defined(__x86_64__) || defined(__aarch64__)
static void require(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(2);
}
#endif

#if defined(__x86_64__)

#define CODE_SYSTEM_CALL 0x050fu
#define CODE_BREAKPOINT	 0xccu

const char *machine_is_unknown(void)
{
	return NULL;
}

uint64_t machine_address(pid_t process)
{
	return (uint64_t)ptrace(PTRACE_PEEKUSER, process, offsetof(struct user_regs_struct, rip), NULL);
}

void machine_set_address(pid_t process, uint64_t address)
{
	require(ptrace(PTRACE_POKEUSER, process, offsetof(struct user_regs_struct, rip), address) == 0,
		"moving a process");
}

uint64_t machine_return_address(pid_t process)
{
	const uint64_t stack = (uint64_t)ptrace(PTRACE_PEEKUSER, process, offsetof(struct user_regs_struct, rsp), NULL);

	return (uint64_t)ptrace(PTRACE_PEEKDATA, process, stack, NULL);
}

uint64_t machine_with_breakpoint(uint64_t text)
{
	return (text & ~UINT64_C(0xff)) | CODE_BREAKPOINT;
}

uint64_t machine_behind_breakpoint(uint64_t address)
{
	return address + 1;
}

int machine_is_system_call(uint64_t text)
{
	return (text & 0xffffu) == CODE_SYSTEM_CALL;
}

/* A locked instruction is one instruction. */
uint64_t machine_atomic_end(uint64_t address, uint64_t (*text_at)(uint64_t address))
{
	(void)address;
	(void)text_at;
	return 0;
}

#elif defined(__aarch64__)

/* Source: Arm Architecture Reference Manual, A-profile (DDI 0487), chapter C4: SVC #0, BRK #0, load/store exclusive,
 * compare and branch, conditional branch. */
#define CODE_SYSTEM_CALL   0xd4000001u
#define CODE_BREAKPOINT	   0xd4200000u
#define EXCLUSIVE_MASK	   0x3fc00000u
#define EXCLUSIVE_LOAD	   0x08400000u
#define EXCLUSIVE_STORE	   0x08000000u
#define PAIR_SWAP_MASK	   0x80200000u
#define PAIR_SWAP	   0x00200000u
#define COMPARE_BRANCH	   0x35000000u
#define COMPARE_MASK	   0x7f000000u
#define CONDITION_BRANCH   0x54000000u
#define CONDITION_MASK	   0xff000010u
#define INSTRUCTION_BYTES  4u
#define EXCLUSIVE_SPAN_MAX 16u

const char *machine_is_unknown(void)
{
	return NULL;
}

/* A compare-and-swap of a pair has the same bits, but for these two. */
static int is_exclusive(uint32_t code, uint32_t wanted)
{
	return (code & EXCLUSIVE_MASK) == wanted && (code & PAIR_SWAP_MASK) != PAIR_SWAP;
}

static struct user_regs_struct registers_of(pid_t process)
{
	struct user_regs_struct registers;
	struct iovec part = {&registers, sizeof(registers)};

	require(ptrace(PTRACE_GETREGSET, process, NT_PRSTATUS, &part) == 0, "reading registers");
	return registers;
}

uint64_t machine_address(pid_t process)
{
	return registers_of(process).pc;
}

void machine_set_address(pid_t process, uint64_t address)
{
	struct user_regs_struct registers = registers_of(process);
	struct iovec part = {&registers, sizeof(registers)};

	registers.pc = address;
	require(ptrace(PTRACE_SETREGSET, process, NT_PRSTATUS, &part) == 0, "moving a process");
}

uint64_t machine_return_address(pid_t process)
{
	return registers_of(process).regs[30];
}

uint64_t machine_with_breakpoint(uint64_t text)
{
	return (text & ~UINT64_C(0xffffffff)) | CODE_BREAKPOINT;
}

/* The program counter stays at the breakpoint. */
uint64_t machine_behind_breakpoint(uint64_t address)
{
	return address;
}

int machine_is_system_call(uint64_t text)
{
	return (uint32_t)text == CODE_SYSTEM_CALL;
}

/* The branch's target: an offset in instructions in bits 5 to 23. */
static uint64_t target_of(uint64_t address, uint32_t code)
{
	const int64_t offset = (int64_t)((uint64_t)((code >> 5) & 0x7ffffu) << 45) >> 45;

	return address + (uint64_t)(offset * (int64_t)INSTRUCTION_BYTES);
}

/* A load exclusive, perhaps a branch out when the value is another, a store exclusive, a branch back when it failed. A stop between
 * them clears the monitor, so a stepped one would never end. The branch out must lead to where the loop ends too. */
uint64_t machine_atomic_end(uint64_t address, uint64_t (*text_at)(uint64_t address))
{
	uint64_t out = 0;

	if (!is_exclusive((uint32_t)text_at(address), EXCLUSIVE_LOAD))
		return 0;
	for (unsigned i = 1; i < EXCLUSIVE_SPAN_MAX; i++) {
		const uint64_t at = address + i * INSTRUCTION_BYTES;
		const uint32_t code = (uint32_t)text_at(at);

		if ((code & CONDITION_MASK) == CONDITION_BRANCH)
			out = target_of(at, code);
		if (!is_exclusive(code, EXCLUSIVE_STORE))
			continue;
		const uint64_t behind = at + INSTRUCTION_BYTES;
		const uint32_t last = (uint32_t)text_at(behind);
		const int is_loop = (last & COMPARE_MASK) == COMPARE_BRANCH && target_of(behind, last) <= address;
		const uint64_t end = is_loop ? behind + INSTRUCTION_BYTES : behind;

		return out == 0 || out == end ? end : UINT64_MAX;
	}
	return UINT64_MAX;
}

#else

const char *machine_is_unknown(void)
{
	return "stepping is written for x86-64 and AArch64; 32-bit ARM has no PTRACE_SINGLESTEP";
}

uint64_t machine_address(pid_t process)
{
	(void)process;
	return 0;
}

void machine_set_address(pid_t process, uint64_t address)
{
	(void)process;
	(void)address;
}

uint64_t machine_return_address(pid_t process)
{
	(void)process;
	return 0;
}

uint64_t machine_with_breakpoint(uint64_t text)
{
	return text;
}

uint64_t machine_behind_breakpoint(uint64_t address)
{
	return address;
}

int machine_is_system_call(uint64_t text)
{
	(void)text;
	return 0;
}

uint64_t machine_atomic_end(uint64_t address, uint64_t (*text_at)(uint64_t address))
{
	(void)address;
	(void)text_at;
	return 0;
}

#endif
