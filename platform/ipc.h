/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `takt ipc` asks of the system: its objects of inter-process communication that are not takt's, who uses them, and how they are
 * removed. Facts only; what is in use or left behind is judged above. Linked into the takt command only, never into libtakt.
 *
 * Looking changes nothing. `root` is put before every path of /proc and /dev that is read: "" for this machine, a folder for a made one.
 * Names, and the names of programs, are bytes of other processes: whoever prints them escapes them.
 */
#ifndef TAKT_PLATFORM_IPC_H
#define TAKT_PLATFORM_IPC_H

#include <stdint.h>

#include "platform/folder.h"
#include "platform/status.h"

#define TAKT_OS_IPC_NAME_MAX	264 /* "/" and the longest name of a file; also longer than any path of a socket */
#define TAKT_OS_IPC_PROGRAM_MAX 64

enum takt_os_ipc_kind {
	TAKT_OS_IPC_SYSV_QUEUE = 0,
	TAKT_OS_IPC_SYSV_MEMORY = 1,
	TAKT_OS_IPC_SYSV_SEM = 2, /* an array of semaphores */
	TAKT_OS_IPC_POSIX_MEMORY = 3,
	TAKT_OS_IPC_POSIX_SEM = 4,
	TAKT_OS_IPC_POSIX_QUEUE = 5,
	TAKT_OS_IPC_SOCKET = 6 /* a UNIX socket that is bound to a name */
};

/* What became of a process that the system remembers by its number alone. */
enum takt_os_ipc_life {
	TAKT_OS_IPC_UNKNOWN = 0, /* no number: there was none, or it is in a namespace that this process does not see */
	TAKT_OS_IPC_LIVES = 1,
	TAKT_OS_IPC_ENDED = 2,
	TAKT_OS_IPC_REUSED = 3 /* ended too: the process that has its number began later */
};

struct takt_os_ipc_process {
	uint32_t id;
	uint64_t wall_s; /* when it did last what it is remembered for; 0: not known */
	enum takt_os_ipc_life life;
	char program[TAKT_OS_IPC_PROGRAM_MAX]; /* "" where it does not live */
};

/* One object. What a kind does not have is zero. */
struct takt_os_ipc {
	enum takt_os_ipc_kind kind;
	uint32_t id;  /* System V */
	uint32_t key; /* System V; 0: private */
	char name[TAKT_OS_IPC_NAME_MAX];
	uint64_t device; /* of files, with the inode */
	uint64_t inode;
	struct takt_os_rights rights;
	uint32_t creator; /* user; System V keeps it when the owner is changed */
	uint64_t bytes;
	uint32_t item_count;	/* messages, semaphores, or attached processes */
	uint32_t waiting_count; /* threads that sleep on it now */
	uint32_t is_marked;	/* 1: removed already, and goes when the last process lets go of it */
	uint32_t is_unsure;	/* 1: something could not be asked */
	uint64_t changed_wall_s;
	uint32_t holder_count; /* processes that have it open, mapped or attached, as far as they may be looked into */
	/* Queue: last sender, last receiver. Memory: creator. Semaphores: who operated one last, a living one first. */
	struct takt_os_ipc_process processes[2];
	struct takt_os_ipc_process holder; /* one of them */
};

/* What a walk over the processes came by. */
struct takt_os_ipc_survey {
	uint32_t process_count;
	uint32_t hidden_count;	/* may not be looked into by this user */
	uint32_t foreign_count; /* in other IPC namespaces: their objects are others */
};

typedef void (*takt_os_ipc_visit)(void *context, const struct takt_os_ipc *object);

/**
 * Calls `visit` for each object of a kind. One that goes meanwhile is shown or not.
 * @retval TAKT_OK @retval TAKT_UNSUPPORTED the kernel lacks the kind, or does not list it, without a message
 * @retval TAKT_DENIED this user may not list it, without a message @retval TAKT_SYSTEM with a message
 */
