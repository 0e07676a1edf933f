# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/sysv_shm.c
# test: trouble
# case: removed
# Writes on into a segment that nobody will ever see again.
s/found.shm_perm.mode & SHM_DEST ? TAKT_ABSENT : TAKT_OK/TAKT_OK/
