/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slot that a liar freed while its consumer copies it: U2 with U5. The producer fills it for a later item; the consumer gets its own item,
 * all of it, or is told.
 */
#include "tests/model/queue_fixture.h"

static void begin(void)
{
	make_band();
	fill(0);
}

static void producer(void)
{
	fill(DEPTH);
}

static void consumer(void)
{
	(void)copy(0);
}

static void end(void)
{
	MODEL_ASSERT(copy(DEPTH));
}

MODEL_PROGRAM("queue_liar", begin, end, {producer, consumer})
