/* SPDX-License-Identifier: Apache-2.0 */
/* Carriers that hold the newest sample: shared memory of System V and of POSIX, with the semaphore that guards it. */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bridge.h"
#include "platform/message.h"

#define STATE_FORMATS (1u << BRIDGE_BINARY | 1u << BRIDGE_RAW)

static enum takt_status open_memory(struct bridge_peer *peer)
{
	if (!peer->options->is_from || peer->last)
		return TAKT_OK;
	peer->last = calloc(1, peer->record_bytes_max);
	if (peer->last)
		return TAKT_OK;
	takt_message(TAKT_ERROR, "no memory is left for records of %u bytes", peer->record_bytes_max);
	return TAKT_NO_SPACE;
}

/* What has not changed since we looked is no new sample: an unchanging one is a program that has died as often as a steady value. */
static enum takt_status judge(struct bridge_peer *peer, void *record, uint32_t *bytes)
{
	const int is_same = peer->last_bytes && memcmp(peer->last, record, peer->record_bytes_max) == 0;
	static const unsigned char nothing[8];
	const uint32_t begin = peer->record_bytes_max < sizeof(nothing) ? peer->record_bytes_max : sizeof(nothing);

	/* A binary record that nobody has written yet. */
	if (is_same || (peer->format == BRIDGE_BINARY && memcmp(record, nothing, begin) == 0))
		return TAKT_EMPTY;
	memcpy(peer->last, record, peer->record_bytes_max);
	peer->last_bytes = *bytes = peer->record_bytes_max;
	return TAKT_OK;
}

static void free_memory(struct bridge_peer *peer)
{
	free(peer->last);
	peer->last = NULL;
	peer->last_bytes = 0;
}

/* -------------------------------------------------------------------------------------------------------- system v */

static enum takt_status open_sysv(struct bridge_peer *peer)
{
	const struct bridge_options *options = peer->options;
	int32_t key, guard;
	enum takt_status status = takt_os_sysv_key(options->place, &key);

	guard = key;
	if (status == TAKT_OK && options->guard)
		status = takt_os_sysv_key(options->guard, &guard);
	if (status == TAKT_OK)
		status = open_memory(peer);
	if (status == TAKT_OK)
		status = takt_os_sysv_shm_open(&peer->os.sysv_shm, key, guard, peer->record_bytes_max,
					       !options->is_from, options->may_create);
	return status;
}

static enum takt_status send_sysv(struct bridge_peer *peer, const void *record, uint32_t bytes)
{
	return takt_os_sysv_shm_store(&peer->os.sysv_shm, record, bytes, peer->options->bound_ns);
}

static enum takt_status receive_sysv(struct bridge_peer *peer, void *record, uint32_t room, uint32_t *bytes)
{
	enum takt_status status;

	(void)room;
	status = takt_os_sysv_shm_load(&peer->os.sysv_shm, record, peer->record_bytes_max, peer->options->bound_ns);
	return status == TAKT_OK ? judge(peer, record, bytes) : status;
}

static void close_sysv(struct bridge_peer *peer)
{
	takt_os_sysv_shm_close(&peer->os.sysv_shm);
	free_memory(peer);
}

const struct bridge_carrier bridge_sysv_shm = {.scheme = "sysv-shm",
					       .argument = "KEY",
					       .about = "System V shared memory, guarded by a System V semaphore",
					       .formats = STATE_FORMATS,
					       .format = BRIDGE_RAW,
					       .is_out = 1,
					       .is_in = 1,
					       .is_state = 1,
					       .open = open_sysv,
					       .send = send_sysv,
					       .receive = receive_sysv,
					       .close = close_sysv};

/* ----------------------------------------------------------------------------------------------------------- posix */

static enum takt_status open_posix(struct bridge_peer *peer)
{
	const struct bridge_options *options = peer->options;
	enum takt_status status = open_memory(peer);

	if (status == TAKT_OK)
		status = takt_os_posix_shm_open(&peer->os.posix_shm, options->place,
						options->guard ? options->guard : options->place,
						peer->record_bytes_max, !options->is_from, options->may_create);
	return status;
}

static enum takt_status send_posix(struct bridge_peer *peer, const void *record, uint32_t bytes)
{
	return takt_os_posix_shm_store(&peer->os.posix_shm, record, bytes, peer->options->bound_ns);
}

static enum takt_status receive_posix(struct bridge_peer *peer, void *record, uint32_t room, uint32_t *bytes)
{
	enum takt_status status;

	(void)room;
	status = takt_os_posix_shm_load(&peer->os.posix_shm, record, peer->record_bytes_max, peer->options->bound_ns);
	return status == TAKT_OK ? judge(peer, record, bytes) : status;
}

static void close_posix(struct bridge_peer *peer)
{
	takt_os_posix_shm_close(&peer->os.posix_shm);
	free_memory(peer);
}

const struct bridge_carrier bridge_posix_shm = {.scheme = "posix-shm",
						.argument = "NAME",
						.about = "POSIX shared memory, guarded by a named POSIX semaphore",
						.formats = STATE_FORMATS,
						.format = BRIDGE_RAW,
						.is_out = 1,
						.is_in = 1,
						.is_state = 1,
						.open = open_posix,
						.send = send_posix,
						.receive = receive_posix,
						.close = close_posix};
