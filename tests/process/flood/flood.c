/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands under fire: writers flood the pipes of nodes that run at 1 kHz, with right lines, wrong lines, garbage, zero bytes, and lines as
 * long as can be; some are killed in the middle of a write, or of a line; takt's own client works among them.
 *
 *	flood [--lines N] [--nodes N] [--patience SECONDS] [--seed N]
 *
 * Default: 1,000,000 lines to 4 nodes, 20 s for an answer to takt's client, and a seed from the clock, which is printed.
 *
 * A clean phase, in which every line is one write: takt's own counts of commands and refusals equal what was written, to the line. Then a
 * dirty one, a tenth as long, with pieces of lines and lines that no pipe takes whole: what is accepted is still exactly what was right.
 *
 * One node obeys 10,000 lines a second by design, so a million takes 25 seconds on four.
 *
 * Exit: 0 all held, 1 something did not, 2 the flood itself failed.
 */
#include "tests/process/flood/flood.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/domain.h"
#include "platform/clock.h"

#define DIRTY_SHARE	   10u
#define LINES_FOR_DOUBT	   100000u
#define KILL_PAUSE_NS_MAX  (16 * TAKT_NS_PER_MS)
#define READY_NS_MAX	   (20 * TAKT_NS_PER_S)
#define MEMORY_SLACK_BYTES (UINT64_C(256) << 10)  /* buffers of the C library that a first use makes */
#define RATE_LINE_NS	   (100 * TAKT_NS_PER_US) /* a node obeys 10,000 lines a second */
#define RATE_AT_ONCE	   1000u		  /* more than it may obey at once */

struct flood_page *flood_page;
const char *flood_config_path;
uint64_t flood_patience_ns = 20 * TAKT_NS_PER_S;
char flood_folder[96];

static char root[64];
static char config_path[96];
static uint64_t line_count = 1000000, node_count = 4, random_state;
static uint32_t failed;
static uint64_t kill_count, doubt_count;
static pid_t nodes[FLOOD_NODES_MAX];
static pid_t writers[FLOOD_NODES_MAX][FLOOD_WRITER_COUNT];
static unsigned char doubtful[FLOOD_NODES_MAX][FLOOD_TAGS_MAX]; /* tags of a writer killed in the middle of a write */
static int full_pipe = -1;
static int target_pipe = -1; /* behind a link */

static unsigned long long plain(uint64_t number)
{
	return (unsigned long long)number;
}

static void check(int condition, const char *what)
{
	if (condition)
		return;
	failed++;
	(void)printf("FAILED: %s\n", what);
	(void)fflush(stdout);
}

static void pause_for(uint64_t span_ns)
{
	(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + span_ns);
}

/* ------------------------------------------------------------------------------------------------------ processes */

static pid_t fork_or_exit(void)
{
	const pid_t child = fork();

	if (child < 0) {
		perror("fork");
		exit(2);
	}
	/* A flood that is killed takes all with it. */
	if (child == 0)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	return child;
}

static void start_node(uint32_t index)
{
	nodes[index] = fork_or_exit();
	if (nodes[index] == 0)
		_exit(flood_run_node(index));
}

static void start_writer(uint32_t index, uint32_t kind, uint64_t share)
{
	const uint64_t seed = flood_random(&random_state);

	writers[index][kind] = fork_or_exit();
	if (writers[index][kind] == 0)
		_exit(flood_run_writer(index, (enum flood_writer_kind)kind, seed, share));
}

/* @retval 1 it died in the middle of a write, so its last line may be in the pipe or not */
static void kill_mortal(uint32_t index)
{
	struct flood_writer *writer = &flood_page->nodes[index].writers[FLOOD_MORTAL];

	(void)kill(writers[index][FLOOD_MORTAL], SIGKILL);
	(void)waitpid(writers[index][FLOOD_MORTAL], NULL, 0);
	kill_count++;
	const uint64_t tag = atomic_load(&writer->tags);
	if (atomic_load(&writer->begun) == tag)
		return;
	doubtful[index][tag] = 1;
	doubt_count++;
	atomic_store(&writer->tags, tag + 1);
}

static void await_writer(uint32_t index, uint32_t kind)
{
	int how;

	check(waitpid(writers[index][kind], &how, 0) == writers[index][kind] && how == 0, "a writer ends in order");
}

