/* SPDX-License-Identifier: Apache-2.0 */
/* `takt doctor`: what a machine lacks for a config, or for real time in general, and the line that mends it. */
#ifndef APPS_TAKT_DOCTOR_H
#define APPS_TAKT_DOCTOR_H

#include <stdint.h>

#include "apps/takt/check.h"
#include "apps/takt/options.h"
#include "apps/takt/output.h"
#include "core/config.h"
#include "platform/machine.h"

#define DOCTOR_FINDINGS_MAX 48
#define DOCTOR_TEXT_BYTES   1280
#define DOCTOR_USERS_MAX    8

extern const struct command doctor_command;

/* argv[0] is "doctor". @retval the exit code: 1 when something keeps the config from running as it declares */
int takt_doctor(int argc, char **argv);

/* ------------------------------------------------------------------------------------------------ what is asked for */

/* What a config asks of a machine. All names are the config's. */
struct doctor_need {
	const char *
		domain; /* NULL: no config; then it is judged for real time in general, and nothing is an error but what takt needs */
	const char *path;
	uint32_t is_real_time; /* 1: some node is fifo, or there is no config */
	uint32_t priority;     /* the highest */
	const char *priority_node;
	uint64_t cpus; /* bit i: some node wants CPU i */
	const char *cpu_nodes[64];
	uint64_t shortest_us; /* deadline or period; 0: none */
	const char *shortest_name;
	uint64_t total_bytes;		     /* of shared memory */
	uint64_t missing_bytes;		     /* of them what is not there yet */
	uint64_t largest_bytes;		     /* the largest object */
	uint64_t files;			     /* descriptors of the process that has most */
	uint64_t names;			     /* objects in the shared-memory folder */
	const char *users[DOCTOR_USERS_MAX]; /* owners; NULL among them: whoever runs takt */
	uint32_t user_ids[DOCTOR_USERS_MAX];
	uint32_t user_count;
};

/* @param config NULL: none  @param memory of check_memory_measure */
void doctor_need_find(struct doctor_need *need, const struct takt_config *config, const struct check_memory *memory);

/* ----------------------------------------------------------------------------------------------------------- findings */

enum doctor_severity { DOCTOR_OK = 0, DOCTOR_WARNING = 1, DOCTOR_ERROR = 2 };

struct doctor_finding {
	enum doctor_severity severity;
	const char *what; /* "swap" */
	char found[DOCTOR_TEXT_BYTES];
	char expected[DOCTOR_TEXT_BYTES];
	char why[DOCTOR_TEXT_BYTES];  /* it matters to takt */
	char mend[DOCTOR_TEXT_BYTES]; /* the line to type; "": nothing to mend */
};

struct doctor_report {
	struct doctor_finding findings[DOCTOR_FINDINGS_MAX];
	uint32_t finding_count;
	uint32_t counts[3]; /* by severity */
};

/* The next finding, with empty texts. */
struct doctor_finding *doctor_add(struct doctor_report *report, enum doctor_severity severity, const char *what);
/* Writes one of a finding's texts. */
void doctor_say(char text[DOCTOR_TEXT_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What facts mean. Pure: the same facts and needs make the same findings. */
void doctor_judge(struct doctor_report *report, const struct takt_os_machine *machine, const struct doctor_need *need);
void doctor_judge_rights(struct doctor_report *report, const struct takt_os_machine *machine,
			 const struct doctor_need *need);
void doctor_judge_processors(struct doctor_report *report, const struct takt_os_machine *machine,
			     const struct doctor_need *need);
void doctor_judge_memory(struct doctor_report *report, const struct takt_os_machine *machine,
			 const struct doctor_need *need);
void doctor_judge_sharing(struct doctor_report *report, const struct takt_os_machine *machine,
			  const struct doctor_need *need);
void doctor_judge_features(struct doctor_report *report, const struct takt_os_machine *machine);

/* Lateness of sleeping threads, measured at this priority. */
struct doctor_wakeup {
	uint64_t p999_ns;
	uint64_t max_ns;
	uint64_t count; /* 0: not measured */
	uint32_t priority;
};
void doctor_judge_wakeup(struct doctor_report *report, const struct doctor_wakeup *wakeup,
			 const struct doctor_need *need);

/* Sleeps for a second, 1,000 times a millisecond. @param priority 0: ordinary */
void doctor_wakeup_measure(struct doctor_wakeup *wakeup, uint32_t priority);

/* ------------------------------------------------------------------------------------------------------------- report */

/* For people: findings first, worst first; what is well in one line unless `all`. @param columns of the terminal */
void doctor_print(FILE *file, const struct doctor_report *report, const struct doctor_need *need, uint32_t all,
		  uint32_t columns, uint32_t is_coloured);

#endif
