/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every byte that processes share. Fixed-width integers, atomics of them and arrays only; every gap is named; every offset is
 * pinned below and in tests/golden/layout.txt. A domain is one roster, one segment a topic and one a node, and each begins with
 * struct takt_segment_shm.
 *
 * Who writes what: `roster` all members; `topic` its publishers; `node` that node alone. All others map it read-only.
 */
#ifndef TAKT_CORE_LAYOUT_H
#define TAKT_CORE_LAYOUT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/histogram.h"
#include "core/limits.h"
#include "platform/sem.h"

#define TAKT_CACHE_LINE_BYTES 64u
#define TAKT_MAGIC	      "takt\0shm"
#define TAKT_ENDIAN_MARK      0x01020304u

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "takt needs lock-free 64-bit atomics: ARMv7-A or later, x86-64, AArch64");

/* A payload is copied in words of the processor's own size, each a relaxed atomic. Part of the ABI: 32 and 64 bit do not mix. */
typedef uintptr_t takt_word;

enum takt_segment_kind { TAKT_SEGMENT_ROSTER = 1, TAKT_SEGMENT_TOPIC = 2, TAKT_SEGMENT_NODE = 3 };

struct takt_segment_shm {
	unsigned char magic[8];
	uint32_t endian_mark;
	uint32_t abi_version;
	uint32_t pointer_bytes;
	uint32_t kind;		/* enum takt_segment_kind */
	uint32_t sem_kind;	/* enum takt_os_sem_kind */
	_Atomic uint32_t ready; /* stored last */
	uint64_t total_bytes;
	uint64_t layout_hash; /* of everything in the config that sizes or orders this segment */
	uint64_t
		instance; /* random, drawn when the roster was made; all segments of one life of a domain carry the same */
	char domain[TAKT_NAME_BYTES];
	char name[TAKT_NAME_BYTES];
	uint64_t reserved;
};

/* ------------------------------------------------------------------------------------------------ roster */

struct takt_roster_shm {
	struct takt_segment_shm segment;
	uint32_t node_count;
	uint32_t waiter_count;
	uint32_t topic_count;
	uint32_t pin_count;
	uint64_t nodes_offset;
	uint64_t waiters_offset;
	uint64_t topics_offset;
	uint64_t masks_offset;
	uint64_t pins_offset;
	uint64_t reserved;
};

/* One node of the config. The token says who occupies it; 0 nobody ever did. */
struct takt_roster_node_shm {
	_Atomic uint64_t token;
	_Atomic uint64_t joined_count;
	char name[TAKT_NAME_BYTES];
	uint32_t waiter_first;
	uint32_t waiter_count;
	uint64_t reserved;
};

/* One thread that may sleep. */
struct takt_roster_waiter_shm {
	struct takt_os_sem wake;
	unsigned char reserved[32];
};

struct takt_roster_topic_shm {
	char name[TAKT_NAME_BYTES];
	uint32_t pin_first;
	uint32_t pin_count;
	uint64_t subscriber_mask; /* waiters of the nodes that the config lets read this topic */
	uint64_t reserved[2];
};

/* One bit a waiter: it wants to be woken by the next publish. */
struct takt_mask_shm {
	_Atomic uint64_t waiting;
	uint64_t reserved[7];
};

/* "I read slot - 1 in place." Owned by the subscriber whose node's token stands in it. */
struct takt_pin_shm {
	_Atomic uint64_t owner;
	_Atomic uint32_t slot_plus_one;
	uint32_t reserved_word;
	uint64_t reserved[6];
};

/* ------------------------------------------------------------------------------------------------- topic */

struct takt_lock_shm {
	_Atomic uint64_t owner; /* bit 63: contended; low 62 bits: the owner's token; 0: free */
	_Atomic uint64_t turn;	/* counts acquisitions; a process that released a contended lock waits for it to move */
	_Atomic uint64_t takeover_count;
	_Atomic uint64_t wait_ns_max;
	_Atomic uint64_t hold_ns_max;
	uint64_t reserved;
	uint64_t reserved_line[2];
	struct takt_os_sem hint;
	uint64_t reserved_tail[4];
};

struct takt_field_shm {
	char name[TAKT_FIELD_NAME_BYTES];
	char unit[TAKT_FIELD_UNIT_BYTES];
	uint16_t kind; /* enum takt_kind */
	uint16_t reserved;
	uint32_t count;
	uint32_t offset;
};

/* A slot that no cell names: free (owner 0), or claimed for a publish (purpose 0) or a loan (purpose 1) by a publisher. */
struct takt_spare_shm {
	_Atomic uint64_t owner;
	_Atomic uint32_t slot_index;
	_Atomic uint32_t purpose;
};

/* What stands before each payload. Copied in words, like the payload. */
struct takt_slot_shm {
	uint64_t number;
	uint64_t publish_ns;
	uint64_t origin_number;
	uint64_t origin_ns;
	uint32_t origin_topic_index;
	uint32_t reserved_word;
	uint64_t reserved;
};

