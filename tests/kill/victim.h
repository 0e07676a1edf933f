/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that dies where it is told to. It is forked from the harness, prepares itself at full speed, stops, and is then led
 * through one operation, instruction by instruction, by ptrace. What that takes of the processor is in machine.h.
 *
 * One recorded run steps through the whole window. The runs that end in a kill go at full speed to an instruction before their point
 * (a breakpoint in the victim's private copy of the text, met as often as the recorded run had met it), and step from there.
 */
#ifndef TAKT_TEST_KILL_VICTIM_H
#define TAKT_TEST_KILL_VICTIM_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>

/* What the harness, the victim and its companions share. */
struct control {
	_Atomic uint32_t is_done;	  /* the operation has returned */
	_Atomic int32_t status;		  /* what it returned */
	_Atomic uint64_t token;		  /* the victim's node's */
	_Atomic uint32_t companion_state; /* enum companion_state */
	sem_t companion_goes;		  /* one word for each of its parts */
	_Atomic uint64_t companion_end_ns;
	_Atomic int32_t companion_status;
};
extern struct control *control;

enum companion_state { COMPANION_BEGINS = 0, COMPANION_IS_READY = 1, COMPANION_HOLDS = 2, COMPANION_IS_DONE = 3 };

struct operation {
	void (*prepare)(void);	    /* at full speed */
	void (*operate)(void);	    /* the window */
	void (*window_begin)(void); /* the window begins where this function is entered; NULL: with operate */
};

#define TRACE_IS_CALL 1u /* the step was a system call */
#define TRACE_CHANGES 2u /* the step changed what others can see */

/* A recorded window. Index k: after k instructions. */
struct trace {
	uint64_t *address;
	uint32_t *anchor; /* the last point up to k that a breakpoint finds */
	uint32_t *visits; /* at which of its visits to that address */
	unsigned char *flags;
	uint32_t step_count;
	uint32_t capacity;
};

/* NULL where this system lets a parent trace its child; else why not. */
const char *victim_is_impossible(void);

/* Forks it and leads it to the first instruction of its window. Ends the harness when the preparation fails. */
void victim_start(const struct operation *operation);
/* Steps to the end. @param observe after each step: 1 when something that others can see has changed */
void victim_record(struct trace *trace, int (*observe)(int after_call));
/* Goes k instructions into the window, or to its end if this run is shorter. */
void victim_run_to(const struct trace *trace, uint32_t k);
/* Steps until what others see is as wanted. */
void victim_run_until(int (*is_there)(void));
/* SIGKILL, and waits until it is gone. */
void victim_kill(void);

void trace_free(struct trace *trace);
extern uint64_t victim_step_count;

#endif
