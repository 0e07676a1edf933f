/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every byte that processes share. Fixed-width integers, atomics of them and arrays only; every gap is named; every offset is
 * pinned below and in tests/golden/layout.txt. A domain is one roster, one segment a topic, two a queue and one a node, and each begins with
 * struct takt_segment_shm.
 *
 * Who writes what: `roster` all members; `topic` its publishers; `queue` its producers, `state` of a queue these and its consumers; `sync` its
 * users; `node` that node alone. All others map it read-only.
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

enum takt_segment_kind {
	TAKT_SEGMENT_ROSTER = 1,
	TAKT_SEGMENT_TOPIC = 2,
	TAKT_SEGMENT_NODE = 3,
	TAKT_SEGMENT_QUEUE = 4,
	TAKT_SEGMENT_STATE = 5,
	TAKT_SEGMENT_SYNC = 6
};

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
	uint64_t queues_offset;
	uint32_t queue_count;
	uint32_t mask_count; /* the topics', in their order, then the queues' */
	uint64_t reserved[7];
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

/* A queue has two masks for each of its bands: who waits for an item, then, behind those of all bands, who waits for room. */
struct takt_roster_queue_shm {
	char name[TAKT_NAME_BYTES];
	uint64_t consumer_mask; /* waiters of the nodes that the config lets take from this queue */
	uint64_t producer_mask; /* and of those that it lets push to it */
	uint32_t mask_first;
	uint32_t band_count;
	uint64_t reserved;
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

/* The description: fields, then count, then the hash with release. 0: not described yet. */
struct takt_description_shm {
	_Atomic uint64_t type_hash;
	_Atomic uint32_t field_count;
	uint32_t reserved;
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
	uint64_t origin_topic_index;
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

	struct takt_description_shm description;
	_Atomic uint64_t publisher_token; /* single publisher: who it is, for tools; it decides nothing */
	_Atomic uint64_t takeover_count;  /* times that a publisher followed one that died */
	uint64_t reserved_state[4];

	_Atomic uint64_t
		head; /* number of the newest sample; 0: none yet. Alone on its line: pollers of cells do not touch it */
	uint64_t reserved_head[7];

	struct takt_lock_shm lock;
	/* Followed by cells: _Atomic uint64_t[depth]; spares; fields; slots, each on a cache line of its own. */
};

/* ------------------------------------------------------------------------------------------------- sync */

/* What one thread holds of a synchronisation object. The index is its waiter's. */
struct takt_holder_shm {
	_Atomic uint64_t token; /* 0: nobody has it open with this waiter */
	_Atomic uint32_t
		state; /* semaphore: units held; rwlock: enum takt_rwlock_state; barrier: the round it arrived in */
	uint32_t reserved;
};

/* A synchronisation object. What it is follows from `word` and the holders; each change is one store, under the lock. */
struct takt_sync_shm {
	struct takt_segment_shm segment;

	/* Constant from creation on; compared once, at attach. */
	uint32_t kind;	    /* enum takt_sync_kind */
	uint32_t initial;   /* semaphore: units at first */
	uint32_t maximum;   /* semaphore: units at most; barrier: members */
	uint32_t is_undone; /* semaphore: what a dead process held comes back */
	uint64_t user_mask; /* waiters of the nodes that the config lets use it */
	uint64_t reserved_constants[5];

	struct takt_mask_shm mask; /* who sleeps until it changes */
	struct takt_lock_shm lock; /* a mutex is this lock; the others change under it, but for event flags */

	/* semaphore: units, where none are held; rwlock: 1 while a dead writer's work is not repaired; events: the bits;
	 * barrier: rounds that ended, and above them which of the last 32 ended broken */
	_Atomic uint64_t word;
	_Atomic uint64_t taken_count;	  /* waits that got what they waited for */
	_Atomic uint64_t timeout_count;	  /* waits whose deadline passed */
	_Atomic uint64_t recovered_count; /* holders that died holding */
	uint64_t reserved_state[4];

	struct takt_holder_shm holders[TAKT_WAITER_COUNT_MAX];
};

/* -------------------------------------------------------------------------------------------------- node */

struct takt_histogram_shm {
	_Atomic uint64_t count;
	_Atomic uint64_t sum;
	_Atomic uint64_t max;
	_Atomic uint64_t min;
	_Atomic uint64_t buckets[TAKT_HISTOGRAM_BUCKET_COUNT];
};

/* ------------------------------------------------------------------------------------------------- queue */

/* What an item says: written by producers only, so that no consumer can change it. */
struct takt_queue_shm {
	struct takt_segment_shm segment;

