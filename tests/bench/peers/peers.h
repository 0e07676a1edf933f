/* SPDX-License-Identifier: Apache-2.0 */
/*
 * takt beside what others use for the same: what is common to the peers. Built on request only (TAKT_BENCH_PEERS); run by
 * toolchain/bench-peers.sh.
 *
 * Each peer library is used by one file, which makes a channel of it (platform/bench.h), so the loops of `takt bench` measure it, in
 * turns with the same floor that takt itself is measured with. What a peer's manual recommends for speed is set, and said.
 */
#ifndef TESTS_BENCH_PEERS_PEERS_H
#define TESTS_BENCH_PEERS_PEERS_H

#include <stdint.h>

#include "apps/takt/bench_run.h"
#include "platform/bench.h"

#define PEERS_MAX	   16
#define PEER_REASON_BYTES  256
#define PEER_VERSION_BYTES 64

struct peer {
	const char *name;			     /* on the command line and in the table */
	const char *settings;			     /* what makes it fast here, one line */
	const struct takt_os_bench_channel *channel; /* round trips and periods; NULL: streams only */
	const struct takt_os_bench_channel *stream;  /* streams; NULL: as `channel` */
	/* Of a stream, under way at most: bytes, and messages between two bounds (powers of two). */
	uint32_t flight_bytes;
	uint32_t flight_min;
	uint32_t flight_max;
	/* 1: bounded by credit in the periodic test too, for it would lose what it cannot take in time. */
	uint32_t may_lose;
	/* 1: the sender polls for credit, as the floor does; for takt's polling reader alone. */
	uint32_t polls;
	/* What the library says of itself at run time. @param text PEER_VERSION_BYTES */
	void (*version)(char *text);
	/* Before and after all bursts, in the parent, which must stay of one thread; NULL: nothing to do. */
	enum takt_status (*start)(void);
	void (*stop)(void);
	/* Why it cannot pass messages of this size, or NULL; NULL: it passes any. */
	const char *(*refusal)(uint32_t bytes);
};

extern const struct peer peer_takt;
extern const struct peer peer_takt_poll;
extern const struct peer peer_posix_queue;
extern const struct peer peer_zmq;
extern const struct peer peer_nng;
extern const struct peer peer_lcm;
extern const struct peer peer_cyclonedds;
extern const struct peer peer_cyclonedds_iox;
extern const struct peer peer_fastdds;

/* A reason that a process of a burst leaves for the one that started it; the last one stays. */
void peer_reason_set(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *peer_reason(void);
void peer_reason_clear(void);
/* Before the first burst. @retval 0 no memory is left */
int peer_reason_map(void);
/* The same as peer_reason_set, and the status with which attach fails. */
enum takt_status peer_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The name of the file from which a function of a library was loaded: the only version that some libraries tell at run time. */
void peer_library_file(const char *function, char *text, uint32_t text_bytes);

#endif
