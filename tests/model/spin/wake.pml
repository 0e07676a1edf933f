/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing and waiting (core/protocol/wait.h, core/waiter.c), step by step: cell, mask, post; prepare, arm, look, sleep. The first
 * publisher may die between any two steps, and the second goes on. Memory is sequentially consistent here; the orders are wait.c's.
 *
 * Claims. Without a death no waiter needs the end of a slice. A death costs each waiter at most one. Both see every sample. A waiter that
 * hangs is a deadlock, which spin reports.
 *
 * Mutants, by -D: NO_LOOK (sleeps without looking behind its arming), LOOK_FIRST (arms behind its look), MASK_FIRST (the publisher takes
 * the mask before it stores the cell), PREPARE_LATE (prepares behind its look), ONE_POST (posts one of those that wait).
 */
#ifndef SAMPLES
#define SAMPLES 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

byte newest = 0;
bool waiting[2];
byte posts[2];
byte slices[2];
bool asleep[2];
byte deaths = 0;
bool right_is_free = false; /* the right to publish: the second has it when the first is gone */

#define OR_DIE :: deaths < DEATHS && me == 0 -> atomic { deaths++; slices[0]++; slices[1]++; goto gone }

proctype publisher(byte me)
{
	bool first = false, second = false;
	if
	:: me == 0
	:: me == 1 -> right_is_free
	fi;
	do
	:: newest == SAMPLES -> break
	:: else ->
#ifndef MASK_FIRST
		if
		:: newest++
		OR_DIE
		fi;
#endif
		/* The exchange takes the whole word. */
		if
		:: atomic { first = waiting[0]; second = waiting[1]; waiting[0] = false; waiting[1] = false }
		OR_DIE
		fi;
#ifdef MASK_FIRST
		newest++;
#endif
		if
		:: first -> atomic { posts[0]++; asleep[0] = false }
		:: !first
		OR_DIE
		fi;
#ifdef ONE_POST
		second = second && !first;
#endif
		if
		:: second -> atomic { posts[1]++; asleep[1] = false }
		:: !second
		OR_DIE
		fi
	od;
gone:
	if
	:: me == 0 -> right_is_free = true
	:: else
	fi
}

proctype waiter(byte me)
{
	byte next = 1, prepared = 0;
	do
	:: next > SAMPLES -> break
	:: next <= newest -> next++
	:: else ->
#ifndef PREPARE_LATE
		prepared = posts[me];
#endif
#ifdef LOOK_FIRST
		if
		:: next <= newest -> goto seen
		:: else
		fi;
#endif
		waiting[me] = true;
#if !defined(NO_LOOK) && !defined(LOOK_FIRST)
		if
		:: next <= newest -> goto seen
		:: else
		fi;
#endif
#ifdef PREPARE_LATE
		prepared = posts[me];
#endif
		if
		:: atomic { posts[me] == prepared -> asleep[me] = true }
		:: posts[me] != prepared
		fi;
		if
		:: !asleep[me]
		:: atomic { asleep[me] && slices[me] > 0 -> slices[me]--; asleep[me] = false }
		fi;
seen:
		skip
	od
}

init {
	atomic { run publisher(0); run publisher(1); run waiter(0); run waiter(1) }
}
