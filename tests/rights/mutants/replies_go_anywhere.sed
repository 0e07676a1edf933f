# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/pipe.c
# case: replies_taken
# What stands under a reply's name is not checked to be a pipe.
s/return takt_port_object_open(&object, O_WRONLY, S_IFIFO, NULL, descriptor);/*descriptor = openat(object.folder, name, O_WRONLY | O_NONBLOCK | O_CLOEXEC); return *descriptor < 0 ? TAKT_ABSENT : TAKT_OK;/
