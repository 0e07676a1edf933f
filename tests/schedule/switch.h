/* SPDX-License-Identifier: Apache-2.0 */
/* Changing stacks: what a called function must keep lies on the stack that is left. ucontext asks the kernel each time. */
#ifndef TAKT_TEST_SCHEDULE_SWITCH_H
#define TAKT_TEST_SCHEDULE_SWITCH_H

/* Leaves this stack, noting in `*left` where it is, for the one at `entered`. */
void switch_stack(unsigned char **left, unsigned char *entered);

/* A stack on which `entry` will run when it is entered first. @param top aligned to 64 @retval what to enter */
unsigned char *switch_prepare(unsigned char *top, void (*entry)(void));

#endif
