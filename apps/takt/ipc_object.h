/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IPC objects of this machine. Each kind is a source, one small file: it says which there are, and judges who uses them.
 *
 * States are evidence, not guesses: "in use" somebody who lives has it, or waits for it, or used it last; "left behind" everybody who is
 * known to have used it has ended, and nobody has it; "idle" nobody has it now, and nothing says that nobody will; "unknown" it could not
 * be asked.
 */
#ifndef APPS_TAKT_IPC_OBJECT_H
#define APPS_TAKT_IPC_OBJECT_H

#include <stdint.h>

#include "apps/takt/output.h"
#include "core/limits.h"
#include "platform/folder.h"
#include "platform/ipc.h"

#define IPC_WHY_BYTES	192
#define IPC_LABEL_BYTES (4 * TAKT_OS_IPC_NAME_MAX + 64)

enum ipc_state { IPC_UNKNOWN = 0, IPC_IDLE = 1, IPC_IN_USE = 2, IPC_LEFT_BEHIND = 3 };

struct ipc_source;

struct ipc_object {
	const struct ipc_source *source;
	struct takt_os_ipc facts;
	char domain[TAKT_NAME_BYTES];	       /* of takt's own; "": another's */
	char publishers[TAKT_OS_PATH_MAX / 2]; /* of a topic; of a queue its producers */
	uint32_t reader_count;		       /* of a topic or queue: those that live */
	const char *readers;		       /* what they are called; NULL: it is neither */
	enum ipc_state state;
	char why[IPC_WHY_BYTES];
};

/* All of them, and what could not be seen. */
struct ipc_list {
	struct ipc_object *all;
	uint32_t count;
	uint32_t capacity;
	uint32_t hidden_domain_count; /* of takt, that this user may not look into */
	struct takt_os_ipc_survey survey;
	char absences[512]; /* what this kernel lacks or does not show: sentences */
};

struct ipc_source {
	const char *kind;  /* "sysv-queue" */
	const char *about; /* for completion */
	const char *items; /* what it holds: "messages"; NULL nothing that is counted */
	const char *lacks; /* what is said where the system does not list it; NULL: nothing */
	enum takt_os_ipc_kind system_kind;
	int is_takts; /* 1: it goes with its domain, by the code of `takt clean` */
	/* Adds each object. NULL: takt_os_ipc_each of `system_kind` does. @retval as takt_os_ipc_each */
	enum takt_status (*each)(const struct ipc_source *source, struct ipc_list *list);
	/* Sets state and why. @param may_hold 1: an instant long it may be held against those who would open it */
	void (*judge)(struct ipc_object *object, const struct ipc_list *list, int may_hold);
};

#define IPC_SOURCE_COUNT 9
extern const struct ipc_source *const ipc_sources[IPC_SOURCE_COUNT];

extern const struct ipc_source ipc_takt, ipc_fifo, ipc_unix;
extern const struct ipc_source ipc_sysv_queue, ipc_sysv_memory, ipc_sysv_sem;
extern const struct ipc_source ipc_posix_memory, ipc_posix_sem, ipc_posix_queue;

/* Adds one object for a source. @retval the object, zeroed but for source and facts; NULL no memory is left, with a message */
struct ipc_object *ipc_list_add(struct ipc_list *list, const struct ipc_source *source,
				const struct takt_os_ipc *facts);

/* Everything, sorted by kind, then by name and id. @param may_hold see judge @retval EXIT_OK, or EXIT_FAILED with a message; to be freed in both cases */
int ipc_list_read(struct ipc_list *list, int may_hold);
void ipc_list_free(struct ipc_list *list);

/* Says on standard error what could not be seen. */
void ipc_list_explain(const struct ipc_list *list);

/* "sysv-queue:5 (key 0x000004d2)", "posix-shm:/frames", "takt:robot/topic.imu"; escaped. */
void ipc_label(const struct ipc_object *object, char label[IPC_LABEL_BYTES]);

const char *ipc_state_name(enum ipc_state state);
enum output_accent ipc_state_accent(enum ipc_state state);

/* State and why in one call, for sources. */
void ipc_set_state(struct ipc_object *object, enum ipc_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* "1234 (prog)", "1234, which has ended"; escaped. */
#define IPC_PROCESS_BYTES 288
void ipc_process_text(const struct takt_os_ipc_process *process, char text[IPC_PROCESS_BYTES]);
/* Adds what is in the folders of takt's domains: files, FIFOs or sockets. */
enum takt_status ipc_each_in_domains(const struct ipc_source *source, struct ipc_list *list, enum takt_os_kind kind);
/* "1 message", "3 messages". @param items the word for several */
#define IPC_ITEMS_BYTES 48
const char *ipc_items(const char *items, uint32_t count, char text[IPC_ITEMS_BYTES]);
/* What the three POSIX kinds have in common. */
void ipc_judge_posix(struct ipc_object *object, const struct ipc_list *list, int may_hold);

#endif
