/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The harness of `takt bench`: what is common to all tests.
 *
 * A subject is one side of a comparison: the floor, or takt. A burst measures one subject for a short time in fresh processes. A
 * comparison interleaves bursts, floor, takt, floor, takt, ..., floor, so that whatever drifts hits both, and makes one row of them.
 */
#ifndef APPS_TAKT_BENCH_RUN_H
#define APPS_TAKT_BENCH_RUN_H

#include <stdatomic.h>
#include <stdint.h>

#include "apps/takt/bench_statistics.h"
#include "apps/takt/output.h"
#include "platform/bench.h"
#include "platform/status.h"

#define BENCH_ROWS_MAX	512
#define BENCH_SIZES_MAX 16
#define BENCH_TESTS_MAX 16

#define BENCH_SLEEPERS_MAX 16

struct bench_options {
	const char *tests[BENCH_TESTS_MAX]; /* none: all */
	uint32_t test_count;
	uint32_t is_quick;
	enum output_format format;
	uint32_t cpus[2];
	uint32_t has_cpus;
	uint32_t priority; /* 0: ordinary scheduling */
	uint32_t sizes[BENCH_SIZES_MAX];
	uint32_t size_count; /* 0: the test's own */
	uint32_t load_count;
	const char *plot;   /* folder; NULL: no pictures */
	const char *config; /* NULL: no verdict */
	double seconds;	    /* for one row, both sides together */
};

/* What the processes of one burst share. */
struct bench_shared {
	struct bench_histogram histogram;
	double value;				     /* of subjects that measure one number and no distribution */
	uint64_t stop_ns;			     /* when the measured part ends */
	_Alignas(64) _Atomic uint64_t credit;	     /* how far the receiver of a stream has come */
	_Alignas(64) _Atomic uint32_t arrived_count; /* bench_meet */
	_Alignas(64) _Atomic uint32_t acknowledged_count;
	_Alignas(64) _Atomic uint32_t is_over;
	struct takt_os_bench_sem sems[BENCH_SLEEPERS_MAX];
};

struct bench_burst;

/* One side of a comparison. */
struct bench_subject {
	/* What each process does. @param index 0 measures @retval 0 all went well */
	int (*run)(struct bench_burst *burst, uint32_t index);
	/* In the parent, before and after; either may be NULL. */
	enum takt_status (*prepare)(struct bench_burst *burst);
	void (*clean_up)(struct bench_burst *burst);
	const struct takt_os_bench_channel *channel;
	uint32_t process_count; /* 1 or more; the first runs on the first CPU, all others on the second */
	uint32_t bytes;		/* of a message */
	uint32_t depth;
	uint32_t reader_count;
	uint32_t topic_count;
	uint64_t period_ns;
	uint32_t variant;    /* the test's own */
	uint32_t shares_cpu; /* 1: all processes on the first CPU */
	uint32_t sleeps; /* 1: who waits for credit sleeps, as a library with threads of its own needs the processor */
};

struct bench_burst {
	const struct bench_subject *subject;
	const struct bench_options *options;
	const char *folder; /* private, empty before and after */
	struct bench_shared *shared;
	struct takt_os_bench_link link;
	uint64_t span_ns; /* of the measured part */
	uint32_t process_index;
};

/* What of a burst is compared. */
enum bench_metric {
	BENCH_P50 = 0,	    /* ns, median of the histogram: smaller is better */
	BENCH_P999 = 1,	    /* ns, p99.9 of it */
	BENCH_VALUE_NS = 2, /* the one number, ns: smaller is better */
	BENCH_RATE = 3,	    /* the one number, per second: larger is better */
	BENCH_BYTES = 4	    /* the one number, bytes */
};

/* One line of the result. */
struct bench_row {
	char test[16];
	char name[64];
	enum bench_metric metric;
	uint32_t bytes; /* of a message, for curves; 0: not of interest */
	double floor;	/* in the metric's unit; 0: there is none */
	double takt;
	double ratio; /* 0: none */
	double spread;
	double goal;  /* of the ratio: at most, for rates at least; 0: none */
	double limit; /* of takt's own figure; 0: none */
	uint32_t pair_count;
	struct bench_quantiles floor_ns;
	struct bench_quantiles takt_ns;
	uint32_t has_quantiles;
};

