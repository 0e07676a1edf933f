/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/scenario.h"
const struct scenario domain_scenarios[] = {{0}};
const uint32_t domain_scenario_count = 0;