struct takt_topic_shm {
	struct takt_segment_shm segment;

	/* Constant from creation on; copied to private memory once, at attach. */
	uint32_t topic_index;
	uint32_t depth;
	uint32_t slot_count;
	uint32_t spare_count;
	uint32_t payload_bytes;
	uint32_t slot_bytes;
	uint32_t borrow_count;
	uint32_t loan_count;
	uint32_t publisher_count_max;
	uint32_t reserved_word;
	uint64_t deadline_ns;
	uint64_t cells_offset;
	uint64_t spares_offset;
	uint64_t fields_offset;
	uint64_t slots_offset;
	char type_name[TAKT_NAME_BYTES];
	uint64_t reserved_constants[2];

	/* The description: fields, then count, then the hash with release. 0: not described yet. */
	_Atomic uint64_t type_hash;
	_Atomic uint32_t field_count;
	uint32_t reserved_description;
	_Atomic uint64_t publisher_token; /* single publisher: who it is, for tools; it decides nothing */
	_Atomic uint64_t takeover_count;  /* times that a publisher followed one that died */
	uint64_t reserved_state[4];

	_Atomic uint64_t
		head; /* number of the newest sample; 0: none yet. Alone on its line: pollers of cells do not touch it */
	uint64_t reserved_head[7];

	struct takt_lock_shm lock;
	/* Followed by cells: _Atomic uint64_t[depth]; spares; fields; slots, each on a cache line of its own. */
};

/* -------------------------------------------------------------------------------------------------- node */

struct takt_histogram_shm {
	_Atomic uint64_t count;
	_Atomic uint64_t sum;
	_Atomic uint64_t max;
	_Atomic uint64_t min;
	_Atomic uint64_t buckets[TAKT_HISTOGRAM_BUCKET_COUNT];
};

/* One topic that the node writes. */
struct takt_publication_shm {
	char topic[TAKT_NAME_BYTES];
	_Atomic uint64_t published_count;
	_Atomic uint64_t woken_count;	/* posts made */
	_Atomic uint64_t timeout_count; /* publishes given up because the lock's bound passed */
	_Atomic uint64_t abandoned_count;
};

/* One topic that the node reads. */
struct takt_subscription_shm {
	char topic[TAKT_NAME_BYTES];
	_Atomic uint64_t start_number; /* got + lost + skipped = next - start at every return */
	_Atomic uint64_t next_number;
	_Atomic uint64_t got_count;
	_Atomic uint64_t lost_count;
	_Atomic uint64_t skipped_count;
	_Atomic uint64_t stale_count;
	_Atomic uint64_t overtaken_count;
	uint64_t reserved;
	struct takt_histogram_shm age_ns; /* from publish to read */
	struct takt_histogram_shm
		chain_ns; /* from the origin's time to read; only samples with an origin other than themselves */
};

/* One loop, that is one waiter, of the node. */
struct takt_loop_shm {
	_Atomic uint64_t period_ns; /* 0: event driven */
	_Atomic uint64_t cycle_count;
	_Atomic uint64_t overrun_count; /* periods in which no cycle began in time */
	_Atomic uint64_t fault_count;	/* page faults of the loop's thread since its first cycle */
	_Atomic uint64_t switch_count;	/* involuntary context switches since then */
	_Atomic uint64_t cycle_begin_ns;
	_Atomic uint64_t wake_count;	 /* times a wait slept and was woken */
	_Atomic uint64_t spurious_count; /* wakes without news */
	struct takt_histogram_shm
		jitter_ns; /* how late a cycle began: behind its period, or behind its trigger's publishing */
	struct takt_histogram_shm duration_ns; /* how long it ran */
};

enum takt_node_state {
	TAKT_NODE_ABSENT = 0,	/* never joined in this life of the domain */
	TAKT_NODE_STARTING = 1, /* joined, setting up */
	TAKT_NODE_READY = 2,	/* set up, its loop has not begun a cycle */
	TAKT_NODE_RUNNING = 3,
	TAKT_NODE_STOPPED = 4, /* told to stop: lives, obeys commands, runs no cycles */
	TAKT_NODE_ENDED = 5    /* left in order */
};

struct takt_node_shm {
	struct takt_segment_shm segment;
	_Atomic uint64_t token;
	_Atomic uint64_t joined_ns;
	_Atomic uint32_t state;	       /* enum takt_node_state */
	_Atomic uint32_t process_id;   /* for people; identifies nobody */
	_Atomic uint32_t lacks_rights; /* 1: runs without the scheduling it asked for */
	uint32_t publication_count;
	uint32_t subscription_count;
	uint32_t loop_count;
	uint64_t publications_offset;
	uint64_t subscriptions_offset;
	uint64_t loops_offset;
	_Atomic uint64_t command_count;
	_Atomic uint64_t refused_count; /* commands refused: malformed, unknown, out of range */
	_Atomic uint64_t parameter_generation;
	uint64_t reserved[3];
};