/* Mortal ones are killed and follow one another until the steady ones have written their share. */
static void run_writers(uint64_t share)
{
	uint32_t running = 0;

	for (uint32_t i = 0; i < node_count; i++)
		for (uint32_t kind = 0; kind < FLOOD_WRITER_COUNT; kind++)
			start_writer(i, kind, share);
	do {
		const uint32_t index = (uint32_t)(flood_random(&random_state) % node_count);
		pause_for(flood_random(&random_state) % KILL_PAUSE_NS_MAX);
		kill_mortal(index);
		start_writer(index, FLOOD_MORTAL, 0);
		running = 0;
		for (uint32_t i = 0; i < node_count; i++)
			for (uint32_t kind = 0; kind < FLOOD_MORTAL; kind++) {
				siginfo_t info = {0};
				(void)waitid(P_PID, (id_t)writers[i][kind], &info, WEXITED | WNOHANG | WNOWAIT);
				running += info.si_pid == 0;
			}
		for (uint32_t i = 0; i < node_count; i++)
			if (waitpid(nodes[i], NULL, WNOHANG) != 0)
				check(0, "the nodes live");
	} while (running != 0 && failed == 0);
	atomic_store(&flood_page->writers_end, 1);
	for (uint32_t i = 0; i < node_count; i++) {
		kill_mortal(i);
		for (uint32_t kind = 0; kind < FLOOD_WRITER_COUNT; kind++)
			if (kind != FLOOD_MORTAL)
				await_writer(i, kind);
	}
	atomic_store(&flood_page->writers_end, 0);
}

/* -------------------------------------------------------------------------------------------------------- account */

/* The harness's own lines, counted like a writer's: the steady one's, which does not run now. */
static void ask(uint32_t index, const char *text)
{
	char said[200];

	if (!flood_ask(index, text, said, sizeof(said))) {
		check(0, "a command is answered when the flood is over");
		(void)printf("node %u: %s\n", index, said);
	}
	atomic_fetch_add(&flood_page->nodes[index].writers[FLOOD_STEADY].lines, 1);
}

/* Everything that was written before is obeyed, and its effect has been looked at. */
static void settle(uint32_t index)
{
	struct flood_node *node = &flood_page->nodes[index];

	ask(index, "ping");
	const uint64_t end_ns = takt_os_clock_now_ns() + READY_NS_MAX;
	const uint64_t cycles = atomic_load(&node->cycles);
	while (atomic_load(&node->cycles) < cycles + 2 && takt_os_clock_now_ns() < end_ns)
		pause_for(TAKT_NS_PER_MS);
	check(atomic_load(&node->cycles) >= cycles + 2, "the loop goes on");
}

struct expected {
	uint64_t lines, invalid, tags, pieces;
};

/* What was written, by the writers' word and, of those killed in the middle of a write, by what is in force. */
static struct expected expect(uint32_t index)
{
	const struct flood_node *node = &flood_page->nodes[index];
	struct expected expected = {0};

	for (uint32_t kind = 0; kind < FLOOD_WRITER_COUNT; kind++) {
		const struct flood_writer *writer = &node->writers[kind];
		const uint64_t tags = atomic_load(&writer->tags);
		expected.invalid += atomic_load(&writer->invalid);
		expected.pieces += atomic_load(&writer->pieces);
		uint64_t written = tags;
		for (uint64_t tag = 0; kind == FLOOD_MORTAL && tag < tags; tag++)
			written -= doubtful[index][tag] && !node->seen[kind][tag];
		expected.tags += written;
		expected.lines += kind == FLOOD_MORTAL ? written : atomic_load(&writer->lines);
		if (atomic_load(&writer->failed) != 0)
			(void)printf("node %u, writer %u: %llu failed, first: %s\n", index, kind,
				     plain(atomic_load(&writer->failed)), writer->said);
		check(atomic_load(&writer->failed) == 0,
		      "every write is taken and every command of takt's client answered");
	}
	return expected;
}

