/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock of core/protocol/lock.h with its wake-ups, step by step, where anybody may die between any two steps: takt_lock_acquire,
 * takt_lock_release, and the semaphore as platform/sem.h has it (a post changes a number and wakes one sleeper; a sleep begins only while
 * the number is the prepared one). Memory is sequentially consistent here; the orders are lock.c's.
 *
 * Claims. Nobody is in the lock together with another. Without a death nobody needs the end of a slice: a post ends every sleep. Each death
 * costs all sleepers together one slice: who wakes by it takes over or takes the free lock, and wakes the rest; and none when somebody else
 * takes over first. So slices are handed out one a death, and a process that hangs is a deadlock, which spin reports. At the end the lock is free, or the last owner died in it.
 *
 * Mutants, by -D: OWNER_AFTER, TAKEOVER_UNCONTENDED, POST_FIRST, PREPARE_LATE, FORGETS_CONTENDED, NEVER_TAKEN_OVER, NOT_LOOKED_AGAIN (a word
 * that is contended already is slept on without another look: takt once did).
 */
#define PROCESSES 3
#define NOBODY_SLEEPS (!asleep[1] && !asleep[2] && !asleep[3])
#ifndef TURNS
#define TURNS 1
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#define NOBODY 0
#define MARK   9 /* OWNER_AFTER: locked, by whom is not known yet */

/* Whoever takes over wakes the rest: the slice that this death was to cost is not needed any more. */
#define HEALED if :: slices > 0 -> slices-- :: else fi

byte owner = NOBODY;
bool contended = false;
byte posts = 0;
bool asleep[PROCESSES + 1];
bool dead[PROCESSES + 1];
byte inside = 0;
byte deaths = 0;
byte slices = 0;

/* A step at which a process may die instead. The lock keeps its name, a sleep it was in is gone. */
#define OR_DIE :: deaths < DEATHS -> atomic { deaths++; slices++; dead[me] = true; asleep[me] = false; if :: is_inside -> inside-- :: else fi; goto gone }

inline post()
{
	if
	:: posts++
	OR_DIE
	fi;
	/* The kernel wakes one of those who sleep, or nobody. */
	if
	:: atomic { asleep[1] -> asleep[1] = false }
	:: atomic { asleep[2] -> asleep[2] = false }
	:: atomic { asleep[3] -> asleep[3] = false }
	:: NOBODY_SLEEPS -> skip
	OR_DIE
	fi
}

active [PROCESSES] proctype locker()
{
	byte me = _pid + 1;
	byte turn = 0, seen = NOBODY, prepared = 0;
	bool seen_contended = false, mine = false, is_inside = false;

again:
	if
	:: turn == TURNS - (me == PROCESSES && TURNS > 1) -> goto done
	:: else -> turn++; mine = false; seen = NOBODY; seen_contended = false; prepared = 0
	fi;
look:
	/* takt_lock_swap(0 -> mine), which tells what was there. */
	if
	:: atomic {
		seen = owner;
		seen_contended = contended;
		if
#ifdef OWNER_AFTER
		:: seen == NOBODY -> owner = MARK; contended = mine; goto mark
#else
		:: seen == NOBODY -> owner = me; contended = mine; goto taken
#endif
		:: else
		fi
	}
	OR_DIE
	fi;
#ifndef NEVER_TAKEN_OVER
	/* The verdict, then the swap of the word that was seen. */
	if
	:: seen != MARK && dead[seen] ->
		if
		:: atomic {
			if
#ifdef TAKEOVER_UNCONTENDED
			:: owner == seen && contended == seen_contended -> owner = me; contended = mine; HEALED; goto taken
#else
			:: owner == seen && contended == seen_contended -> owner = me; contended = true; HEALED; goto taken
#endif
			:: else -> goto look
			fi
		}
		OR_DIE
		fi
	:: else
	fi;
#endif
#ifndef PREPARE_LATE
	prepared = posts;
#endif
#ifdef NOT_LOOKED_AGAIN
	if
	:: seen_contended -> goto asked
	:: else
	fi;
#endif
	if
	:: atomic {
		if
		:: owner == seen && contended == seen_contended -> contended = true
		:: else -> goto look
		fi
	}
	OR_DIE
	fi;
#ifdef NOT_LOOKED_AGAIN
asked:
#endif
#ifdef PREPARE_LATE
	prepared = posts;
#endif
#ifndef FORGETS_CONTENDED
	mine = true;
#endif
	/* The sleep: until a post, or the end of a slice. */
	if
	:: atomic { posts == prepared -> asleep[me] = true }
	:: atomic { posts != prepared -> goto look }
	OR_DIE
	fi;
	if
	:: !asleep[me]
	:: atomic { asleep[me] && slices > 0 -> slices--; asleep[me] = false }
	fi; /* Not to die here: who hangs must not escape by dying. */
	goto look;

#ifdef OWNER_AFTER
mark:
	if
	:: atomic { owner = me; goto taken }
	OR_DIE
	fi;
#endif

taken:
	atomic { inside++; is_inside = true; assert(inside == 1) };
	if
	:: atomic { inside--; is_inside = false }
	OR_DIE
	fi;
#ifdef POST_FIRST
	seen_contended = contended;
	if
	:: seen_contended -> post()
	:: else
	fi;
	if
	:: atomic { owner = NOBODY; contended = false }
	OR_DIE
	fi;
#else
	/* takt_lock_release: one exchange, then the post. */
	if
	:: atomic { assert(owner == me); seen_contended = contended; owner = NOBODY; contended = false }
	OR_DIE
	fi;
	if
	:: seen_contended -> post()
	:: else
	fi;
#endif
	goto again;

done:
	/* Who has ended in order holds nothing. */
	assert(owner != me);
gone:
	skip
}
