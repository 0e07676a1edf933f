/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `takt bench` compares takt with: the raw mechanisms of the system, each as small as its job allows, and what it needs to run
 * both sides alike. Linked into the takt command only, never into libtakt.
 *
 * A mechanism is a channel: a pair of functions, send and receive, that pass messages of one size between two processes, in both
 * directions. The measuring loop is the caller's and the same for every channel, takt's own included; it calls nothing else.
 * Nothing here has a time-out: the process that started the two ends them when a run takes too long (takt_os_bench_crew_run).
 */
#ifndef TAKT_PLATFORM_BENCH_H
#define TAKT_PLATFORM_BENCH_H

#include <stdint.h>

#include "platform/folder.h"
#include "platform/status.h"

/* ---------------------------------------------------------------------------------------------------- processes */

#define TAKT_OS_BENCH_CREW_MAX 96

/* What one process of a crew does. @retval 0 all went well; any other number ends the whole crew */
typedef int (*takt_os_bench_part)(void *context, uint32_t index);

/**
 * Forks `count` processes, runs one part in each and waits for all of them; the caller sleeps meanwhile. They die with the caller.
 * @param deadline_ns when those that still run are killed
 * @retval TAKT_OK every part returned 0  @retval TAKT_SYSTEM one did not, or could not be started; the others were killed
 * @retval TAKT_TIMEOUT  @retval TAKT_STOPPED a stop was requested  @retval TAKT_NO_SPACE
 * Threads: only while the caller has one.
 */
TAKT_CHECKED enum takt_status takt_os_bench_crew_run(takt_os_bench_part part, void *context, uint32_t count,
						     uint64_t deadline_ns);

/* Keeps `count` processors busy with arithmetic and memory traffic at ordinary priority, until stopped or the caller's end. */
TAKT_CHECKED enum takt_status takt_os_bench_load_start(uint32_t count);
void takt_os_bench_load_stop(void);

/* Zeroed memory, present, that the caller shares with the processes that it forks. @retval NULL none is left; with a message */
void *takt_os_bench_memory_map(uint64_t bytes);
void takt_os_bench_memory_unmap(void *memory, uint64_t bytes);

/* ------------------------------------------------------------------------------------------------------- folder */

/**
 * Makes a folder of the caller's own for shared memory and temporary files, and makes it takt's (TAKT_SHM_FOLDER), so that a
 * benchmark can meet no domain that runs.
 * @param path TAKT_OS_PATH_MAX bytes
 */
TAKT_CHECKED enum takt_status takt_os_bench_folder_make(char *path);
/* Removes everything in it; and it. Bytes that its files have. */
void takt_os_bench_folder_clear(const char *path);
void takt_os_bench_folder_remove(const char *path);
uint64_t takt_os_bench_folder_bytes(const char *path);

/* ------------------------------------------------------------------------------------------------------ machine */

/* What may disturb a measurement. */
struct takt_os_bench_machine {
	uint32_t cpu_count;	   /* on which this process may run */
	uint32_t cpus[2];	   /* two of them, of different cores where there are; equal when there is one */
	uint32_t cores_are_shared; /* 1: those two are threads of one core */
	uint32_t is_virtual;	   /* 1: a hypervisor shares the processors with others */
	uint32_t may_be_real_time; /* 1: SCHED_FIFO is permitted */
	double load;		   /* processes that wanted to run, average of a minute */
	char governor[32];	   /* of frequency scaling; "" where the system has none or does not say */
	char processor[96];
	char system[96];
};
void takt_os_bench_machine_look(struct takt_os_bench_machine *machine);

/* Sets a variable of the environment for the processes that are forked from now on; NULL takes it away. Threads: only while there is one.
 * @retval TAKT_OK @retval TAKT_NO_SPACE */
TAKT_CHECKED enum takt_status takt_os_bench_environment_set(const char *name, const char *value);

/* 1 when a library of this name has been taken in by this process. */
int takt_os_bench_library_is_loaded(const char *name);

/* Private and shared memory of this process that is present, in bytes. */
void takt_os_bench_memory_present(uint64_t *private_bytes, uint64_t *shared_bytes);

/* ----------------------------------------------------------------------------------------------------- channels */

struct takt_os_bench_channel;

