/* SPDX-License-Identifier: Apache-2.0 */
/* What a process holds of the system, and what lies in the folder: looked at before a scenario and after it. */
#ifndef TAKT_TEST_FAILING_AUDIT_H
#define TAKT_TEST_FAILING_AUDIT_H

#include <stdint.h>

/* Remembers descriptors, mappings, threads and locks as they are now. */
void audit_begin(void);
/* Compares: whatever is more than before is bad. All that was opened must have been closed by now. */
void audit_end(void);

/* Remembers the names in the folder as those that may be there; one that is not among them is bad. */
void names_allow(void);
/* @param leftovers_allowed 1: a file whose removal was made to fail may still be there, for the next maker or a clean-up */
void names_check(int leftovers_allowed);

/* Removes what may not be there, so that one failure is not told again in every run behind it. */
void names_sweep(void);

#endif
