/* SPDX-License-Identifier: Apache-2.0 */
/* `takt ipc advise`: what was answered, and what follows from it. */
#ifndef APPS_TAKT_IPC_ADVISE_H
#define APPS_TAKT_IPC_ADVISE_H

#include <stdint.h>

#include "apps/takt/bench_store.h"

#define ADVISE_WHY_BYTES    1024
#define ADVISE_CONFIG_BYTES 2048

enum advise_samples { ADVISE_EVERY = 0, ADVISE_NEWEST = 1, ADVISE_ONCE = 2 };

struct advise_answers {
	uint32_t bytes;	      /* of a sample; 0: not answered */
	double rate_hz;	      /* 0: not answered */
	int has_many_readers; /* -1: not answered, as the next three */
	int samples;	/* enum advise_samples: each reader gets all, the newest, or each is for one reader alone */
	int is_related; /* one process starts the other */
	int is_far;	/* across machines */
};

struct advice {
	char mechanism[96];
	const char *classic;   /* what would be taken without takt */
	const char *transport; /* its name in the figures; NULL: none of them */
	char why[ADVISE_WHY_BYTES];
	char config[ADVISE_CONFIG_BYTES]; /* of takt, ready to be read */
	uint32_t depth;
	int uses_queue;
	int needs_bridge;
};

/* 1 where this takt's config knows queues. */
int advise_has_queues(void);

/* What fits. @param has_queues as advise_has_queues */
void advise_decide(const struct advise_answers *answers, int has_queues, struct advice *advice);

/* The lines of takt's config, from what was decided. */
void advise_write_config(const struct advise_answers *answers, struct advice *advice);

/* The size in the figures that is the nearest above, or the largest. @retval 0 there are none */
uint32_t advise_figures_bytes(const struct bench_store *store, uint32_t bytes);
/* The figures of that size, with a word at what the advice would take without takt. */
void advise_print_figures(struct output *output, const struct bench_store *store, uint32_t bytes,
			  const struct advice *advice);
/* Says whether there are figures, of when, and whether they are this machine's. @retval 1 there are */
int advise_look_for_figures(struct bench_store *store);

#endif