TAKT_CHECKED enum takt_status takt_os_ipc_each(enum takt_os_ipc_kind kind, const char *root, takt_os_ipc_visit visit,
					       void *context);

/* Looks into every process of this machine once, and fills in holders, and who waits for System V queues. Threads: one at a time. */
void takt_os_ipc_look_users(struct takt_os_ipc *objects, uint32_t count, const char *root,
			    struct takt_os_ipc_survey *survey);

/* Fills in life and program. A process that began after the time it is remembered for is another one. */
void takt_os_ipc_process_look(struct takt_os_ipc_process *process, const char *root);

/* A user's name, or its number as text. */
void takt_os_ipc_user_name(uint32_t user, char *name, uint32_t bytes);

enum takt_os_ipc_use { TAKT_OS_IPC_FREE = 0, TAKT_OS_IPC_USED = 1, TAKT_OS_IPC_UNSURE = 2 };

/**
 * Asks the kernel whether anybody has a POSIX object open or mapped, whatever namespace or user it is in. An instant long whoever opens it
 * waits (or, a queue without blocking, is refused). Only for its owner and root.
 */
enum takt_os_ipc_use takt_os_ipc_ask(const struct takt_os_ipc *object);

/**
 * Removes this very object, not another one that has its name by now. Without `is_forced` a POSIX object is held while it is removed,
 * so that between question and removal nobody comes to use it. Of System V's, attached and waiting processes are asked for once more, but
 * who sleeps on a queue is known to the caller alone (takt_os_ipc_look_users).
 * @retval TAKT_OK @retval TAKT_ABSENT it is gone @retval TAKT_MISMATCH another one has its name @retval TAKT_DENIED
 * @retval TAKT_BUSY it is in use @retval TAKT_NOT_READY whether it is in use cannot be asked @retval TAKT_UNSUPPORTED
 * @retval TAKT_SYSTEM. Without messages, but for the last.
 */
TAKT_CHECKED enum takt_status takt_os_ipc_remove(const struct takt_os_ipc *object, int is_forced);

/* A POSIX queue by its name, where no file system shows it. @retval TAKT_OK @retval TAKT_ABSENT @retval TAKT_DENIED
 * @retval TAKT_UNSUPPORTED @retval TAKT_INVALID no queue can have this name @retval TAKT_SYSTEM. Without messages. */
TAKT_CHECKED enum takt_status takt_os_ipc_queue_find(struct takt_os_ipc *object, const char *name);

/* Whether a process has the socket of this path open; nobody is disturbed by the question, and nothing is sent. */
enum takt_os_ipc_use takt_os_ipc_ask_socket(const char *path);

/* 1 when a person can be asked: standard input is a terminal. */
int takt_os_ipc_may_ask(void);

/* ------------------------------------------------------------------------------ how the system's text is read */

/* A line of /proc/sysvipc/. @retval 1 it is one */
int takt_os_ipc_read_sysv(enum takt_os_ipc_kind kind, const char *line, struct takt_os_ipc *object);
/* A line of /proc/net/unix that has a name. The inode is the socket's. @retval 1 it is one */
int takt_os_ipc_read_socket(const char *line, struct takt_os_ipc *object);
/* The text of a file of the message queues' file system. @retval 1 it is one */
int takt_os_ipc_read_queue(const char *text, uint64_t *bytes, uint32_t *notified_process);

/* Of /proc/PID/stat. */
struct takt_os_ipc_stat {
	char state;
	uint32_t is_kernel; /* a thread of the kernel's own */
	uint64_t start_ticks;
};
/* @retval 1 it is one */
int takt_os_ipc_read_stat(const char *line, struct takt_os_ipc_stat *stat);

/* A line of /proc/PID/maps. */
struct takt_os_ipc_map {
	uint64_t device;
	uint64_t inode;
	uint32_t is_sysv; /* 1: a System V segment; the inode is its id */
};
/* @retval 1 a file is mapped there */
int takt_os_ipc_read_map(const char *line, struct takt_os_ipc_map *map);

#endif
