/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/scenario.h"
const struct scenario command_scenarios[] = {{0}};
const uint32_t command_scenario_count = 0;
