/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/schedule/switch.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define SAVED_WORDS 6u
__asm__(".text\n"
	".globl switch_stack\n"
	".type switch_stack, @function\n"
	"switch_stack:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size switch_stack, .-switch_stack\n");

unsigned char *switch_prepare(unsigned char *top, void (*entry)(void))
{
	/* As if entry had been called: its return address, which is never used, keeps the alignment that it expects. */
	uint64_t words[SAVED_WORDS + 2] = {0};
	words[SAVED_WORDS] = (uint64_t)(uintptr_t)entry;
	memcpy(top - sizeof(words), words, sizeof(words));
	return top - sizeof(words);
}
#elif defined(__aarch64__)
#define SAVED_WORDS 20u
#define LINK_WORD   11u
__asm__(".text\n"
	".globl switch_stack\n"
	".type switch_stack, %function\n"
	"switch_stack:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp, #0]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size switch_stack, .-switch_stack\n");

unsigned char *switch_prepare(unsigned char *top, void (*entry)(void))
{
	uint64_t words[SAVED_WORDS] = {0};
	words[LINK_WORD] = (uint64_t)(uintptr_t)entry;
	memcpy(top - sizeof(words), words, sizeof(words));
	return top - sizeof(words);
}
#else
#error "switch_stack is written for x86-64 and AArch64"
#endif
