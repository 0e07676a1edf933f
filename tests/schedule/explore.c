/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/schedule/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/machine.h"
#include "tests/schedule/sim.h"
#include "tests/schedule/table.h"

#define COPIES_BYTES   (64u * 1024u * 1024u)
#define DEPTH_MAX      4000u /* decisions of one run: more, and it does not end */
#define DECISION_MAX   24u
#define REPEATED_EVERY 2000u /* of the ends: reached once more from the very beginning, and compared */
#define SCHEDULE_BYTES 8192u

enum decision_kind { DECISION_STEP, DECISION_TIME_OUT, DECISION_KILL, DECISION_CHOOSE };

struct decision {
	uint8_t kind;
	uint8_t party; /* or which choice */
	uint8_t cost;
};

static struct {
	const struct scenario *scenario;
	struct explored result;
	uint64_t states_max;
	struct decision path[DEPTH_MAX];
	uint32_t depth;
	uint32_t is_exploring;
	uint32_t is_unbounded;
	size_t copies_used;
	unsigned char *copies;
} now;

/* ----------------------------------------------------------------------------------------------------- decisions */

static int is_ready(uint32_t party)
{
	return party != MACHINE_NOBODY && machine.parties[party].state == PARTY_READY;
}

static uint32_t count_in(enum party_state state)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < machine.party_count; i++)
		count += machine.parties[i].state == (uint32_t)state;
	return count;
}

static void add(struct decision *list, uint32_t *count, enum decision_kind kind, uint32_t party, uint32_t cost)
{
	list[(*count)++] = (struct decision){(uint8_t)kind, (uint8_t)party, (uint8_t)cost};
}

static void add_time_outs(struct decision *list, uint32_t *count)
{
	const uint32_t cost = count_in(PARTY_READY) ? 1 : 0;
	uint64_t earliest_ns = UINT64_MAX;

	for (uint32_t i = 0; i < machine.party_count; i++)
		if (machine.parties[i].state == PARTY_ASLEEP && machine.parties[i].deadline_ns < earliest_ns)
			earliest_ns = machine.parties[i].deadline_ns;
	for (uint32_t i = 0; i < machine.party_count; i++)
		if (machine.parties[i].state == PARTY_ASLEEP && machine.parties[i].deadline_ns == earliest_ns)
			add(list, count, DECISION_TIME_OUT, i, cost);
}

/* One death a run. Of who runs, at each of its points; of the others, where it can show. */
static void add_deaths(struct decision *list, uint32_t *count)
{
	if (machine.death_count)
		return;
	const int runs_on = is_ready(machine.current);
	const int can_show = !runs_on || machine.parties[machine.current].point == POINT_KERNEL;
	for (uint32_t i = 0; i < machine.party_count; i++) {
		const uint32_t state = machine.parties[i].state;
		if ((state == PARTY_READY || state == PARTY_ASLEEP) && (can_show || i == machine.current))
			add(list, count, DECISION_KILL, i, 0);
	}
}

/* Somebody whose next step commutes with all that others can do: it may as well come first. Where preemptions are counted, only who
 * runs: later would need no fewer of them. */
static uint32_t find_alone(void)
{
	for (uint32_t i = 0; i < machine.party_count; i++)
		if (is_ready(i) && machine.parties[i].is_alone && (now.is_unbounded || i == machine.current))
			return i;
	return MACHINE_NOBODY;
}

static uint32_t list_decisions(struct decision list[DECISION_MAX])
{
	uint32_t count = 0;
	const uint32_t current = machine.current;
	const int runs_on = is_ready(current);

	if (runs_on && machine.parties[current].choice_count) {
		for (uint32_t i = 0; i < machine.parties[current].choice_count; i++)
			add(list, &count, DECISION_CHOOSE, i, 0);
		return count;
	}
	const uint32_t alone = find_alone();
	if (alone != MACHINE_NOBODY) {
		add(list, &count, DECISION_STEP, alone, 0);
		if (machine.death_count == 0)
			add(list, &count, DECISION_KILL, alone, 0);
		return count;
	}
	if (runs_on)
		add(list, &count, DECISION_STEP, current, 0);
	for (uint32_t i = 0; i < machine.party_count; i++)
		if (i != current && is_ready(i))
			add(list, &count, DECISION_STEP, i, runs_on && !now.is_unbounded ? 1 : 0);
	add_time_outs(list, &count);
	add_deaths(list, &count);
	return count;
}

static void carry_out(struct decision decision)
{
	now.result.steps++;
	switch (decision.kind) {
	case DECISION_STEP:
		machine_step(decision.party);
		break;
	case DECISION_TIME_OUT:
		if (now.scenario->check_time)
			now.scenario->check_time();
		machine_time_out(decision.party);
		break;
	case DECISION_KILL:
		machine_kill(decision.party);
		break;
	default:
		machine.parties[machine.current].choice = decision.party;
		machine_step(machine.current);
	}
	/* Where preemptions are not counted, who ran last makes no difference, but to who gets the kernel's answer. */
	if (now.is_unbounded && !(is_ready(machine.current) && machine.parties[machine.current].choice_count))
		machine.current = MACHINE_NOBODY;
}

