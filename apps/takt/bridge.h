/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `takt bridge TOPIC|QUEUE --to|--from TARGET`: samples of a topic, or items of a queue, to or from what other programs have.
 *
 * A bridge has two sides. Inside is what takt has (struct bridge_inside_kind: topics, queues). Outside is a carrier (struct bridge_carrier):
 * one small file for each mechanism. Between them stands a codec (bridge_codec.h) that makes records of samples and samples of records.
 * With a topic neither side ever waits for the other: what does not fit is lost and counted. An item of a queue is acknowledged when it has
 * passed, and stays in the queue until then; what comes from outside waits there for the queue's room, where its policy is `block`.
 */
#ifndef APPS_TAKT_BRIDGE_H
#define APPS_TAKT_BRIDGE_H

#include <stdint.h>

#include "apps/takt/options.h"
#include "apps/takt/sample.h"
#include "core/ring.h"
#include "core/type.h"
#include "platform/datagram.h"
#include "platform/posix_ipc.h"
#include "platform/status.h"
#include "platform/sysv.h"

extern const struct command bridge_command;

enum bridge_format { BRIDGE_JSON = 0, BRIDGE_CSV = 1, BRIDGE_BINARY = 2, BRIDGE_RAW = 3, BRIDGE_FORMAT_COUNT = 4 };

struct bridge_carrier;

struct bridge_options {
	const char *topic;  /* or queue */
	const char *target; /* as it was given */
	const struct bridge_carrier *carrier;
	const char *place; /* the target behind its colon */
	int is_from;
	enum bridge_format format;
	int has_format;
	double rate_hz; /* 0: not given */
	uint32_t band;
	int has_band;
	uint32_t queue_band; /* TAKT_BAND_ANY: not given */
	uint64_t bound_ns;
	const char *guard;  /* NULL: as the object itself */
	const char *fields; /* NULL: as the topic describes itself */
	const char *config; /* NULL: TAKT_CONFIG */
	const char *node;   /* NULL: TAKT_NODE */
	const char *domain;
	uint64_t count; /* 0: no bound */
	int may_create;
	int ends_on_close;
	int has_history;
};

int bridge_run(int argc, char **argv);
int bridge_options_parse(struct bridge_options *options, int argc, char **argv);

/* Where every sample has gone. taken = passed + full + nobody + bound + refused + over. */
struct bridge_counts {
	uint64_t taken;
	uint64_t passed;  /* to the other side */
	uint64_t full;	  /* lost: no room there */
	uint64_t nobody;  /* lost: nobody there */
	uint64_t bound;	  /* lost: the guard, or the topic's lock, was not free within its bound */
	uint64_t refused; /* no sample of the topic's type, or too long */
	uint64_t over;	  /* over the rate that was asked for */
	uint64_t
		missed; /* lost before they were taken: overwritten in the topic, dropped by the system, missing numbers */
	uint64_t skipped; /* never taken, since a newer one was there and a rate was asked for */
};

/* ------------------------------------------------------------------------------------------------------- outside */

/* An open carrier. Zero-initialise. */
struct bridge_peer {
	const struct bridge_options *options;
	enum bridge_format format;
	uint32_t record_bytes_max;
	int descriptor; /* to be waited for; -1: it must be looked at */
	uint32_t band;	/* of what is sent, and of what was received last: 0 is the lowest */
	int is_open;
	uint64_t dropped; /* what the system threw away on the way to us */
	union {
		struct takt_os_sysv_queue sysv_queue;
		struct takt_os_posix_queue posix_queue;
		struct takt_os_sysv_shm sysv_shm;
		struct takt_os_posix_shm posix_shm;
		struct takt_os_datagram datagram;
	} os;
	/* Streams: the rest of the record that went out last, and what has come of the next one. */
	struct bridge_splitter *splitter;
	unsigned char *rest;
	uint32_t rest_bytes;
	/* Shared memory: what was there last. */
	unsigned char *last;
	uint32_t last_bytes;
};

/*
 * A mechanism. `open` says what is wrong. Statuses of send and receive: TAKT_OK, TAKT_FULL, TAKT_EMPTY, TAKT_CLOSED nobody is
 * there, or the end of a stream; TAKT_ABSENT the object was removed: close and open it again; TAKT_TIMEOUT the guard's bound passed;
 * TAKT_LIMIT too long; TAKT_DENIED and TAKT_SYSTEM with a message.
 */
struct bridge_carrier {
	const char *scheme;   /* "fifo" */
	const char *argument; /* "PATH"; NULL: it has none */
	const char *about;
	uint32_t formats;	   /* one bit per enum bridge_format */
	enum bridge_format format; /* unless another is asked for */
	int is_out, is_in;	   /* whether --to, --from may name it */
	int is_state;		   /* it holds the newest only: looked at `rate` times a second */
	int is_datagram; /* what is not taken is dropped: so all is taken, and what is over the rate thrown away */
	uint32_t band_min, band_max; /* 0 and 0: it has none */
	enum takt_status (*open)(struct bridge_peer *peer);
	enum takt_status (*send)(struct bridge_peer *peer, const void *record, uint32_t bytes);
	enum takt_status (*receive)(struct bridge_peer *peer, void *record, uint32_t room, uint32_t *bytes);
	void (*close)(struct bridge_peer *peer);
};

