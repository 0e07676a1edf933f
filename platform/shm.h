/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared-memory objects: files in a domain's folder that processes map.
 *
 * An object appears whole or not at all. It is built without a name, gets its memory, its mode and its contents, and only then
 * its name; a process killed half-way leaves nothing behind. All of its memory is reserved when it is made, so a full system is
 * an error here and never a SIGBUS later.
 */
#ifndef TAKT_PLATFORM_SHM_H
#define TAKT_PLATFORM_SHM_H

#include <stdint.h>

#include "platform/folder.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum takt_os_access { TAKT_OS_READ_ONLY = 0, TAKT_OS_READ_WRITE = 1 };

/* One mapping. Zero-initialise it; `address` is NULL while nothing is mapped. */
struct takt_os_shm {
	void *address;
	uint64_t bytes;
	int descriptor; /* kept open so that the object can be asked about; valid while address is not NULL */
	uint32_t guard; /* the port's own */
};

/*
 * An object can be cut off (shrunk) by whoever may write it while others have it mapped. An access of what is no longer there does
 * not end the process: from then on the mapping's first TAKT_OS_SHM_HEAD_BYTES and each page that was missing when it was accessed
 * are memory of this process's own in which every word is TAKT_OS_SHM_CUT_WORD, and takt_os_shm_is_cut says so until the mapping is
 * closed. The beginning, which tells what of the rest is valid, goes with it, so that a user of the object meets the damage in the
 * words that it looks at anyway and hot paths need not ask. A hole punched into an object reads as zeros and is not noticed here.
 *
 * On Linux a handler of SIGBUS does it. Each takt_os_shm_open puts it in front of the handler that it finds, to which it hands on what
 * it does not know. A program that installs a handler of its own after its last takt_os_shm_open replaces it, and is without this
 * protection unless it calls the one that it found for addresses that are not its own; better install it before. Per process: a
 * fork's child inherits table and handler.
 */
#define TAKT_OS_SHM_CUT_WORD   UINT64_C(0x7f7f7f7f7f7f7fff)
#define TAKT_OS_SHM_HEAD_BYTES 40960u

/**
 * Makes an object of `bytes` zeroed bytes, fills it and gives it its name.
 * @param fill writes the first contents into the new object's memory; NULL leaves it zero
 * @retval TAKT_OK the object exists now, whole  @retval TAKT_EXISTS the name was taken; nothing was changed
 * @retval TAKT_NO_SPACE with a message: needed, free  @retval TAKT_DENIED  @retval TAKT_LIMIT the size is out of range
 * @retval TAKT_INVALID the name, or rights that let everybody write; with a message
 * @retval TAKT_ABSENT the folder has been removed; without a message  @retval TAKT_SYSTEM
 * Shape: bytes = 0 makes an empty file (a presence file). The umask has no effect. Nothing is mapped afterwards.
 * RT: start-up only. Threads: any; of several makers exactly one gets TAKT_OK.
 */
TAKT_CHECKED enum takt_status takt_os_shm_create(int folder, const char *name, uint64_t bytes,
						 const struct takt_os_rights *rights,
						 void (*fill)(void *context, void *memory), void *context);

/**
 * Maps an existing object after looking at what was opened: a regular file, of the owner, group and mode expected.
 * @param rights what the object must have: owner or group TAKT_OS_ID_ANY is not compared, mode 0 is not compared
 * @param bytes_min smaller objects are TAKT_CORRUPT ("truncated")
 * @retval TAKT_OK  @retval TAKT_ABSENT  @retval TAKT_DENIED
 * @retval TAKT_MISMATCH owner, group, mode or kind; a message names both  @retval TAKT_CORRUPT  @retval TAKT_NO_SPACE  @retval TAKT_INVALID the name  @retval TAKT_SYSTEM
 * @retval TAKT_LIMIT this process has more objects mapped than it can guard, with a message
 * RT: start-up only. Threads: any.
 */
TAKT_CHECKED enum takt_status takt_os_shm_open(struct takt_os_shm *shm, int folder, const char *name,
					       enum takt_os_access access, const struct takt_os_rights *rights,
					       uint64_t bytes_min);

/* Compares an existing object's kind, owner, group and mode as takt_os_shm_open does, without opening it.
 * @retval TAKT_OK  @retval TAKT_ABSENT  @retval TAKT_MISMATCH with a message that names both  @retval TAKT_INVALID  @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_os_shm_compare(int folder, const char *name, const struct takt_os_rights *rights);

/**
 * Brings every page of the mapping into memory and into this process's page table, for writing where it is writable, and locks
 * it, so that no later access faults. A missing right to lock is said once per process and is not an error.
 * @retval TAKT_OK  @retval TAKT_NO_SPACE  @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_os_shm_prefault(const struct takt_os_shm *shm, const char *name);

/* True (1) while the object still has its name; 0 after somebody removed it (a clean-up, RemoveIPC). */
int takt_os_shm_has_name(const struct takt_os_shm *shm);

/* 1 when something of the mapping turned out to be cut off when it was accessed. RT: safe; one load. Threads: any. */
int takt_os_shm_is_cut(const struct takt_os_shm *shm);

/* Unmaps and closes; safe on one that is not mapped. */
void takt_os_shm_close(struct takt_os_shm *shm);

#ifdef __cplusplus
}
#endif
#endif