/* ------------------------------------------------------------------------------------------------- pinned */

#define TAKT_PIN_OFFSET(type, member, offset)                                                                          \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member " moved")
#define TAKT_PIN_BYTES(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type " changed its size")

TAKT_PIN_OFFSET(takt_segment_shm, endian_mark, 8);
TAKT_PIN_OFFSET(takt_segment_shm, abi_version, 12);
TAKT_PIN_OFFSET(takt_segment_shm, pointer_bytes, 16);
TAKT_PIN_OFFSET(takt_segment_shm, kind, 20);
TAKT_PIN_OFFSET(takt_segment_shm, sem_kind, 24);
TAKT_PIN_OFFSET(takt_segment_shm, ready, 28);
TAKT_PIN_OFFSET(takt_segment_shm, total_bytes, 32);
TAKT_PIN_OFFSET(takt_segment_shm, layout_hash, 40);
TAKT_PIN_OFFSET(takt_segment_shm, instance, 48);
TAKT_PIN_OFFSET(takt_segment_shm, domain, 56);
TAKT_PIN_OFFSET(takt_segment_shm, name, 88);
TAKT_PIN_BYTES(takt_segment_shm, 128);
TAKT_PIN_OFFSET(takt_roster_shm, node_count, 128);
TAKT_PIN_OFFSET(takt_roster_shm, nodes_offset, 144);
TAKT_PIN_OFFSET(takt_roster_shm, pins_offset, 176);
TAKT_PIN_BYTES(takt_roster_shm, 192);
TAKT_PIN_OFFSET(takt_roster_node_shm, name, 16);
TAKT_PIN_OFFSET(takt_roster_node_shm, waiter_first, 48);
TAKT_PIN_BYTES(takt_roster_node_shm, 64);
TAKT_PIN_BYTES(takt_roster_waiter_shm, 64);
TAKT_PIN_OFFSET(takt_roster_topic_shm, pin_first, 32);
TAKT_PIN_OFFSET(takt_roster_topic_shm, subscriber_mask, 40);
TAKT_PIN_BYTES(takt_roster_topic_shm, 64);
TAKT_PIN_BYTES(takt_mask_shm, 64);
TAKT_PIN_OFFSET(takt_pin_shm, slot_plus_one, 8);
TAKT_PIN_BYTES(takt_pin_shm, 64);
TAKT_PIN_OFFSET(takt_lock_shm, turn, 8);
TAKT_PIN_OFFSET(takt_lock_shm, hint, 64);
TAKT_PIN_BYTES(takt_lock_shm, 128);
TAKT_PIN_OFFSET(takt_field_shm, kind, 52);
TAKT_PIN_OFFSET(takt_field_shm, count, 56);
TAKT_PIN_BYTES(takt_field_shm, 64);
TAKT_PIN_OFFSET(takt_spare_shm, slot_index, 8);
TAKT_PIN_BYTES(takt_spare_shm, 16);
TAKT_PIN_OFFSET(takt_slot_shm, publish_ns, 8);
TAKT_PIN_OFFSET(takt_slot_shm, origin_topic_index, 32);
TAKT_PIN_BYTES(takt_slot_shm, 48);
TAKT_PIN_OFFSET(takt_topic_shm, topic_index, 128);
TAKT_PIN_OFFSET(takt_topic_shm, deadline_ns, 168);
TAKT_PIN_OFFSET(takt_topic_shm, type_name, 208);
TAKT_PIN_OFFSET(takt_topic_shm, type_hash, 256);
TAKT_PIN_OFFSET(takt_topic_shm, publisher_token, 272);
TAKT_PIN_OFFSET(takt_topic_shm, head, 320);
TAKT_PIN_OFFSET(takt_topic_shm, lock, 384);
TAKT_PIN_BYTES(takt_topic_shm, 512);
TAKT_PIN_OFFSET(takt_histogram_shm, buckets, 32);
TAKT_PIN_BYTES(takt_histogram_shm, 32 + 8 * TAKT_HISTOGRAM_BUCKET_COUNT);
TAKT_PIN_BYTES(takt_publication_shm, 64);
TAKT_PIN_OFFSET(takt_subscription_shm, start_number, 32);
TAKT_PIN_OFFSET(takt_subscription_shm, age_ns, 96);
TAKT_PIN_OFFSET(takt_loop_shm, jitter_ns, 64);
TAKT_PIN_OFFSET(takt_node_shm, token, 128);
TAKT_PIN_OFFSET(takt_node_shm, state, 144);
TAKT_PIN_OFFSET(takt_node_shm, publications_offset, 168);
TAKT_PIN_OFFSET(takt_node_shm, command_count, 192);
TAKT_PIN_BYTES(takt_node_shm, 240);

#endif
