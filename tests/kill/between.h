/* SPDX-License-Identifier: Apache-2.0 */
/* What the harness does in the victim where takt goes to sleep: tells a companion that its time has come, or runs the loop whose
 * thread would run meanwhile. The linker wraps takt's two ways to sleep for that (CMakeLists.txt). */
#ifndef TAKT_TEST_KILL_BETWEEN_H
#define TAKT_TEST_KILL_BETWEEN_H

/* Called before each sleep of this process; NULL: nothing. It is not called from within itself. */
extern void (*before_sleep)(void);

#endif
