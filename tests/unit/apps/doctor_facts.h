/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up machine on which nothing is wrong, and a config that asks for much. */
#ifndef TESTS_UNIT_APPS_DOCTOR_FACTS_H
#define TESTS_UNIT_APPS_DOCTOR_FACTS_H

#include <string.h>

#include "apps/takt/doctor.h"

struct facts {
	struct takt_os_machine machine;
	struct doctor_need need;
};

static inline struct takt_os_machine good_machine(void)
{
	return (struct takt_os_machine){
		.rights = {.user_id = 1000,
			   .user = "alice",
			   .priority_max = 99,
			   .priority = {99, 99},
			   .locked_bytes = {TAKT_OS_UNLIMITED, TAKT_OS_UNLIMITED},
			   .files = {1024, 4096},
			   .file_bytes = {TAKT_OS_UNLIMITED, TAKT_OS_UNLIMITED},
			   .process_bytes = 8u << 20,
			   .pipe_atomic_bytes = 4096},
		.budget = {.system_us = 950000, .period_us = 1000000, .group_us = INT64_MIN},
		.processors = {.present = 0xf,
			       .online = 0xf,
			       .usable = 0xf,
			       .governor = "performance",
			       .idle_us = 5,
			       .idle_name = "C1",
			       .idle_bound_us = UINT32_MAX},
		.kernel = {.release = "6.1.0-28-rt-amd64",
			   .machine = "x86_64",
			   .preemption = "PREEMPT_RT",
			   .clock_source = "tsc",
			   .clock_sources = "tsc hpet",
			   .clock_ns = 20,
			   .call_ns = 100},
		.memory = {.available_bytes = 1u << 30, .node_count = 1, .huge_pages = "madvise"},
		.sharing = {.folder = "/dev/shm",
			    .is_there = 1,
			    .may_make = 1,
			    .is_memory = 1,
			    .file_system = "tmpfs",
			    .mount = "/dev/shm",
			    .options = "rw,nosuid,nodev,noexec",
			    .free_bytes = 64u << 20,
			    .total_bytes = 64u << 20,
			    .free_names = 10000,
			    .system_user_max = 999},
		.features =
			{{.name = "OFD locks",
			  .since = "Linux 3.15",
			  .without = "nobody can tell who lives",
			  .is_needed = 1,
			  .state = TAKT_OS_FEATURE_THERE},
			 {.name = "pidfd",
			  .since = "Linux 5.3",
			  .without = "restarts are later",
			  .state = TAKT_OS_FEATURE_THERE},
			 {.name = "O_TMPFILE",
			  .since = "Linux 3.11, on tmpfs",
			  .without = "a file can be left",
			  .state = TAKT_OS_FEATURE_THERE},
			 {.name = "/proc", .since = "mounted", .without = "no names", .state = TAKT_OS_FEATURE_THERE}},
		.feature_count = 4,
	};
}

static inline struct doctor_need demanding_need(void)
{
	struct doctor_need need = {.domain = "robot",
				   .path = "robot.yaml",
				   .is_real_time = 1,
				   .priority = 80,
				   .priority_node = "controller",
				   .cpus = 0x6,
				   .shortest_us = 1000,
				   .shortest_name = "motor",
				   .total_bytes = 4u << 20,
				   .missing_bytes = 4u << 20,
				   .largest_bytes = 1u << 20,
				   .files = 100,
				   .names = 40,
				   .users = {NULL},
				   .user_ids = {1000},
				   .user_count = 1};

	need.cpu_nodes[1] = need.cpu_nodes[2] = "controller";
	return need;
}

static inline struct facts good_facts(void)
{
	return (struct facts){good_machine(), demanding_need()};
}

static inline const struct doctor_finding *find_finding(const struct doctor_report *report, const char *what)
{
	for (uint32_t i = 0; i < report->finding_count; i++)
		if (strcmp(report->findings[i].what, what) == 0)
			return &report->findings[i];
	return NULL;
}

#endif
