/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two programs with shared memory have in common. Besides send and receive:
 *	PROGRAM make WHERE	makes memory and semaphore, free
 *	PROGRAM hold WHERE	takes the semaphore, prints "held", and waits to be killed
 *	PROGRAM hold-bare WHERE	the same without SEM_UNDO
 *	PROGRAM try WHERE	exit 0: the semaphore was free within 10 s, 3: it was not within 1 s ("try-briefly")
 *	PROGRAM repair WHERE	sets it free, whoever holds it
 * A receiver prints a sample when it differs from the one before.
 */
#ifndef TESTS_BRIDGE_STATE_H
#define TESTS_BRIDGE_STATE_H

#include "tests/bridge/legacy/legacy.h"

struct state {
	void (*attach)(const char *where, int may_make);
	int (*take)(int gives_back_on_death, int seconds); /* 1 taken */
	void (*give)(void);
	void (*repair)(void);
	struct measure *shared;
};

static struct state state;

static void send_one(const struct measure *measure)
{
	need(state.take(1, PATIENCE_S), "the semaphore was not free");
	*state.shared = *measure;
	state.give();
}

static int receive(struct measure *measure)
{
	const uint64_t before = measure->count;

	need(state.take(1, PATIENCE_S), "the semaphore was not free");
	*measure = *state.shared;
	state.give();
	return measure->count != before;
}

static void hold(int gives_back_on_death)
{
	need(state.take(gives_back_on_death, PATIENCE_S), "the semaphore was not free");
	(void)puts("held");
	(void)fflush(stdout);
	for (;;)
		(void)pause();
}

static int try_to_take(int seconds)
{
	if (!state.take(1, seconds))
		return 3;
	state.give();
	return 0;
}

static int state_main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	need(argc > 2, "usage");
	state.attach(argv[2], strcmp(what, "make") == 0);
	if (strncmp(what, "hold", 4) == 0)
		hold(strcmp(what, "hold") == 0);
	if (strncmp(what, "try", 3) == 0)
		return try_to_take(strcmp(what, "try") == 0 ? 10 : 1);
	if (strcmp(what, "repair") == 0)
		state.repair();
	if (strcmp(what, "repair") == 0 || strcmp(what, "make") == 0)
		return 0;
	if (!is_send(argc, argv))
		return receive_all(receive, strtoull(argv[3], NULL, 10));
	send_all(send_one, argv);
	return 0;
}

#endif