static void check_tags(uint32_t index)
{
	const struct flood_node *node = &flood_page->nodes[index];
	uint64_t missing = 0;

	for (uint32_t kind = 0; kind < FLOOD_WRITER_COUNT; kind++)
		for (uint64_t tag = 0; tag < atomic_load(&node->writers[kind].tags); tag++)
			missing += !node->seen[kind][tag] && !(kind == FLOOD_MORTAL && doubtful[index][tag]);
	/* A line for which no cycle came within a second is accepted and answered so; the next one takes its place unseen. */
	check(missing <= atomic_load(&node->not_applied), "every right line is accepted and comes in force");
	check(atomic_load(&node->torn) == 0, "no line is torn: tag and hash come from one");
	check(atomic_load(&node->wrong) == 0, "nothing comes in force that no right line had");
	check(atomic_load(&node->twice) == 0, "nothing comes in force twice");
}

static void account(uint32_t index, const char *phase)
{
	const struct flood_node *node = &flood_page->nodes[index];

	settle(index);
	const struct expected expected = expect(index);
	const uint64_t commands = atomic_load(&node->commands), refused = atomic_load(&node->refused);
	(void)printf(
		"node %u, %s: %llu lines obeyed of %llu written and %llu pieces; %llu refused of %llu wrong; %llu sets of %llu "
		"in force\n",
		index, phase, plain(commands), plain(expected.lines), plain(expected.pieces), plain(refused),
		plain(expected.invalid), plain(atomic_load(&node->applied)), plain(expected.tags));
	check(commands - refused == expected.lines - expected.invalid, "what is accepted is exactly what was right");
	check(refused <= expected.invalid + expected.pieces && refused + expected.pieces >= expected.invalid,
	      "what is refused is what was wrong, give or take a piece");
	check_tags(index);
}

static void count_wrong(struct flood_writer *writer)
{
	atomic_fetch_add(&writer->lines, 1);
	atomic_fetch_add(&writer->invalid, 1);
}

/* Lines of one byte more than a line can have, in two writes: the rest is the newline alone, and a command. Then pieces, each followed by
 * takt's own client. Nobody else writes. */
static void check_edges(uint32_t index)
{
	struct flood_writer *writer = &flood_page->nodes[index].writers[FLOOD_STEADY];
	char line[FLOOD_PIPE_BYTES + 1], rest[64];
	const int pipe = flood_open(index);
	const int length = snprintf(line, sizeof(line), "set tag=%u hash=1", FLOOD_TAG_WRONG);
	const int rest_length = snprintf(rest, sizeof(rest), "set tag=%u hash=1\n", FLOOD_TAG_WRONG | 1);

	memset(line + length, ' ', sizeof(line) - (size_t)length);
	check(write(pipe, line, FLOOD_PIPE_BYTES) == FLOOD_PIPE_BYTES && write(pipe, "\n", 1) == 1,
	      "a line that is one byte too long is written");
	count_wrong(writer);
	check(write(pipe, line, FLOOD_PIPE_BYTES) == FLOOD_PIPE_BYTES &&
		      write(pipe, rest, (size_t)rest_length) == rest_length,
	      "a line whose rest is a command is written");
	count_wrong(writer);
	for (uint32_t cut = 1; cut <= 3 && failed == 0; cut++) {
		check(write(pipe, "set tag=1", cut) == (ssize_t)cut, "a piece is written");
		count_wrong(writer);
		ask(index, "ping");
	}
	(void)close(pipe);
	if (failed == 0)
		account(index, "edges");
}

/* --------------------------------------------------------------------------------------------------- set-up, end */

static int write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	return file != NULL && fputs(text, file) >= 0 && fclose(file) == 0;
}

