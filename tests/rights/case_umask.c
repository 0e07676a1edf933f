/* SPDX-License-Identifier: Apache-2.0 */
/* A whole life of a domain under three umasks: what is in shared memory has the config's mode to the bit, and nothing that takt makes
 * anywhere may be written by everybody. */
#include "tests/rights/cases.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/clock.h"
#include "tests/rights/actor.h"
#include "tests/rights/world.h"

#define WAIT_NS	 (30 * TAKT_NS_PER_S)
#define PAUSE_NS (20 * TAKT_NS_PER_MS)

/* Everything that makes a file: saved parameters, logs, a report. The nodes are `takt run`'s children. */
static const char config_of_a_life[] =
	"domain: %D\n"
	"group: 61100\n"
	"mode: 0660\n"
	"topics:\n"
	"  - {name: tick, type: tick, bytes: 120, depth: 64, mode: 0640}\n"
	"  - {name: tock, type: tock, bytes: 16, depth: 64, publishers: 2, group: 61101, mode: 0664}\n"
	"nodes:\n"
	"  - {name: ticker, program: ticker, publishes: [tick], period_us: 5000, parameter_file: life/saved, restart: never}\n"
	"  - {name: tocker, program: tocker, publishes: [tock], subscribes: [tick], restart: never}\n";

static const struct {
	const char *name;
	gid_t group;
	mode_t mode;
} wanted[] = {
	{"", GROUP_MEMBERS, 01770},
	{"live", GROUP_MEMBERS, 0660},
	{"roster", GROUP_MEMBERS, 0660},
	{"topic.tick", GROUP_MEMBERS, 0640},
	{"live.tick", GROUP_MEMBERS, 0600},
	{"topic.tock", GROUP_PUBLISHERS, 0664},
	{"live.tock", GROUP_PUBLISHERS, 0660},
	{"node.ticker", GROUP_MEMBERS, 0640},
	{"node.tocker", GROUP_MEMBERS, 0640},
	{"command.ticker", GROUP_MEMBERS, 0660},
	{"command.tocker", GROUP_MEMBERS, 0660},
};

struct life {
	mode_t mask;
	char folder[PATH_BYTES];
};

static void refuse_world_writable(void *context, const char *path)
{
	const struct life *life = context;
	struct stat found;

	if (lstat(path, &found) != 0 || S_ISLNK(found.st_mode) || S_ISSOCK(found.st_mode))
		return;
	/* The root itself was made so by the test. */
	expect(strcmp(path, world.root) == 0 || (found.st_mode & S_IWOTH) == 0, "umask %03o: %s has mode %04o",
	       life->mask, path, found.st_mode & 07777);
}

static void check_modes(const struct life *life)
{
	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const char *path = wanted[i].name[0] ? world_object(wanted[i].name) : world.folder;
		struct stat found = {0};

		expect(lstat(path, &found) == 0, "umask %03o: %s is not there", life->mask, path);
		expect((found.st_mode & 07777) == wanted[i].mode, "umask %03o: %s has mode %04o, the config says %04o",
		       life->mask, path, found.st_mode & 07777, wanted[i].mode);
		expect(found.st_gid == wanted[i].group && found.st_uid == actor_user(ACTOR_PUBLISHER),
		       "umask %03o: %s is of uid %u, gid %u", life->mask, path, found.st_uid, found.st_gid);
	}
	world_walk(world.folder, refuse_world_writable, (void *)(uintptr_t)life);
	if (world.kind != ROOT_SYSTEM)
		world_walk(world.root, refuse_world_writable, (void *)(uintptr_t)life);
}

static int run_the_domain(int orders, int answers, void *context)
{
	const struct life *life = context;
	char log[2 * PATH_BYTES];
	char report[2 * PATH_BYTES];

	(void)orders;
	/* Kept open, so that the test sees the end of all that was started. */
	(void)fcntl(answers, F_SETFD, 0);
	(void)umask(life->mask);
	(void)snprintf(log, sizeof(log), "%s/log", life->folder);
	(void)snprintf(report, sizeof(report), "%s/report", life->folder);
	(void)setenv("PATH", world.work, 1);
	(void)execl(world.takt, "takt", "run", world.config, "--log", log, "--report", report, "--keep", (char *)NULL);
	return 112;
}

