/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of platform/ipc.h share. */
#ifndef TAKT_PLATFORM_LINUX_IPC_PARTS_H
#define TAKT_PLATFORM_LINUX_IPC_PARTS_H

#include "platform/ipc.h"

enum takt_status takt_port_ipc_each_sysv(enum takt_os_ipc_kind kind, const char *root, takt_os_ipc_visit visit,
					 void *context);
enum takt_status takt_port_ipc_each_posix(enum takt_os_ipc_kind kind, const char *root, takt_os_ipc_visit visit,
					  void *context);
enum takt_status takt_port_ipc_each_socket(const char *root, takt_os_ipc_visit visit, void *context);

enum takt_status takt_port_ipc_remove_sysv(const struct takt_os_ipc *object, int is_forced);
enum takt_status takt_port_ipc_remove_posix(const struct takt_os_ipc *object, int is_forced);

#endif