	/* Constant from creation on; copied to private memory once, at attach. */
	uint32_t queue_index;
	uint32_t band_count;
	uint32_t depth;	    /* of each band */
	uint32_t when_full; /* enum takt_when_full */
	uint32_t payload_bytes;
	uint32_t slot_bytes;
	uint32_t delivery_count_max; /* 0: no limit */
	uint32_t reserved_word;
	uint64_t fields_offset;
	uint64_t slots_offset;
	char type_name[TAKT_NAME_BYTES];
	uint64_t reserved_constants[2];
	struct takt_description_shm description;
	uint64_t reserved_state[4];
	/* Followed by fields; slots of band 0, band 1, ... : struct takt_item_shm and payload, each on a cache line of its own. */
};

/* What stands before an item's payload. The number is 0 while a producer fills the slot. */
struct takt_item_shm {
	_Atomic uint64_t number;
	_Atomic uint64_t push_ns;
	_Atomic uint64_t origin_number;
	_Atomic uint64_t origin_ns;
	_Atomic uint64_t origin_topic_index;
	uint64_t reserved;
};

/* Where an item stands. `sequence` is the truth: the position p for which the slot is free, or p + 1 while item p is in it. */
struct takt_entry_shm {
	_Atomic uint64_t sequence;
	_Atomic uint64_t
		leased; /* 2p + 3: somebody works on item p; 2p + 2: it was given back; less: nobody has had it */
	_Atomic uint64_t token; /* of who works on it */
	_Atomic uint32_t delivery_count;
	uint32_t reserved;
};

/* One priority of a queue. */
struct takt_band_shm {
	/* Producers, under their lock. */
	_Atomic uint64_t tail; /* every position below it is given away */
	_Atomic uint64_t filled_count;
	_Atomic uint64_t fill_max; /* the high-water mark */
	uint64_t reserved_producers[5];
	/* Consumers, under theirs. */
	_Atomic uint64_t head; /* no item below it waits for a consumer */
	uint64_t reserved_consumers[7];
	/* Whoever frees a slot. */
	_Atomic uint64_t freed_count;
	uint64_t reserved_freed[7];
};

/* Who has what: written by producers and consumers. */
struct takt_queue_state_shm {
	struct takt_segment_shm segment;
	uint32_t band_count;
	uint32_t depth;
	uint64_t bands_offset;
	uint64_t entries_offset;
	uint64_t reserved[5];
	struct takt_lock_shm producers;
	struct takt_lock_shm consumers;
	/* Producers, under their lock. */
	_Atomic uint64_t pushed_count;
	_Atomic uint64_t dropped_newest_count; /* not pushed: it was full */
	_Atomic uint64_t dropped_oldest_count; /* taken out to make room */
	uint64_t reserved_producers[5];
	/* Without a lock. */
	_Atomic uint64_t blocked_count; /* pushes that had to wait for room */
	_Atomic uint64_t timeout_count; /* pushes and takes given up: no room, or a lock's bound */
	_Atomic uint64_t acknowledged_count;
	uint64_t reserved_free[5];
	/* Consumers, under theirs. */
	_Atomic uint64_t taken_count;
	_Atomic uint64_t returned_count;    /* given back by who had it */
	_Atomic uint64_t redelivered_count; /* taken from a consumer that died */
	_Atomic uint64_t exhausted_count;   /* given up: handed out too often */
	uint64_t reserved_consumers[4];
	struct takt_histogram_shm waiting_ns; /* from push to the first take */
					      /* Followed by bands; entries of band 0, band 1, ... */
};

/* -------------------------------------------------------------------------------------------------- node */

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

/* One queue that the node pushes to, or takes from. */
struct takt_queue_use_shm {
	char queue[TAKT_NAME_BYTES];
	_Atomic uint64_t moved_count;	 /* items pushed, or taken */
	_Atomic uint64_t finished_count; /* items acknowledged */
	_Atomic uint64_t refused_count;	 /* pushes that found no room or no lock, items given back */
	uint32_t is_producer;
	uint32_t reserved;
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
	uint64_t uses_offset;
	uint32_t use_count; /* queues that it pushes to, then those that it takes from */
	uint32_t reserved_word;
	uint64_t reserved;
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
TAKT_PIN_OFFSET(takt_roster_shm, queue_count, 192);
TAKT_PIN_BYTES(takt_roster_shm, 256);
TAKT_PIN_OFFSET(takt_roster_node_shm, name, 16);
TAKT_PIN_OFFSET(takt_roster_node_shm, waiter_first, 48);
TAKT_PIN_BYTES(takt_roster_node_shm, 64);
TAKT_PIN_BYTES(takt_roster_waiter_shm, 64);
TAKT_PIN_OFFSET(takt_roster_topic_shm, pin_first, 32);
TAKT_PIN_OFFSET(takt_roster_topic_shm, subscriber_mask, 40);
TAKT_PIN_BYTES(takt_roster_topic_shm, 64);
TAKT_PIN_OFFSET(takt_roster_queue_shm, consumer_mask, 32);
TAKT_PIN_OFFSET(takt_roster_queue_shm, mask_first, 48);
TAKT_PIN_BYTES(takt_roster_queue_shm, 64);
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
TAKT_PIN_BYTES(takt_description_shm, 16);
TAKT_PIN_OFFSET(takt_topic_shm, description, 256);
TAKT_PIN_OFFSET(takt_topic_shm, publisher_token, 272);
TAKT_PIN_OFFSET(takt_topic_shm, head, 320);
TAKT_PIN_OFFSET(takt_topic_shm, lock, 384);
TAKT_PIN_BYTES(takt_topic_shm, 512);
TAKT_PIN_OFFSET(takt_queue_shm, queue_index, 128);
TAKT_PIN_OFFSET(takt_queue_shm, fields_offset, 160);
TAKT_PIN_OFFSET(takt_queue_shm, type_name, 176);
TAKT_PIN_OFFSET(takt_queue_shm, description, 224);
TAKT_PIN_BYTES(takt_queue_shm, 272);
TAKT_PIN_OFFSET(takt_item_shm, origin_topic_index, 32);
TAKT_PIN_BYTES(takt_item_shm, 48);
TAKT_PIN_OFFSET(takt_entry_shm, leased, 8);
TAKT_PIN_OFFSET(takt_entry_shm, delivery_count, 24);
TAKT_PIN_BYTES(takt_entry_shm, 32);
TAKT_PIN_OFFSET(takt_band_shm, head, 64);
TAKT_PIN_OFFSET(takt_band_shm, freed_count, 128);
TAKT_PIN_BYTES(takt_band_shm, 192);
TAKT_PIN_OFFSET(takt_queue_state_shm, band_count, 128);
TAKT_PIN_OFFSET(takt_queue_state_shm, producers, 192);
TAKT_PIN_OFFSET(takt_queue_state_shm, consumers, 320);
TAKT_PIN_OFFSET(takt_queue_state_shm, pushed_count, 448);
TAKT_PIN_OFFSET(takt_queue_state_shm, blocked_count, 512);
TAKT_PIN_OFFSET(takt_queue_state_shm, taken_count, 576);
TAKT_PIN_OFFSET(takt_queue_state_shm, waiting_ns, 640);
TAKT_PIN_OFFSET(takt_holder_shm, state, 8);
TAKT_PIN_BYTES(takt_holder_shm, 16);
TAKT_PIN_OFFSET(takt_sync_shm, kind, 128);
TAKT_PIN_OFFSET(takt_sync_shm, user_mask, 144);
TAKT_PIN_OFFSET(takt_sync_shm, mask, 192);
TAKT_PIN_OFFSET(takt_sync_shm, lock, 256);
TAKT_PIN_OFFSET(takt_sync_shm, word, 384);
TAKT_PIN_OFFSET(takt_sync_shm, holders, 448);
TAKT_PIN_BYTES(takt_sync_shm, 448 + 16 * TAKT_WAITER_COUNT_MAX);
TAKT_PIN_OFFSET(takt_histogram_shm, buckets, 32);
TAKT_PIN_BYTES(takt_histogram_shm, 32 + 8 * TAKT_HISTOGRAM_BUCKET_COUNT);
TAKT_PIN_BYTES(takt_publication_shm, 64);
TAKT_PIN_OFFSET(takt_subscription_shm, start_number, 32);
TAKT_PIN_OFFSET(takt_subscription_shm, age_ns, 96);
TAKT_PIN_OFFSET(takt_queue_use_shm, moved_count, 32);
TAKT_PIN_BYTES(takt_queue_use_shm, 64);
TAKT_PIN_OFFSET(takt_loop_shm, jitter_ns, 64);
TAKT_PIN_OFFSET(takt_node_shm, token, 128);
TAKT_PIN_OFFSET(takt_node_shm, state, 144);
TAKT_PIN_OFFSET(takt_node_shm, publications_offset, 168);
TAKT_PIN_OFFSET(takt_node_shm, command_count, 192);
TAKT_PIN_OFFSET(takt_node_shm, uses_offset, 216);
TAKT_PIN_BYTES(takt_node_shm, 240);

#endif
