/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed limits of takt: everything is sized before start, and every loop has one of these as its bound. */
#ifndef TAKT_CORE_LIMITS_H
#define TAKT_CORE_LIMITS_H

#define TAKT_ABI_VERSION 3u

#define TAKT_NAME_BYTES		  32  /* name of a domain, node, topic or type, with its terminating zero */
#define TAKT_NODE_COUNT_MAX	  256 /* nodes of a domain */
#define TAKT_WAITER_COUNT_MAX	  64 /* threads of a domain that may sleep until a topic has news: one bit of a mask each */
#define TAKT_WAITERS_PER_NODE_MAX 8
#define TAKT_TOPIC_COUNT_MAX	  1024 /* topics of a domain */
#define TAKT_SYNC_COUNT_MAX	  256  /* synchronisation objects of a domain */
#define TAKT_SYNCS_PER_NODE_MAX	  32   /* that one node uses */
#define TAKT_TOPICS_PER_NODE_MAX  64   /* topics that one node reads, and as many that it writes */
#define TAKT_HANDLES_PER_NODE_MAX                                                                                      \
	128 /* publishers, producers, consumers and synchronisation objects that one node holds */
#define TAKT_DEPTH_MIN			2
#define TAKT_DEPTH_MAX			4096
#define TAKT_BORROW_COUNT_MAX		64 /* pins of one topic */
#define TAKT_BORROWS_PER_SUBSCRIBER_MAX 4
#define TAKT_LOAN_COUNT_MAX		64
#define TAKT_PUBLISHER_COUNT_MAX	64	  /* publishers of one topic */
#define TAKT_QUEUE_COUNT_MAX		256	  /* queues of a domain */
#define TAKT_QUEUES_PER_NODE_MAX	16	  /* queues that one node takes from, and as many that it pushes to */
#define TAKT_BAND_COUNT_MAX		8	  /* priorities of a queue */
#define TAKT_DELIVERY_COUNT_MAX		1000000	  /* times that a queue hands an item out before it gives it up */
#define TAKT_PAYLOAD_BYTES_MAX		67108864u /* 64 MiB */
#define TAKT_PAYLOAD_ALIGNMENT		16u
#define TAKT_COPY_WORDS_BYTES_MAX                                                                                      \
	4096u /* larger payloads are copied with plain loads and stores, and thrown away if overtaken */

#define TAKT_FIELD_COUNT_MAX  128 /* fields of one type after nested types are laid flat */
#define TAKT_FIELD_NAME_BYTES 40
#define TAKT_FIELD_UNIT_BYTES 12

#define TAKT_PARAMETER_COUNT_MAX     64
#define TAKT_PARAMETER_SET_BYTES_MAX 4096
#define TAKT_COMMAND_COUNT_MAX	     32	  /* commands of a node's own */
#define TAKT_LINE_BYTES_MAX	     4096 /* longest command line, newline included: what a pipe writes whole */
#define TAKT_REPLY_NAME_BYTES	     33
#define TAKT_ACCESS_COUNT_MAX	     64 /* rules of a config on who may command */
#define TAKT_ACCESS_LIST_MAX	     64 /* users, groups, commands and parameters of one of them */

#define TAKT_WAIT_SLICE_NS_DEFAULT 10000000u /* a lost wake-up costs at most this */
#define TAKT_LOCK_SLICE_NS	   1000000u  /* the same for a lock that is being waited for */
#define TAKT_LOCK_BOUND_NS_DEFAULT 5000000u
#define TAKT_SPIN_US_MAX	   1000 /* that a wait may poll before it sleeps */
#define TAKT_QUEUE_WAKES_MAX	   64	/* wake-ups of one slice that other consumers were faster for, each queue */
#define TAKT_READ_TRIES_MAX	   4	/* times that a reader starts again when it is overtaken */
#define TAKT_LOCK_TRIES_MAX	   64	/* lost races for a lock word before the present time is looked at */

#endif