static int is_running(void)
{
	struct said said;

	world_takt(&said, ACTOR_PUBLISHER, "node list --domain %D --format csv");
	return said.code == 0 && strstr(said.text, "ticker,running") && strstr(said.text, "tocker,running");
}

static int wait_until_it_runs(const struct life *life, const struct companion *supervisor)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + WAIT_NS;
	struct said said;

	while (!is_running()) {
		struct pollfd ended = {supervisor->answers, POLLIN, 0};

		if (poll(&ended, 1, 0) == 0 && takt_os_clock_now_ns() < end_ns) {
			(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + PAUSE_NS);
			continue;
		}
		companion_said(supervisor, &said);
		expect(0, "umask %03o: the domain does not run: %s", life->mask, said.text);
		return 0;
	}
	return 1;
}

/* As the publisher, with the umask of this life. */
static void command(const struct life *life, const char *verb, const char *second, const char *third)
{
	const char *const arguments[] = {world.takt, verb, second, third, NULL};
	struct said said;

	actor_execute(&said, ACTOR_PUBLISHER, life->mask, arguments);
	expect(said.code == 0, "umask %03o: takt %s %s: exit %d: %s", life->mask, verb, second, said.code, said.text);
}

static void live_once(struct life *life)
{
	struct companion supervisor;
	struct said said;
	struct stat found;

	char log[2 * PATH_BYTES];

	(void)snprintf(life->folder, sizeof(life->folder), "%s/life", world.work);
	(void)snprintf(log, sizeof(log), "%s/log", life->folder);
	expect(mkdir(life->folder, 0755) == 0 && chown(life->folder, actor_user(ACTOR_PUBLISHER), 0) == 0,
	       "no folder for files");
	/* Who forbids himself everything must make the folder of his logs beforehand. */
	if (life->mask == 0777)
		expect(mkdir(log, 0755) == 0 && chown(log, actor_user(ACTOR_PUBLISHER), 0) == 0, "no folder for logs");
	companion_start(&supervisor, ACTOR_PUBLISHER, run_the_domain, life);
	if (!wait_until_it_runs(life, &supervisor)) {
		(void)kill(supervisor.process, SIGTERM);
		(void)companion_end(&supervisor);
		return;
	}
	check_modes(life);
	command(life, "command", "ticker", "ping");
	command(life, "param", "save", "ticker");
	command(life, "topic", "list", "--format=csv");
	check_modes(life);
	command(life, "command", "tocker", "quit");
	command(life, "command", "ticker", "quit");
	expect(companion_end(&supervisor) == 0, "umask %03o: takt run has failed", life->mask);
	world_walk(life->folder, refuse_world_writable, life);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const made[] = {"saved", "report", "log/ticker.log"};
		char path[2 * PATH_BYTES];

		(void)snprintf(path, sizeof(path), "%s/%s", life->folder, made[i]);
		expect(stat(path, &found) == 0, "umask %03o: %s was not made", life->mask, path);
	}
	world_takt(&said, ACTOR_PUBLISHER, "clean %D");
	expect(said.code == 0 && access(world.folder, F_OK) != 0, "umask %03o: takt clean: %s", life->mask, said.text);
	world_remove_tree(life->folder);
}

void case_umask(void)
{
	static const mode_t masks[] = {0, 077, 0777};

	/* In a folder of root's alone root makes the domain's. */
	if (world.kind == ROOT_CLOSED) {
		note("an ordinary user makes no domain there");
		return;
	}
	world_config(config_of_a_life);
	(void)setenv("TAKT_DOMAIN", world.domain, 1);
	for (unsigned i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		struct life life = {.mask = masks[i]};

		live_once(&life);
	}
	(void)unsetenv("TAKT_DOMAIN");
}
