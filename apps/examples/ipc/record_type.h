/* SPDX-License-Identifier: Apache-2.0 */
/* The record of the examples of shared memory as takt's tools know it. */
#include "record.h"
TAKT_TYPE(record, struct record, TAKT_FIELD(struct record, words, TAKT_U32, RECORD_WORDS, ""));
