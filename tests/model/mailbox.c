/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command on its way to the loop and back: M1 to M6. The command thread posts two, one after the other; it may lose patience with each
 * at any time and takes it back if it can. A command that the loop takes is whole, its answer too, and none is left lying unseen.
 */
#include <string.h>

#include "core/protocol/mailbox.h"
#include "tests/model/model.h"

static struct takt_node node;

static void begin(void)
{
	memset(&node, 0, sizeof(node));
}

/* Looks a few times. @retval 1 the answer is there */
static int wait_for_answer(void)
{
	for (unsigned look = model_choose(3); look > 0; look--)
		if (takt_mail_state(&node) == TAKT_MAIL_DONE)
			return 1;
	return 0;
}

static void command_thread(void)
{
	for (uint32_t number = 1; number <= 2; number++) {
		struct takt_mailbox *mailbox = &node.mailbox;
		if (takt_mail_state(&node) == TAKT_MAIL_RUNNING)
			return;
		MODEL_PUT(mailbox->command_index, number);
		MODEL_PUT(mailbox->arguments[0], (char)number);
		MODEL_PUT(mailbox->result, 0);
		takt_mail_post(&node);
		/* Endless patience: nobody but the loop ends this. */
		if (model_choose(3) == 0)
			return;
		if (!wait_for_answer() && takt_mail_withdraw(&node))
			continue;
		if (takt_mail_state(&node) != TAKT_MAIL_DONE)
			continue;
		MODEL_ASSERT(MODEL_GET(mailbox->result) == (int32_t)(number * 3));
		takt_mail_clear(&node);
	}
}

static void loop(void)
{
	for (unsigned cycle = 0; cycle < 3; cycle++) {
		struct takt_mailbox *mailbox = &node.mailbox;
		if (!takt_mail_take(&node))
			continue;
		uint32_t number = MODEL_GET(mailbox->command_index);
		MODEL_ASSERT(MODEL_GET(mailbox->arguments[0]) == (char)number);
		MODEL_PUT(mailbox->result, (int32_t)(number * 3));
		takt_mail_answer(&node);
	}
}

static void end(void)
{
	/* Posted and not taken: then the next cycle looks. */
	if (takt_mail_state(&node) == TAKT_MAIL_POSTED)
		MODEL_ASSERT(takt_mail_waits(&node));
}

MODEL_PROGRAM("mailbox", begin, end, {command_thread, loop})
