/* SPDX-License-Identifier: Apache-2.0 */
/* How the machine*.c files read the small files of the system; below `root`, which is "" for this machine. */
#ifndef TAKT_PLATFORM_LINUX_MACHINE_READ_H
#define TAKT_PLATFORM_LINUX_MACHINE_READ_H

#include <stdint.h>
#include <stdio.h>

/* Opens root/path for reading. @retval NULL it is not there or may not be read */
FILE *takt_port_machine_open(const char *root, const char *path);

/* The first line, without its end; "" where there is none. @retval 1 there is such a file */
int takt_port_machine_line(const char *root, const char *path, char *line, uint32_t bytes);

/* The number at the beginning of a file. @retval `unknown` there is none */
int64_t takt_port_machine_number(const char *root, const char *path, int64_t unknown);

/* "0-3,8": bit i for each CPU i below 64. */
uint64_t takt_port_machine_cpus(const char *root, const char *path);

#endif
