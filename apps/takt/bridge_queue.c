/* SPDX-License-Identifier: Apache-2.0 */
/* Carriers of messages that a kernel keeps: the queues of System V and of POSIX. */
#include "apps/takt/bridge.h"

#define MESSAGE_FORMATS (1u << BRIDGE_BINARY | 1u << BRIDGE_RAW)
#define TYPE_MAX	2147483647u
#define PRIORITY_MAX	32767u

/* --------------------------------------------------------------------------------------------------------- system v */

static enum takt_status open_sysv(struct bridge_peer *peer)
{
	int32_t key;
	enum takt_status status = takt_os_sysv_key(peer->options->place, &key);

	if (status != TAKT_OK)
		return status;
	return takt_os_sysv_queue_open(&peer->os.sysv_queue, key, peer->record_bytes_max, !peer->options->is_from,
				       peer->options->may_create);
}

static enum takt_status send_sysv(struct bridge_peer *peer, const void *record, uint32_t bytes)
{
	return takt_os_sysv_queue_send(&peer->os.sysv_queue,
				       peer->options->has_band ? (long)peer->options->band : (long)peer->band + 1,
				       record, bytes);
}

static enum takt_status receive_sysv(struct bridge_peer *peer, void *record, uint32_t room, uint32_t *bytes)
{
	long type = (long)peer->options->band;
	enum takt_status status;

	(void)room;
	status = takt_os_sysv_queue_receive(&peer->os.sysv_queue, &type, record, peer->record_bytes_max, bytes);
	peer->band = status == TAKT_OK ? (uint32_t)type - 1 : 0;
	if (status == TAKT_OK)
		((char *)record)[*bytes] = '\0';
	return status;
}

static void close_sysv(struct bridge_peer *peer)
{
	takt_os_sysv_queue_close(&peer->os.sysv_queue);
}

const struct bridge_carrier bridge_sysv_queue = {.scheme = "sysv-queue",
						 .argument = "KEY",
						 .about = "a System V message queue",
						 .formats = MESSAGE_FORMATS,
						 .format = BRIDGE_RAW,
						 .is_out = 1,
						 .is_in = 1,
						 .band_min = 1,
						 .band_max = TYPE_MAX,
						 .open = open_sysv,
						 .send = send_sysv,
						 .receive = receive_sysv,
						 .close = close_sysv};

/* ----------------------------------------------------------------------------------------------------------- posix */

static enum takt_status open_posix(struct bridge_peer *peer)
{
	enum takt_status status =
		takt_os_posix_queue_open(&peer->os.posix_queue, peer->options->place, peer->record_bytes_max,
					 !peer->options->is_from, peer->options->may_create);

	if (status == TAKT_OK && peer->options->is_from)
		peer->descriptor = peer->os.posix_queue.descriptor;
	return status;
}

static enum takt_status send_posix(struct bridge_peer *peer, const void *record, uint32_t bytes)
{
	return takt_os_posix_queue_send(&peer->os.posix_queue,
					peer->options->has_band ? peer->options->band : peer->band, record, bytes);
}

/* Of another priority than the band that was asked for is nothing that can be left in the queue: it has no selection. */
static enum takt_status receive_posix(struct bridge_peer *peer, void *record, uint32_t room, uint32_t *bytes)
{
	enum takt_status status;

	(void)room;
	status = takt_os_posix_queue_receive(&peer->os.posix_queue, record, peer->record_bytes_max, bytes, &peer->band);
	if (status == TAKT_OK)
		((char *)record)[*bytes] = '\0';
	return status;
}

static void close_posix(struct bridge_peer *peer)
{
	takt_os_posix_queue_close(&peer->os.posix_queue);
	peer->descriptor = -1;
}

const struct bridge_carrier bridge_posix_queue = {.scheme = "posix-queue",
						  .argument = "NAME",
						  .about = "a POSIX message queue",
						  .formats = MESSAGE_FORMATS,
						  .format = BRIDGE_RAW,
						  .is_out = 1,
						  .is_in = 1,
						  .band_max = PRIORITY_MAX,
						  .open = open_posix,
						  .send = send_posix,
						  .receive = receive_posix,
						  .close = close_posix};
