/* SPDX-License-Identifier: Apache-2.0 */
/* What the flood's processes share: nodes that are asked for too much, and writers that ask. */
#ifndef TAKT_TEST_FLOOD_H
#define TAKT_TEST_FLOOD_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "platform/status.h"

#define FLOOD_DOMAIN	 "flood"
#define FLOOD_NODES_MAX	 8u
#define FLOOD_PIPE_BYTES 4096u /* written whole, and the longest line with its newline */

/* Writers of one node. Each has tags of its own. */
enum flood_writer_kind {
	FLOOD_STEADY = 0, /* every kind of line, each in one write, as fast as the pipe takes them */
	FLOOD_STEADY_2 = 1,
	FLOOD_MORTAL = 2,   /* valid lines only, killed at random and started again */
	FLOOD_OPERATOR = 3, /* takt's own client, one command after the other, each answered */
	FLOOD_WRITER_COUNT = 4
};

/* A valid `set` has a tag that is used once, and its hash; a set that must not be accepted has bit 31 set in its tag. */
#define FLOOD_TAG_WRONG	 (UINT32_C(1) << 31)
#define FLOOD_TAG_SHIFT	 24u /* writer's index + 1; before the first set it is 0 */
#define FLOOD_TAGS_MAX	 (1u << 20)
#define FLOOD_LEVEL_MAX	 1000u
#define FLOOD_NAME_BYTES 16

/* One writer. Written by it alone; a killed one leaves it to the next. */
struct flood_writer {
	_Atomic uint64_t begun;	  /* lines whose write began; each of a mortal one is a set with the next tag */
	_Atomic uint64_t lines;	  /* lines written that are not blank */
	_Atomic uint64_t invalid; /* of them, those that must be refused */
	_Atomic uint64_t tags;	  /* valid sets written: tags 0 to tags - 1 */
	_Atomic uint64_t pieces;  /* beginnings of lines that were never finished */
	_Atomic uint64_t
		failed; /* operator: commands that were not answered as they should; writers: writes that failed */
	char said[200];
};

/* One node. */
struct flood_node {
	_Atomic uint32_t is_ready;
	_Atomic uint32_t measure; /* 1: note memory and descriptors now; the node answers by setting 0 */
	_Atomic uint64_t cycles;
	_Atomic uint64_t torn;	      /* a set in force whose hash is not its tag's */
	_Atomic uint64_t wrong;	      /* a value in force that no valid line had */
	_Atomic uint64_t twice;	      /* a tag in force for the second time */
	_Atomic uint64_t applied;     /* tags in force, each once */
	_Atomic uint64_t not_applied; /* accepted lines for which no cycle came in time: the machine was too slow */
	_Atomic uint64_t commands;    /* takt's own counts */
	_Atomic uint64_t refused;
	_Atomic uint64_t messages; /* answers without a reply pipe */
	_Atomic uint64_t longest_late_ns;
	uint64_t memory_bytes[2];
	uint64_t descriptors[2];
	uint32_t measured_count;
	struct flood_writer writers[FLOOD_WRITER_COUNT];
	unsigned char seen[FLOOD_WRITER_COUNT][FLOOD_TAGS_MAX]; /* by tag: times in force */
};

enum flood_phase { FLOOD_CLEAN = 0, FLOOD_DIRTY = 1 };

struct flood_page {
	_Atomic uint32_t writers_end;
	_Atomic uint32_t nodes_end;
	_Atomic uint32_t phase; /* FLOOD_DIRTY: pieces and lines that no pipe takes whole too */
	struct flood_node nodes[FLOOD_NODES_MAX];
};
extern struct flood_page *flood_page;
extern const char *flood_config_path;
extern uint64_t flood_patience_ns; /* how long takt's client waits for an answer */
extern char flood_folder[96];	   /* of the domain */

void flood_node_name(uint32_t index, char name[FLOOD_NAME_BYTES]);
/* The child's: runs until `nodes_end`. @retval its exit code */
int flood_run_node(uint32_t index);
/* The child's. @param line_count a steady writer's share */
int flood_run_writer(uint32_t node_index, enum flood_writer_kind kind, uint64_t seed, uint64_t line_count);

uint32_t flood_hash(uint32_t tag);
uint64_t flood_random(uint64_t *state);

/* Opens a node's pipe for writing; blocking. @retval -1 */
int flood_open(uint32_t node_index);
/* One command by takt's own client, that must be answered ok. @retval 1 it was */
int flood_ask(uint32_t node_index, const char *text, char *said, uint32_t said_bytes);
/* A valid set with the writer's next tag. @retval bytes */
uint32_t flood_valid_set(uint32_t writer, uint64_t tag, char *line, uint32_t line_bytes);

#endif
