/* SPDX-License-Identifier: Apache-2.0 */
/* takt as a channel of the harness: what a program would write, with nothing left out and nothing added. */
#include <string.h>

#include "apps/takt/bench_domain.h"
#include "apps/takt/bench_run.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "platform/clock.h"

#define SPIN_NS	  (20 * TAKT_NS_PER_US) /* the spin that a user allows before sleeping */
#define DEPTH_MIN 4u

/* One per process: each side of a conversation is a process. */
static struct takt_node node;
static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct takt_waiter waiter;

static enum takt_status create_pair(struct takt_os_bench_link *link, uint32_t borrows, uint32_t loans)
{
	return bench_config_pair(link->folder,
				 &(struct bench_topic){.bytes = link->bytes,
						       .depth = link->slot_count > DEPTH_MIN ? link->slot_count
											     : DEPTH_MIN,
						       .borrows = borrows,
						       .loans = loans});
}

static enum takt_status create(struct takt_os_bench_link *link)
{
	return create_pair(link, 0, 0);
}

static enum takt_status create_in_place(struct takt_os_bench_link *link)
{
	return create_pair(link, 1, 1);
}

static enum takt_status attach_with(struct takt_os_bench_link *link, const struct takt_subscriber_options *options)
{
	const char *name = link->side == 0 ? "left" : "right";
	const char *out = link->side == 0 ? "there" : "back";
	const char *in = link->side == 0 ? "back" : "there";
	enum takt_status status = bench_join(&node, link->folder, name);

	if (status == TAKT_OK)
		status = takt_publisher_attach(&publisher, &node, out, bench_type(link->bytes));
	if (status == TAKT_OK)
		status = takt_subscriber_attach(&subscriber, &node, in, bench_type(link->bytes), options);
	if (status == TAKT_OK)
		status = takt_waiter_init(&waiter, &node, 0);
	if (status == TAKT_OK)
		status = takt_waiter_add(&waiter, &subscriber);
	return status;
}

static enum takt_status attach(struct takt_os_bench_link *link)
{
	return attach_with(link, &(struct takt_subscriber_options){.unmeasured = 1});
}

static enum takt_status attach_measured(struct takt_os_bench_link *link)
{
	return attach_with(link, NULL);
}

static enum takt_status attach_spinning(struct takt_os_bench_link *link)
{
	enum takt_status status = attach(link);

	takt_waiter_spin_set(&waiter, SPIN_NS);
	return status;
}

static enum takt_status attach_in_place(struct takt_os_bench_link *link)
{
	return attach_with(link, &(struct takt_subscriber_options){.unmeasured = 1, .borrows = 1});
}

static void detach(struct takt_os_bench_link *link)
{
	(void)link;
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
}

static void destroy(struct takt_os_bench_link *link)
{
	/* The harness empties the folder. */
	(void)link;
}

/* ------------------------------------------------------------------------------------------------------- copies */

static int send_copy(struct takt_os_bench_link *link, const void *message)
{
	(void)link;
	return takt_publish(&publisher, message, NULL) == TAKT_OK;
}

static int receive_poll(struct takt_os_bench_link *link, void *message)
{
	enum takt_status status;

	(void)link;
	do
		status = takt_read_next(&subscriber, message, NULL);
	while (status == TAKT_EMPTY);
	return status == TAKT_OK;
}

static int receive_wake(struct takt_os_bench_link *link, void *message)
{
	enum takt_status status = TAKT_OK;

	(void)link;
	/* Waiting first, as a program does that expects nothing yet; the wait itself looks before it sleeps. */
	status = takt_wait_until(&waiter, TAKT_FOREVER);
	return status == TAKT_OK && takt_read_next(&subscriber, message, NULL) == TAKT_OK;
}

const struct takt_os_bench_channel bench_takt_poll = {
	.name = "takt",
	.create = create,
	.attach = attach,
	.send = send_copy,
	.receive = receive_poll,
	.detach = detach,
	.destroy = destroy,
};

const struct takt_os_bench_channel bench_takt_poll_measured = {
	.name = "takt, ages counted",
	.create = create,
	.attach = attach_measured,
	.send = send_copy,
	.receive = receive_poll,
	.detach = detach,
	.destroy = destroy,
};

const struct takt_os_bench_channel bench_takt_wake = {
	.name = "takt",
	.create = create,
	.attach = attach_measured,
	.send = send_copy,
	.receive = receive_wake,
	.detach = detach,
	.destroy = destroy,
};

const struct takt_os_bench_channel bench_takt_spin = {
	.name = "takt, 20 us of spinning",
	.create = create,
	.attach = attach_spinning,
	.send = send_copy,
	.receive = receive_wake,
	.detach = detach,
	.destroy = destroy,
};

/* ----------------------------------------------------------------------------------------------------- in place */

/* First and last word, as the floor does. */
static int send_loan(struct takt_os_bench_link *link, const void *message)
{
	struct takt_loan loan;

	if (takt_publisher_loan(&publisher, &loan) != TAKT_OK)
		return 0;
	memcpy(loan.payload, message, 8);
	memcpy((unsigned char *)loan.payload + link->bytes - 8, message, 8);
	return takt_publish_loan(&publisher, &loan, NULL) == TAKT_OK;
}

static int receive_borrow(struct takt_os_bench_link *link, void *message)
{
	struct takt_borrow borrow;
	unsigned char last[8];
	enum takt_status status;

	do
		status = takt_borrow_next(&subscriber, &borrow, NULL);
	while (status == TAKT_EMPTY);
	if (status != TAKT_OK)
		return 0;
	memcpy(message, borrow.payload, 8);
	memcpy(last, (const unsigned char *)borrow.payload + link->bytes - 8, 8);
	return takt_return(&subscriber, &borrow) == TAKT_OK && memcmp(message, last, 8) == 0;
}

const struct takt_os_bench_channel bench_takt_in_place = {
	.name = "takt, loan to borrow",
	.create = create_in_place,
	.attach = attach_in_place,
	.send = send_loan,
	.receive = receive_borrow,
	.detach = detach,
	.destroy = destroy,
};