/* ------------------------------------------------------------------------------------------------------ reporting */

static void write_schedule(char *text, size_t bytes)
{
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < now.depth && used + 16 < bytes;) {
		const struct decision *decision = &now.path[i];
		uint32_t times = 1;
		while (decision->kind == DECISION_STEP && i + times < now.depth &&
		       memcmp(&now.path[i + times], decision, offsetof(struct decision, cost)) == 0)
			times++;
		i += times;
		const char *mark = decision->kind == DECISION_KILL	 ? "!"
				   : decision->kind == DECISION_TIME_OUT ? "~"
									 : "";
		if (decision->kind == DECISION_CHOOSE)
			used += (size_t)snprintf(text + used, bytes - used, " =%u", decision->party);
		else if (times > 1)
			used += (size_t)snprintf(text + used, bytes - used, " %c%u", 'a' + decision->party, times);
		else
			used += (size_t)snprintf(text + used, bytes - used, " %c%s", 'a' + decision->party, mark);
	}
}

static void report_failure(void)
{
	static char schedule[SCHEDULE_BYTES];

	now.result.has_failed = 1;
	write_schedule(schedule, sizeof(schedule));
	(void)printf("FAILED %s: %s\n  schedule:%s\n", now.scenario->name, machine_failure, schedule);
}

void sim_abort(void)
{
	if (now.is_exploring)
		report_failure();
	else
		(void)printf("FAILED %s: %s\n", now.scenario->name, machine_failure);
	exit(1);
}

/* ------------------------------------------------------------------------------------------------------ exploring */

/* All that changes is in the copies: or the end reached from the beginning would be another. */
static void repeat_end(void)
{
	static unsigned char first[256 * 1024], second[256 * 1024];
	const size_t bytes = machine_save(first, sizeof(first));
	const uint32_t depth = now.depth;

	now.scenario->prepare();
	machine_ready();
	for (uint32_t i = 0; i < depth; i++)
		carry_out(now.path[i]);
	const struct digest digest = machine.arena_digest;
	machine_ready();
	if (digest.low != machine.arena_digest.low || digest.high != machine.arena_digest.high)
		machine_fail("something changed the arena that is no access");
	if (machine_save(second, sizeof(second)) != bytes || memcmp(first, second, bytes) != 0)
		machine_fail("the same schedule, run anew, ends differently: something that changes is not kept");
}

static void end_run(void)
{
	if (now.result.ends++ % REPEATED_EVERY == 0)
		repeat_end();
	if (count_in(PARTY_WAITS))
		machine_fail("parties wait for each other's end");
	if (!machine_failure[0])
		now.scenario->check_end();
}

static double visit(uint32_t preemptions);

static double visit_each(uint32_t preemptions, const unsigned char *copy)
{
	struct decision list[DECISION_MAX];
	const uint32_t count = list_decisions(list);
	double schedules = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (list[i].cost > preemptions)
			continue;
		if (i)
			machine_restore(copy);
		now.path[now.depth++] = list[i];
		carry_out(list[i]);
		schedules += visit(preemptions - list[i].cost);
		if (now.result.has_failed || now.result.is_cut || machine_has_learned())
			return schedules;
		now.depth--;
	}
	return schedules;
}

static int is_wrong(void)
{
	if (!machine_failure[0] && now.depth == DEPTH_MAX)
		machine_fail("%u decisions and no end", DEPTH_MAX);
	if (machine_failure[0])
		report_failure();
	return now.result.has_failed != 0;
}

/* @retval the number of schedules from the present state on */
static double visit(uint32_t preemptions)
{
	if (is_wrong())
		return 0;
	unsigned char *copy = now.copies + now.copies_used;
	const size_t bytes = machine_save(copy, COPIES_BYTES - now.copies_used);
	const struct digest key = machine_digest(preemptions);
	int is_new;
	const double *known = table_find(key, &is_new);
	if (!is_new) {
		if (*known < 0)
			machine_fail("the parties go round in a circle");
		return is_wrong() ? 0 : *known;
	}
	now.result.is_cut = table_count() > now.states_max;
	double schedules = 1;
	if (count_in(PARTY_READY) == 0 && count_in(PARTY_ASLEEP) == 0) {
		end_run();
	} else {
		if (count_in(PARTY_READY) == 0 && machine.death_count == 0 && now.scenario->check_idle)
			now.scenario->check_idle();
		now.copies_used += bytes;
		schedules = machine_failure[0] ? 0 : visit_each(preemptions, copy);
		now.copies_used -= bytes;
	}
	if (now.result.has_failed || is_wrong())
		return 0;
	*table_find(key, &is_new) = schedules;
	return schedules;
}

static void explore_once(uint32_t budget)
{
	now.result = (struct explored){0};
	now.depth = 0;
	now.copies_used = 0;
	now.is_exploring = 1;
	now.scenario->prepare();
	machine_ready();
	const double schedules = visit(budget);
	now.is_exploring = 0;
	now.result.schedules = schedules;
	now.result.states = table_count();
	table_clear();
}

