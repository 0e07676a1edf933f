/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rights, tried by real users at every door. Run as root: it becomes others in processes of their own.
 *
 *	rights --takt FOLDER --nodes FOLDER [--only CASE] [--root sticky|closed|system] [--stop-early]
 *
 * exit: 0 all hold, 1 something does not, 77 this process may not become other users
 */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rights/actor.h"
#include "tests/rights/cases.h"
#include "tests/rights/world.h"

#define EXIT_SKIPPED 77
#define TMPFS_NUMBER 0x01021994

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{"reader", case_reader},
	{"queue", case_queue},
	{"forged_config", case_forged_config},
	{"looker", case_looker},
	{"stranger", case_stranger},
	{"folder_taken", case_folder_taken},
	{"objects_taken", case_objects_taken},
	{"wrong_rights", case_wrong_rights},
	{"replies_taken", case_replies_taken},
	{"exchanged_names", case_exchanged_names},
	{"commander", case_commander},
	{"access", case_access},
	{"locks", case_locks},
	{"umask", case_umask},
};

static const char *const root_names[ROOT_KIND_COUNT] = {"sticky", "closed", "system"};

struct choice {
	const char *takt;
	const char *nodes;
	const char *only;
	const char *root;
	int stops_early;
};

static int choose(struct choice *choice, int argc, char **argv)
{
	*choice = (struct choice){0};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--stop-early") == 0)
			choice->stops_early = 1;
		else if (i + 1 >= argc)
			return 0;
		else if (strcmp(argv[i], "--takt") == 0)
			choice->takt = argv[++i];
		else if (strcmp(argv[i], "--nodes") == 0)
			choice->nodes = argv[++i];
		else if (strcmp(argv[i], "--only") == 0)
			choice->only = argv[++i];
		else if (strcmp(argv[i], "--root") == 0)
			choice->root = argv[++i];
		else
			return 0;
	}
	return choice->takt != NULL && choice->nodes != NULL;
}

static int try_to_become(void *context)
{
	(void)context;
	return geteuid() == actor_user(ACTOR_STRANGER) ? 0 : 1;
}

/* Why this cannot be tested here; NULL: it can. */
static const char *obstacle(void)
{
	struct statfs memory;
	struct said said;

	if (geteuid() != 0)
		return "not root, so it cannot become other users";
	if (setgroups(0, NULL) != 0)
		return "this root may not change its groups";
	if (statfs("/dev/shm", &memory) != 0 || memory.f_type != TMPFS_NUMBER)
		return "/dev/shm is no tmpfs";
	actor_run(&said, ACTOR_STRANGER, 022, try_to_become, NULL);
	return said.code == 0 ? NULL : "this root may not become other users";
}

static void run_case(unsigned index, enum root_kind kind)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%s (%s)", cases[index].name, root_names[kind]);
	begin_case(name);
	world_begin(kind);
	cases[index].run();
	world_end();
}

static unsigned run_all(const struct choice *choice)
{
	unsigned ran = 0;

	for (enum root_kind kind = 0; kind < ROOT_KIND_COUNT; kind++) {
		for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			if ((choice->only && strcmp(choice->only, cases[i].name) != 0) ||
			    (choice->root && strcmp(choice->root, root_names[kind]) != 0))
				continue;
			run_case(i, kind);
			ran++;
			if (choice->stops_early && report_failure_count())
				return ran;
		}
	}
	return ran;
}

int main(int argc, char **argv)
{
	struct choice choice;
	unsigned ran;

	if (!choose(&choice, argc, argv)) {
		(void)fprintf(stderr,
			      "usage: %s --takt FOLDER --nodes FOLDER [--only CASE] [--root KIND] [--stop-early]\n",
			      argv[0]);
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)unsetenv("TAKT_DOMAIN");
	report_init();
	begin_case("this machine");
	const char *reason = obstacle();
	if (reason) {
		(void)printf("rights: skipped: %s\n", reason);
		return EXIT_SKIPPED;
	}
	if (!world_programs_copy(choice.takt, choice.nodes)) {
		(void)fprintf(stderr, "rights: cannot copy the programs of %s and %s\n", choice.takt, choice.nodes);
		return 2;
	}
	ran = run_all(&choice);
	world_programs_remove();
	(void)printf("rights: %u cases, %llu checks, %llu failures\n", ran, (unsigned long long)report_check_count(),
		     (unsigned long long)report_failure_count());
	return ran == 0 ? 2 : report_failure_count() ? 1 : 0;
}
