# SPDX-License-Identifier: Apache-2.0
# file: core/domain.c
# case: objects_taken
# What exists is taken for what was asked for.
s/status = check_topic(&domain, config, i);/status = TAKT_OK;/
