/* SPDX-License-Identifier: Apache-2.0 */
/* What takt says on standard error. */
#ifndef APPS_TAKT_MESSAGES_H
#define APPS_TAKT_MESSAGES_H

/* From now on every message of this process appears as "takt: ..." with everything foreign in it escaped. */
void messages_escape(void);

/* From now on none appears, until messages_escape. For questions whose answer "no" is not worth a word. */
void messages_silence(void);

#endif