static void set_up(void)
{
	char config[1024] = "domain: " FLOOD_DOMAIN "\ntopics: []\nnodes:\n";

	(void)snprintf(root, sizeof(root), "/dev/shm/takt-flood-XXXXXX");
	flood_page = mmap(NULL, sizeof(*flood_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (flood_page == MAP_FAILED || mkdtemp(root) == NULL || setenv("TAKT_SHM_FOLDER", root, 1) != 0)
		exit(2);
	(void)snprintf(flood_folder, sizeof(flood_folder), "%s/takt." FLOOD_DOMAIN, root);
	(void)snprintf(config_path, sizeof(config_path), "%s/flood.yaml", root);
	flood_config_path = config_path;
	for (uint32_t i = 0; i < node_count; i++) {
		char name[FLOOD_NAME_BYTES];
		const size_t used = strlen(config);
		flood_node_name(i, name);
		(void)snprintf(config + used, sizeof(config) - used, "  - {name: %s, program: x}\n", name);
	}
	if (!write_text(config_path, config))
		exit(2);
}

static void path_of(const char *name, char path[160])
{
	(void)snprintf(path, 160, "%s/%s", flood_folder, name);
}

/* What answers must not be written to, and a pipe that nobody reads. */
static void lay_traps(void)
{
	char path[160], target[96];
	static char filling[FLOOD_PIPE_BYTES];

	path_of("reply.file", path);
	check(write_text(path, "untouched"), "a file is made");
	(void)snprintf(target, sizeof(target), "%s/target", root);
	path_of("reply.link", path);
	check(mkfifo(target, 0600) == 0 && symlink(target, path) == 0, "a link to a pipe is made");
	/* With a reader, so that only the link can keep an answer away. */
	target_pipe = open(target, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	path_of("reply.full", path);
	check(mkfifo(path, 0600) == 0, "a pipe is made");
	full_pipe = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	while (write(full_pipe, filling, sizeof(filling)) > 0)
		continue;
	check(errno == EAGAIN, "a pipe is full");
}

static void look_at_traps(void)
{
	char path[160], target[96], text[16] = "";
	char byte;

	path_of("reply.file", path);
	FILE *file = fopen(path, "r");
	check(file != NULL && fgets(text, sizeof(text), file) != NULL && strcmp(text, "untouched") == 0,
	      "no answer is written to a file");
	if (file != NULL)
		(void)fclose(file);
	(void)unlink(path);
	(void)snprintf(target, sizeof(target), "%s/target", root);
	check(read(target_pipe, &byte, 1) < 0 && errno == EAGAIN, "no answer goes through a link");
	(void)close(target_pipe);
	(void)unlink(target);
	path_of("reply.link", path);
	(void)unlink(path);
	(void)close(full_pipe);
}

static void measure(uint32_t index)
{
	struct flood_node *node = &flood_page->nodes[index];
	const uint64_t end_ns = takt_os_clock_now_ns() + READY_NS_MAX;

	atomic_store(&node->measure, 1);
	while (atomic_load(&node->measure) && takt_os_clock_now_ns() < end_ns)
		pause_for(TAKT_NS_PER_MS);
	check(!atomic_load(&node->measure), "the loop goes on");
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

static void look_at_clean(void *context, const char *object, enum takt_status result)
{
	(void)context;
	if (result != TAKT_OK)
		(void)printf("not cleaned: %s: %s\n", object, takt_status_name(result));
}

static void end_nodes(void)
{
	int how;

	for (uint32_t i = 0; i < node_count; i++) {
		const struct flood_node *node = &flood_page->nodes[i];
		measure(i);
		check(node->measured_count == 2 && node->memory_bytes[1] <= node->memory_bytes[0] + MEMORY_SLACK_BYTES,
		      "a node's memory does not grow");
		check(node->descriptors[1] == node->descriptors[0] && node->descriptors[0] != 0,
		      "a node's descriptors do not grow");
	}
	atomic_store(&flood_page->nodes_end, 1);
	for (uint32_t i = 0; i < node_count; i++)
		check(waitpid(nodes[i], &how, 0) == nodes[i] && how == 0, "a node lives until it is asked to end");
	look_at_traps();
	check(takt_domain_clean(FLOOD_DOMAIN, look_at_clean, NULL) == TAKT_OK, "a clean-up removes all");
	(void)unlink(config_path);
	check(rmdir(root) == 0, "nothing is left behind the clean-up");
	(void)nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ----------------------------------------------------------------------------------------------------------- main */

/* The client goes by the pipe, among the others: behind all that was written before. */
static void remove_socket(uint32_t index)
{
	char name[FLOOD_NAME_BYTES], object[FLOOD_NAME_BYTES + 8], path[160];

	flood_node_name(index, name);
	(void)snprintf(object, sizeof(object), "socket.%s", name);
	path_of(object, path);
	check(unlink(path) == 0, "a node has a socket");
}

static void begin_nodes(void)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + READY_NS_MAX;

	for (uint32_t i = 0; i < node_count; i++) {
		start_node(i);
		while (!atomic_load(&flood_page->nodes[i].is_ready) && takt_os_clock_now_ns() < end_ns)
			pause_for(TAKT_NS_PER_MS);
		check(atomic_load(&flood_page->nodes[i].is_ready) != 0, "the nodes get ready");
		if (failed == 0) {
			remove_socket(i);
			ask(i, "help");
			measure(i);
		}
	}
}

static void flood(uint64_t share, enum flood_phase phase, const char *name)
{
	const uint64_t began_ns = takt_os_clock_now_ns();

	atomic_store(&flood_page->phase, (uint32_t)phase);
	run_writers(share);
	for (uint32_t i = 0; i < node_count && failed == 0; i++)
		account(i, name);
	const uint64_t took_ns = takt_os_clock_now_ns() - began_ns;
	(void)printf("%s: %.1f s\n", name, (double)took_ns / 1e9);
	/* A bound from below: however fast the machine, a node takes no more lines than its rate allows. */
	check(took_ns / RATE_LINE_NS + RATE_AT_ONCE >= 2 * share, "lines are obeyed at a bounded rate");
}

static void report(void)
{
	uint64_t commands = 0, refused = 0, operator_lines = 0, late_ns = 0, sets = 0;

	for (uint32_t i = 0; i < node_count; i++) {
		const struct flood_node *node = &flood_page->nodes[i];
		commands += atomic_load(&node->commands);
		refused += atomic_load(&node->refused);
		sets += atomic_load(&node->applied);
		operator_lines += atomic_load(&node->writers[FLOOD_OPERATOR].lines);
		if (atomic_load(&node->longest_late_ns) > late_ns)
			late_ns = atomic_load(&node->longest_late_ns);
	}
	(void)printf(
		"%llu lines to %llu nodes: %llu accepted (%llu sets in force), %llu refused; %llu commands of takt's client "
		"answered; %llu writers killed, %llu of them in the middle of a write; latest cycle %.2f ms late\n",
		plain(commands), plain(node_count), plain(commands - refused), plain(sets), plain(refused),
		plain(operator_lines), plain(kill_count), plain(doubt_count), (double)late_ns / 1e6);
	/* A writer is in a write for most of its life only when there are many. */
	check(commands >= line_count && operator_lines != 0 && (doubt_count != 0 || line_count < LINES_FOR_DOUBT),
	      "there was a flood");
}

int main(int count, char **arguments)
{
	random_state = takt_os_clock_wall_ns();
	for (int i = 1; i < count; i += 2) {
		if (i + 1 == count) {
			(void)fputs("usage: flood [--lines N] [--nodes N] [--patience SECONDS] [--seed N]\n", stderr);
			return 2;
		}
		const uint64_t value = strtoull(arguments[i + 1], NULL, 10);
		if (strcmp(arguments[i], "--lines") == 0)
			line_count = value;
		else if (strcmp(arguments[i], "--nodes") == 0)
			node_count = value;
		else if (strcmp(arguments[i], "--patience") == 0)
			flood_patience_ns = value * TAKT_NS_PER_S;
		else if (strcmp(arguments[i], "--seed") == 0)
			random_state = value;
	}
	random_state |= 1;
	if (node_count < 1 || node_count > FLOOD_NODES_MAX) {
		(void)fprintf(stderr, "flood: --nodes must be 1 to %u\n", FLOOD_NODES_MAX);
		return 2;
	}
	(void)printf("--seed %llu\n", plain(random_state));
	(void)fflush(stdout);
	/* Two steady writers a node. */
	const uint64_t share = line_count / node_count / 2 + 1;
	set_up();
	begin_nodes();
	if (failed == 0)
		lay_traps();
	if (failed == 0)
		flood(share, FLOOD_CLEAN, "clean");
	for (uint32_t i = 0; i < node_count && failed == 0; i++)
		check_edges(i);
	if (failed == 0)
		flood(share / DIRTY_SHARE + 1, FLOOD_DIRTY, "dirty");
	if (failed == 0)
		report();
	end_nodes();
	(void)printf("%u failures\n", failed);
	return failed != 0;
}