struct explored explore(const struct scenario *scenario, uint32_t preemptions_max, uint32_t early_max,
			uint64_t states_max)
{
	if (now.copies == NULL)
		now.copies = malloc(COPIES_BYTES);
	if (now.copies == NULL) {
		(void)fprintf(stderr, "schedule: no memory\n");
		exit(2);
	}
	now.scenario = scenario;
	now.states_max = states_max;
	/* Who touches what: nearly all of it is seen without any preemption. */
	now.is_unbounded = 0;
	machine_forget();
	machine_reduce(0);
	machine_learn();
	explore_once(0);
	machine_reduce(1);
	now.is_unbounded = preemptions_max == EXPLORE_ALL;
	uint32_t rounds = 0;
	int is_over = now.result.has_failed != 0;
	while (!is_over) {
		/* Given up where something is learned: what was left out before it has to be run. */
		machine_learn();
		explore_once(now.is_unbounded ? early_max : preemptions_max);
		rounds++;
		is_over = now.result.has_failed || now.result.is_cut || !machine_has_learned();
	}
	now.result.rounds = rounds;
	return now.result;
}

/* ---------------------------------------------------------------------------------------------------------- replay */

static void say(const char *what, uint32_t party)
{
	static const char *const points[] = {"load", "store", "exchange", "kernel"};
	char name[64] = "";
	const struct party *self = &machine.parties[party];

	if (self->address)
		scenario_name_address(self->address, name, sizeof(name));
	(void)printf("%c %s %-8s %s", 'a' + (int)party, what, points[self->point], name);
}

static void carry_out_aloud(struct decision decision)
{
	const uint32_t party = decision.kind == DECISION_CHOOSE ? machine.current : decision.party;
	const void *address = machine.parties[party].address;

	if (decision.kind == DECISION_KILL) {
		say("dies before", party);
	} else if (decision.kind == DECISION_TIME_OUT) {
		(void)printf("%c's sleep ends by its deadline", 'a' + (int)party);
		address = NULL;
	} else if (decision.kind == DECISION_CHOOSE) {
		(void)printf("the kernel wakes the sleeper number %u", decision.party);
		address = NULL;
	} else {
		say("", party);
	}
	carry_out(decision);
	if (address && decision.kind == DECISION_STEP) {
		uint64_t word;
		memcpy(&word, (const unsigned char *)((uintptr_t)address & ~(uintptr_t)7), sizeof(word));
		(void)printf(" = %#llx", (unsigned long long)word);
	}
	(void)printf("\n");
}

/* One word of a schedule. @retval how often; 0: it is none */
static uint32_t parse(const char *word, struct decision *decision)
{
	*decision = (struct decision){.kind = DECISION_STEP};
	if (word[0] == '=') {
		decision->kind = DECISION_CHOOSE;
		decision->party = (uint8_t)atoi(word + 1);
		return 1;
	}
	if (word[0] < 'a' || word[0] >= 'a' + (int)machine.party_count)
		return 0;
	decision->party = (uint8_t)(word[0] - 'a');
	if (word[1] == '!')
		decision->kind = DECISION_KILL;
	if (word[1] == '~')
		decision->kind = DECISION_TIME_OUT;
	return word[1] >= '1' && word[1] <= '9' ? (uint32_t)atoi(word + 1) : 1;
}

static int is_possible(const struct decision *wanted)
{
	struct decision list[DECISION_MAX];
	const uint32_t count = list_decisions(list);

	for (uint32_t i = 0; i < count; i++)
		if (list[i].kind == wanted->kind && list[i].party == wanted->party)
			return 1;
	return 0;
}

static int finish_replay(void)
{
	if (count_in(PARTY_READY) == 0 && count_in(PARTY_ASLEEP) && machine.death_count == 0 &&
	    now.scenario->check_idle)
		now.scenario->check_idle();
	if (count_in(PARTY_READY) == 0 && count_in(PARTY_ASLEEP) == 0 && !machine_failure[0])
		now.scenario->check_end();
	if (machine_failure[0])
		(void)printf("FAILED %s: %s\n", now.scenario->name, machine_failure);
	else
		(void)printf("no invariant failed\n");
	return machine_failure[0] != 0;
}

int replay(const struct scenario *scenario, const char *schedule)
{
	char text[SCHEDULE_BYTES];

	now.scenario = scenario;
	now.is_unbounded = 1;
	(void)snprintf(text, sizeof(text), "%s", schedule);
	machine_reduce(0);
	scenario->prepare();
	machine_ready();
	for (char *rest = NULL, *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		struct decision decision;
		const uint32_t times = parse(word, &decision);
		for (uint32_t i = 0; i < times; i++) {
			if (machine_failure[0])
				return finish_replay();
			if (!is_possible(&decision)) {
				(void)printf("'%s' is not possible here\n", word);
				return 2;
			}
			carry_out_aloud(decision);
		}
		if (times == 0) {
			(void)printf("'%s' is no word of a schedule\n", word);
			return 2;
		}
	}
	return finish_replay();
}
