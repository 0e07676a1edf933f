/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/doctor.h"

#include <stdarg.h>

#include "platform/message.h"

struct doctor_finding *doctor_add(struct doctor_report *report, enum doctor_severity severity, const char *what)
{
	struct doctor_finding *finding;

	TAKT_ASSERT(report->finding_count < DOCTOR_FINDINGS_MAX);
	finding = &report->findings[report->finding_count++];
	finding->severity = severity;
	finding->what = what;
	finding->found[0] = finding->expected[0] = finding->why[0] = finding->mend[0] = '\0';
	report->counts[severity]++;
	return finding;
}

void doctor_say(char text[DOCTOR_TEXT_BYTES], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, DOCTOR_TEXT_BYTES, format, arguments);
	va_end(arguments);
}

void doctor_judge(struct doctor_report *report, const struct takt_os_machine *machine, const struct doctor_need *need)
{
	report->finding_count = 0;
	report->counts[DOCTOR_OK] = report->counts[DOCTOR_WARNING] = report->counts[DOCTOR_ERROR] = 0;
	doctor_judge_rights(report, machine, need);
	doctor_judge_processors(report, machine, need);
	doctor_judge_memory(report, machine, need);
	doctor_judge_sharing(report, machine, need);
	doctor_judge_features(report, machine);
}