extern const struct bridge_carrier bridge_stdout, bridge_stdin, bridge_fifo, bridge_sysv_queue, bridge_posix_queue,
	bridge_sysv_shm, bridge_posix_shm, bridge_unix, bridge_udp;

/* "fifo:/run/x" to its carrier and place. @retval NULL: none of that name */
const struct bridge_carrier *bridge_carrier_find(const char *target, const char **place);
const struct bridge_carrier *bridge_carrier_at(uint32_t index); /* NULL behind the last */

/* -------------------------------------------------------------------------------------------------------- inside */

struct bridge_inside;

/* What of takt is bridged. next: TAKT_OK, TAKT_EMPTY, TAKT_CORRUPT with a message. put: TAKT_OK, TAKT_TIMEOUT, TAKT_FULL, or others
 * that end the bridge. wait: TAKT_OK, TAKT_TIMEOUT, TAKT_STOPPED. */
struct bridge_inside_kind {
	enum takt_status (*open)(struct bridge_inside *inside, const struct bridge_options *options);
	/* Both sides are open: says so to whoever waits for it. */
	enum takt_status (*set_ready)(struct bridge_inside *inside);
	enum takt_status (*next)(struct bridge_inside *inside, struct takt_sample_header *header,
				 struct bridge_counts *counts);
	enum takt_status (*wait)(struct bridge_inside *inside, uint64_t deadline_ns);
	enum takt_status (*put)(struct bridge_inside *inside, const unsigned char *payload);
	/* How what `next` gave has passed. @retval 1 it is done with  @retval 0 it is kept, and `next` gives it again */
	int (*settle)(struct bridge_inside *inside, enum takt_status status);
	int (*should_end)(const struct bridge_inside *inside);
	void (*close)(struct bridge_inside *inside);
};

struct bridge_inside {
	const struct bridge_inside_kind *kind;
	struct takt_flat_type type;
	struct decode_selection all;
	struct sample_view view;
	unsigned char *payload; /* type.bytes: of the sample that `next` gave */
	int wants_newest;	/* a rate was asked for */
	uint32_t band;		/* of what `next` gave, and for what is put; 0 of a topic */
	const char *meanwhile;	/* what happens to what cannot pass */
	const char *noun;	/* "topic", and who describes its type */
	const char *describer;
};

/* One of each; zeroed, its kind set. */
struct bridge_inside *bridge_topic(void);
struct bridge_inside *bridge_items(void);

/* Whether the bridge is to be a node of the config, and not only to look. */
int bridge_is_member(const struct bridge_options *options);

/* Waits for whoever describes the type; told to quit meanwhile, it does. @param look sets the type, or TAKT_NOT_READY: nobody has
 * @retval TAKT_OK @retval TAKT_STOPPED @retval others as `look` */
TAKT_CHECKED enum takt_status
bridge_wait_for_type(struct bridge_inside *inside,
		     enum takt_status (*look)(struct bridge_inside *inside, const char *name), const char *name);

/* "pressure f64 Pa, count u32, name char[16]" to a described type, laid out as a C compiler does. @param type its name and bytes are set
 * @retval TAKT_OK @retval TAKT_INVALID, TAKT_LIMIT with a message */
TAKT_CHECKED enum takt_status bridge_fields_read(const char *text, struct takt_flat_type *type);

/* --------------------------------------------------------------------------------------------------------- loops */

struct bridge {
	struct bridge_options options;
	struct bridge_inside *inside;
	struct bridge_peer peer;
	struct bridge_codec *codec;
	struct bridge_counts counts;
	uint64_t due_ns;	 /* when the next may pass, where a rate was asked for */
	uint64_t reopen_ns;	 /* when a removed object is looked for again */
	uint64_t quiet_until_ns; /* nothing more of what comes and goes */
	uint32_t troubles_said;	 /* one bit per status that was told and has not ended */
	int code;
};

/* Until the end. @retval EXIT_OK or EXIT_FAILED with a message */
int bridge_out(struct bridge *bridge);
int bridge_in(struct bridge *bridge);

/* Shared by both (bridge_loop.c). */
int bridge_is_over(struct bridge *bridge);
/* What a status of the outside means for the bridge, but TAKT_OK and TAKT_EMPTY. @retval 1: go on */
int bridge_meet_trouble(struct bridge *bridge, enum takt_status status);
/* The outside works again. */
void bridge_end_trouble(struct bridge *bridge);
/* Opens a removed object again, at most twice a second. @retval 1 it is open */
int bridge_reopen(struct bridge *bridge);
void bridge_say_counts(const struct bridge *bridge);

#endif
