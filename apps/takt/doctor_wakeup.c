/* SPDX-License-Identifier: Apache-2.0 */
/* How late a sleeping thread wakes up on this machine, against the shortest span of the config. */
#include "apps/takt/doctor.h"

#include <stdlib.h>

#include "platform/clock.h"
#include "platform/thread.h"

#define COUNT	   1000
#define PERIOD_NS  UINT64_C(1000000)
#define LATE_INDEX 999 /* of a thousand: p99.9 is the largest but one */
#define SHARE_OK   0.5 /* of the span; the rest is for the work itself, as in `takt bench` */

static int compare(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

void doctor_wakeup_measure(struct doctor_wakeup *wakeup, uint32_t priority)
{
	static uint64_t lateness_ns[COUNT];
	const struct takt_os_schedule ordinary = {TAKT_OS_POLICY_OTHER, 0, 0};
	const struct takt_os_schedule wanted = {priority ? TAKT_OS_POLICY_FIFO : TAKT_OS_POLICY_OTHER, priority, 0};

	*wakeup = (struct doctor_wakeup){.priority = priority};
	if (takt_os_thread_schedule(&wanted) != TAKT_OK)
		return;
	uint64_t due_ns = takt_os_clock_now_ns();
	for (uint32_t i = 0; i < COUNT; i++) {
		due_ns += PERIOD_NS;
		if (takt_os_clock_sleep_until(due_ns) != TAKT_OK)
			break;
		const uint64_t now_ns = takt_os_clock_now_ns();
		lateness_ns[i] = now_ns - due_ns;
		wakeup->count = i + 1;
		/* What came late does not make the next ones late. */
		while (due_ns + PERIOD_NS < now_ns)
			due_ns += PERIOD_NS;
	}
	(void)!takt_os_thread_schedule(&ordinary);
	if (wakeup->count < COUNT) {
		wakeup->count = 0;
		return;
	}
	qsort(lateness_ns, COUNT, sizeof(lateness_ns[0]), compare);
	wakeup->p999_ns = lateness_ns[LATE_INDEX - 1];
	wakeup->max_ns = lateness_ns[COUNT - 1];
}

/* A measurement of one second on a machine that may be busy is no proof that a config cannot run: it only warns. */
void doctor_judge_wakeup(struct doctor_report *report, const struct doctor_wakeup *wakeup,
			 const struct doctor_need *need)
{
	const double us = (double)wakeup->p999_ns / 1e3;
	const double share = need->shortest_us ? us / (double)need->shortest_us : 0;
	struct doctor_finding *finding;

	if (wakeup->count == 0)
		return;
	finding = doctor_add(report, share > SHARE_OK ? DOCTOR_WARNING : DOCTOR_OK, "wake-up");
	if (wakeup->priority)
		doctor_say(finding->found, "p99.9 is %.0f us, max %.0f us, at fifo %u", us,
			   (double)wakeup->max_ns / 1e3, wakeup->priority);
	else
		doctor_say(finding->found, "p99.9 is %.0f us, max %.0f us, at ordinary priority", us,
			   (double)wakeup->max_ns / 1e3);
	if (need->shortest_us)
		doctor_say(finding->expected,
			   share > SHARE_OK ? "at most half of what `%s` allows, %llu us" : "`%s` allows %llu us",
			   need->shortest_name, (unsigned long long)need->shortest_us);
	if (finding->severity == DOCTOR_OK)
		return;
	doctor_say(finding->why, "%s; what else is found here may be why",
		   share > 1.0 ? "this machine does not keep it" : "less than half is left for the work");
	doctor_say(finding->mend,
		   "takt bench wake periodic --config %s   # measures it longer, beside the raw mechanism", need->path);
}