struct bench {
	struct bench_options options;
	struct takt_os_bench_machine machine;
	char folder[TAKT_OS_PATH_MAX];
	struct bench_row rows[BENCH_ROWS_MAX];
	uint32_t row_count;
	uint32_t failed_count;
};

/* One comparison, before it is made. */
struct bench_case {
	const char *test;
	char name[64];
	enum bench_metric metric;
	struct bench_subject floor; /* run NULL: there is none */
	struct bench_subject takt;
	double goal;
	double limit;
	uint32_t bytes;
	uint32_t pairs; /* 0: as many as the options want */
	double weight;	/* of the time for a row; 0 counts as 1 */
};

/**
 * Makes a comparison and adds its row. @retval the row; NULL it failed, with a message, or a stop was requested
 */
const struct bench_row *bench_compare(struct bench *bench, const struct bench_case *wanted);

/* For each process of a burst, when it is set up: waits until all are, then takes its CPU and priority. */
void bench_meet(struct bench_burst *burst);

/* For each process of a burst, when its part is done: waits until all parts are, for some libraries keep what is under way. */
void bench_part(struct bench_burst *burst);

/* The measured part begins now: sets its end. For the process that measures. @retval now, in ns */
uint64_t bench_begin(struct bench_burst *burst);

/* For processes that only have to be there: sleeps until bench_end. */
void bench_idle(struct bench_burst *burst);
void bench_end(struct bench_burst *burst);

/* The options' sizes or, without any, the test's own. @param sizes BENCH_SIZES_MAX of them @retval how many */
uint32_t bench_sizes(const struct bench *bench, const uint32_t *own, uint32_t own_count, uint32_t *sizes);

/* "64 B", "4 KiB", "1 MiB" */
const char *bench_size_name(uint32_t bytes, char *text, uint32_t text_bytes);

/* Subjects over channels, bench_channel.c: round trips, counted half, and streams. */
struct bench_subject bench_round_trip(const struct takt_os_bench_channel *channel, uint32_t bytes);
struct bench_subject bench_stream(const struct takt_os_bench_channel *channel, uint32_t bytes, uint32_t depth);

/* Messages of a period, from when each was due until a sleeping reader has it, bench_periodic.c. With a depth and `sleeps`, that many
 * are under way at most. */
struct bench_subject bench_periodic_pair(const struct takt_os_bench_channel *channel, uint32_t bytes,
					 uint64_t period_ns);

/* A message to send or to receive into, with room for a receiver's largest piece. For free(). @retval NULL no memory is left */
unsigned char *bench_message_make(uint32_t bytes);

/*
 * Credit: the receiver tells in steps of a quarter of the subject's depth how far it has come; the sender looks only when it has used
 * up what it knows. At most depth - 1 messages are under way.
 */
/* @param sent messages so far @param credit the caller's, 0 at first @retval 1 one more may be sent, 0 failed */
int bench_credit_wait(struct bench_burst *burst, uint64_t sent, uint64_t *credit);
/* @param received messages so far */
void bench_credit_give(struct bench_burst *burst, uint64_t received);

/* takt as channels, bench_takt.c. "measured" ones keep the histogram of ages, which is takt's default. */
extern const struct takt_os_bench_channel bench_takt_poll;
extern const struct takt_os_bench_channel bench_takt_poll_measured;
extern const struct takt_os_bench_channel bench_takt_wake;
extern const struct takt_os_bench_channel bench_takt_spin;
extern const struct takt_os_bench_channel bench_takt_in_place;

/* What a publish costs with one subscriber that does not wait, beside the floor of `publish`: one row of any test.
 * @retval as bench_compare */
const struct bench_row *bench_publish_compare(struct bench *bench, const char *test, const char *name);

/* The tests. */
void bench_poll(struct bench *bench);
void bench_wake(struct bench *bench);
void bench_stream_test(struct bench *bench);
void bench_publish(struct bench *bench);
void bench_trace(struct bench *bench);
void bench_periodic(struct bench *bench);
void bench_command(struct bench *bench);
void bench_scale(struct bench *bench);
void bench_transports(struct bench *bench);

#endif