/* One channel in use. The caller sets the first part and keeps out of the second. */
struct takt_os_bench_link {
	const struct takt_os_bench_channel *channel;
	uint32_t bytes;	     /* of a message, at least 8 */
	uint32_t slot_count; /* messages that fit between sender and receiver, for rings; a power of two */
	uint32_t side;	     /* 0 or 1: which of the two this process is; set between fork and attach */
	const char *folder;  /* for mechanisms with names */

	uint64_t sent;
	uint64_t received;
	uint64_t seen;
	void *shared;
	uint64_t shared_bytes;
	void *out;	      /* this side's part of the shared memory for sending */
	void *in;	      /* and for receiving */
	uint32_t piece_bytes; /* larger messages go in pieces */
	int out_id;	      /* descriptors or numbers of the system's objects */
	int in_id;
	int ids[4];
};

struct takt_os_bench_channel {
	const char *name;
	/* Before the fork. @retval TAKT_OK @retval TAKT_UNSUPPORTED this system lacks it @retval others with a message */
	enum takt_status (*create)(struct takt_os_bench_link *link);
	/* After the fork, in each of the two. NULL: nothing to do. @retval TAKT_OK */
	enum takt_status (*attach)(struct takt_os_bench_link *link);
	/* Passes one message on. @retval 1 done, 0 failed */
	int (*send)(struct takt_os_bench_link *link, const void *message);
	/* Waits for the next message: by polling or by sleeping, as its name says. @retval 1 done, 0 failed */
	int (*receive)(struct takt_os_bench_link *link, void *message);
	/* Passes on what `send` has kept back to make few large packets of it. NULL: it keeps nothing back. @retval 1 done, 0 failed */
	int (*flush)(struct takt_os_bench_link *link);
	/* Before the process ends, when the other side needs nothing of it any more. NULL: nothing to do. */
	void (*detach)(struct takt_os_bench_link *link);
	/* In the process that created it; also after a create that failed. */
	void (*destroy)(struct takt_os_bench_link *link);
};

/* The floors: what takt's own paths are compared with. */
extern const struct takt_os_bench_channel takt_os_bench_word; /* polling; one sequence word beside the payload */
extern const struct takt_os_bench_channel takt_os_bench_sems; /* sleeping; payload and sem_post, sem_clockwait */
extern const struct takt_os_bench_channel
	takt_os_bench_ring; /* polling; single producer, the caller keeps it from overflowing */
extern const struct takt_os_bench_channel
	takt_os_bench_in_place; /* polling; first and last word of slots that are never copied */
extern const struct takt_os_bench_channel
	takt_os_bench_seqlock; /* send only: seqlock store, clock reading, full fence */

/* What a textbook shows; all of them sleep. */
extern const struct takt_os_bench_channel takt_os_bench_pipe;
extern const struct takt_os_bench_channel takt_os_bench_fifo;
extern const struct takt_os_bench_channel takt_os_bench_sysv_queue;
extern const struct takt_os_bench_channel takt_os_bench_posix_queue;
extern const struct takt_os_bench_channel takt_os_bench_sysv_memory;
extern const struct takt_os_bench_channel takt_os_bench_posix_memory;
extern const struct takt_os_bench_channel takt_os_bench_unix_stream;
extern const struct takt_os_bench_channel takt_os_bench_unix_datagram;
extern const struct takt_os_bench_channel takt_os_bench_udp; /* messages of one datagram */
extern const struct takt_os_bench_channel takt_os_bench_tcp;

/* ----------------------------------------------------------------------------------------------- bare primitives */

/* A process-shared POSIX semaphore, in shared memory. */
struct takt_os_bench_sem {
	_Alignas(64) unsigned char storage[64];
};
void takt_os_bench_sem_init(struct takt_os_bench_sem *sem);
void takt_os_bench_sem_post(struct takt_os_bench_sem *sem);
/* @retval 1 taken, 0 the system failed */
int takt_os_bench_sem_wait(struct takt_os_bench_sem *sem);

/* clock_nanosleep until an absolute CLOCK_MONOTONIC time, and clock_gettime: nothing else. */
void takt_os_bench_sleep_until(uint64_t deadline_ns);
uint64_t takt_os_bench_now_ns(void);

#endif
