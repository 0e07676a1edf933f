# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/shm.c
# case: reader
# A reader asks for more than it needs.
s/access == TAKT_OS_READ_WRITE ? O_RDWR : O_RDONLY/O_RDWR/
s/access == TAKT_OS_READ_WRITE ? PROT_READ | PROT_WRITE : PROT_READ/PROT_READ | PROT_WRITE/
