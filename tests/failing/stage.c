/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/failing/stage.h"

#include <ftw.h>
#include <pwd.h>
#include <grp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/message.h"
#include "tests/failing/plan.h"

TAKT_TYPE(message, struct message, TAKT_FIELD(struct message, seed, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct message, words, TAKT_U64, 3, ""));
const struct takt_type *const message_type = &takt_type_message;

struct verdict *verdict;
uint64_t patience_ns;
int patience_is_short;

static char root[STAGE_PATH_BYTES / 2];

struct message message_of(uint64_t seed)
{
	return (struct message){seed, {seed + 1, seed ^ 0x5a5a5a5a, ~seed}};
}

int message_is_whole(const struct message *message)
{
	const struct message whole = message_of(message->seed);

	return memcmp(message, &whole, sizeof(whole)) == 0;
}

void bad(const char *format, ...)
{
	const uint32_t index = atomic_fetch_add_explicit(&verdict->bad_count, 1, memory_order_seq_cst);
	va_list arguments;

	if (index >= BAD_COUNT_MAX)
		return;
	va_start(arguments, format);
	(void)vsnprintf(verdict->bad[index], BAD_BYTES, format, arguments);
	va_end(arguments);
}

/* ------------------------------------------------------------------------------------------------------ folder */

static void insist(int holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(2);
}

/* All that this process may use, so that binding to them costs nothing: "0, 1". */
static void list_cpus(char *text, size_t bytes)
{
	cpu_set_t cpus;
	size_t used = 0;

	insist(sched_getaffinity(0, sizeof(cpus), &cpus) == 0, "sched_getaffinity");
	for (unsigned cpu = 0; cpu < 64 && used + 8 < bytes; cpu++)
		if (CPU_ISSET(cpu, &cpus))
			used += (size_t)snprintf(text + used, bytes - used, "%s%u", used ? ", " : "", cpu);
}

/* Another group than the maker's own where that is possible, so that the objects' group must be changed. */
static const char *group_name(void)
{
	const struct group *other = geteuid() == 0 ? getgrnam("daemon") : getgrgid(getegid());

	insist(other != NULL, "the group of the objects");
	return other->gr_name;
}

static const char config_format[] =
	"domain: %s\n"
	"owner: %s\n"
	"group: %s\n"
	"mode: \"0660\"\n"
	"wait_slice_us: 100\n"
	"lock_bound_us: 1000000\n"
	"topics:\n"
	"  - {name: solo, type: message, bytes: 32, depth: 8, borrows: 3, loans: 2}\n"
	"  - {name: pair, type: message, bytes: 32, depth: 8, borrows: 3, loans: 2, publishers: 3}\n"
	"  - {name: beat, type: message, bytes: 32, depth: 8}\n"
	"nodes:\n"
	"  - {name: victim, program: x, publishes: [solo, pair], subscribes: [solo, pair, beat], waiters: 2,\n"
	"     parameter_file: %s.parameters, scheduler: {policy: other, cpus: [%s]}}\n"
	"  - {name: bystander, program: x, publishes: [beat, pair], subscribes: [beat, solo, pair], waiters: 1}\n";

void stage_config(const char *domain, char path[STAGE_PATH_BYTES])
{
	(void)snprintf(path, STAGE_PATH_BYTES, "%s/%s.yaml", root, domain);
}

static void write_config(const char *domain)
{
	const struct passwd *owner = getpwuid(geteuid());
	char path[STAGE_PATH_BYTES], cpus[256];

	list_cpus(cpus, sizeof(cpus));
	insist(owner != NULL, "the name of this user");
	stage_config(domain, path);
	FILE *file = fopen(path, "we");
	insist(file != NULL, path);
	(void)fprintf(file, config_format, domain, owner->pw_name, group_name(), domain, cpus);
	insist(fclose(file) == 0, path);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

void stage_begin(void)
{
	(void)snprintf(root, sizeof(root), "/dev/shm/takt-failing-XXXXXX");
	insist(mkdtemp(root) != NULL, root);
	insist(setenv("TAKT_SHM_FOLDER", root, 1) == 0, "setenv");
	write_config("failing");
	write_config("fresh");
}

void stage_end(void)
{
	(void)nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *stage_root(void)
{
	return root;
}

/* ------------------------------------------------------------------------------------------------------- steps */

static const char *step = "";
static uint32_t messages_before;
static _Atomic uint32_t message_count;
static char message_text[TAKT_MESSAGE_BYTES_MAX];

/* Names of objects stand in quotes, or as a path; a "?" for a path that the system does not say. Some have no name. */
static int names_something(const char *text)
{
	static const char *const nameless[] = {"random numbers: ", "pipe: ", "command pipe: descriptor "};

	for (size_t i = 0; i < sizeof(nameless) / sizeof(nameless[0]); i++)
		if (strncmp(text, nameless[i], strlen(nameless[i])) == 0)
			return 1;
	return strchr(text, '\'') != NULL || strchr(text, '/') != NULL || strstr(text, " ?:") != NULL;
}

static void on_message(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	if (severity == TAKT_INFO)
		return;
	/* Two threads may speak; the text is for a person who reads a failure. */
	(void)snprintf(message_text, sizeof(message_text), "%s", text);
	atomic_fetch_add_explicit(&message_count, 1, memory_order_seq_cst);
}

void steps_begin(void)
{
	takt_message_handler_set(on_message, NULL);
}

const char *last_message(void)
{
	return message_text;
}

void begin(const char *what)
{
	step = what;
	messages_before = atomic_load_explicit(&message_count, memory_order_seq_cst);
	message_text[0] = '\0';
}

/* Nothing has failed on purpose. */
static int is_strict(void)
{
	return !plan_is_armed() || plan_hits() == 0;
}

int end(enum takt_status status, uint32_t listed, uint32_t silent)
{
	const uint32_t said = atomic_load_explicit(&message_count, memory_order_seq_cst) - messages_before;

	if (status == TAKT_OK)
		return 1;
	if (status > 0 || status <= -TAKT_STATUS_COUNT || !(listed >> -(int)status & 1u))
		bad("%s: returned '%s', which its header does not list (%s)", step, takt_status_name(status),
		    message_text);
	if (!(silent >> -(int)status & 1u) && said == 0)
		bad("%s: returned '%s' without a message", step, takt_status_name(status));
	if (said != 0 && !names_something(message_text))
		bad("%s: the message names no object: %s", step, message_text);
	if (is_strict() && !(status == TAKT_TIMEOUT && patience_is_short))
		bad("%s: returned '%s', and nothing had failed (%s)", step, takt_status_name(status), message_text);
	return 0;
}

void require(int holds, const char *what)
{
	if (!holds)
		bad("after %s: %s", step, what);
}

void expect(int holds, const char *what)
{
	if (!holds && is_strict() && !patience_is_short)
		bad("after %s: %s, and nothing had failed", step, what);
}
