/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the Linux port share. Every one of them includes this first, since the feature macros must stand before any
 * system header: with 64-bit file offsets, because a presence token is an offset of up to 62 bits, and 64-bit time.
 */
#ifndef TAKT_PLATFORM_LINUX_PORT_H
#define TAKT_PLATFORM_LINUX_PORT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#ifndef _TIME_BITS
#define _TIME_BITS 64
#endif

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "platform/folder.h"
#include "platform/status.h"

_Static_assert(sizeof(off_t) == 8, "tokens are file offsets of 62 bits");
_Static_assert(sizeof(uid_t) == 4 && sizeof(gid_t) == 4, "rights hold users and groups as 32-bit numbers");

/* A stop may be requested between a thread's look at the flag and its going to sleep, or arrive in another thread: no sleep that
 * ends with a stop is longer than this without another look. Ten looks a second cost a sleeping thread about 50 us of CPU. */
#define TAKT_PORT_STOP_SLICE_NS UINT64_C(100000000)

/* Races with another process that makes or removes the same name are tried again this often before they are an error. */
#define TAKT_PORT_RACE_TRIES 16

/* ".new-" and 16 hexadecimal digits: the name of something that is not complete yet. */
#define TAKT_PORT_TEMPORARY_BYTES 24

/* What a message calls an object: "shared memory", its folder's descriptor, its name there. */
struct takt_port_object {
	const char *noun;
	int folder;
	const char *name;
};

/* port.c */

/* The status that fits a system error best; the caller handles those that mean something special to it first. */
enum takt_status takt_port_status(int error);

/* An absolute time for the system; what time_t cannot hold becomes the latest time that it can. */
struct timespec takt_port_timespec(uint64_t ns);

/* The earlier of a deadline and the end of a slice that begins now. */
uint64_t takt_port_slice_end_ns(uint64_t deadline_ns);

/* Closes a descriptor; its errors say nothing that a caller could act upon. Sets it to -1, leaves -1 alone. */
void takt_port_close(int *descriptor);

/* The path of an open folder or file, for messages; "?" when the system does not say. */
void takt_port_path(int descriptor, char *path, size_t bytes);

/* This program's file, for the setcap line of a message. */
void takt_port_program(char *path, size_t bytes);

/* 1 the first time, 0 ever after: for what is said once per process. */
int takt_port_first_time(atomic_flag *said);

/* The CPUs that the process had when it started; NULL if the system did not say. */
const cpu_set_t *takt_port_cpus_at_start(void);

/* object.c */

/* "NOUN 'NAME' in FOLDER: cannot DOING: REASON; REMEDY" (without the last part where remedy is NULL); the status of `error`. */
enum takt_status takt_port_refused(const struct takt_port_object *object, const char *doing, int error,
				   const char *remedy);

/* May this name be used? @retval TAKT_OK  @retval TAKT_INVALID with a message: empty, too long, "." or "..", or a slash in it */
enum takt_status takt_port_name_check(const struct takt_port_object *object);

/* Are these rights ones to make an object with? @retval TAKT_OK  @retval TAKT_INVALID with a message: none, or writable for all */
enum takt_status takt_port_rights_check(const struct takt_port_object *object, const struct takt_os_rights *rights);

/* Gives them to an open object: owner and group, then the mode, which the umask does not touch. */
enum takt_status takt_port_rights_apply(const struct takt_port_object *object, int descriptor,
					const struct takt_os_rights *rights);

/* Compares. @retval TAKT_OK  @retval TAKT_MISMATCH with a message that names both sides */
enum takt_status takt_port_rights_compare(const struct takt_port_object *object, const struct stat *found,
					  const struct takt_os_rights *rights);

/* Looks at an object without opening it or following a link, and compares kind and rights. @param rights NULL: not compared
 * @retval TAKT_OK  @retval TAKT_ABSENT  @retval TAKT_MISMATCH with a message  @retval TAKT_INVALID the name */
enum takt_status takt_port_object_look(const struct takt_port_object *object, mode_t type,
				       const struct takt_os_rights *rights, struct stat *found);

/**
 * Opens an existing object, never through a link, never anything but the kind asked for, and compares its rights.
 * @param type S_IFREG or S_IFIFO  @param rights NULL: not compared
 */
enum takt_status takt_port_object_open(const struct takt_port_object *object, int flags, mode_t type,
				       const struct takt_os_rights *rights, int *descriptor);

/**
 * Looks at something unfinished, made now or left by a killed maker, and gives this user back the `needed` bits that the umask took.
 * Whoever owns the folder may exchange names in it while root works there, so nothing is done by name: what was looked at is held by
 * a descriptor, and is what changes its mode.
 * @param found what it was; takt_port_is_same says whether a later open met the same
 * @retval TAKT_OK  @retval TAKT_BUSY another maker took it away  @retval TAKT_MISMATCH another user put something there; with a message
 */
enum takt_status takt_port_unfinished_look(const struct takt_port_object *object, const char *temporary, mode_t type,
					   mode_t needed, const struct takt_os_rights *rights, struct stat *found);

/* 1 when the descriptor is of this very object. */
int takt_port_is_same(int descriptor, const struct stat *found);

/* A name for something unfinished that depends on nothing but the arguments: two makers of the same thing share it, do the same
 * to it, and a killed one leaves at most one. */
void takt_port_temporary_name(char temporary[TAKT_PORT_TEMPORARY_BYTES], const char *name,
			      const struct takt_os_rights *rights);

#endif
