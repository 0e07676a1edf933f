# SPDX-License-Identifier: Apache-2.0
# file: apps/takt/encode_record.c
# test: text
# case: bad_json
# A field that is missing is 0.
/if (member == NULL)/{n;s/return refuse(.*/continue;/;}
