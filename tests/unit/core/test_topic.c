/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "core/pool.h"
#include "core/publish_right.h"
#include "core/topic_segment.h"
#include "tests/unit/core/topic_support.h"

#include "tests/unit/core/topic_read.h"
#include "tests/unit/core/topic_loan.h"
#include "tests/unit/core/topic_death.h"
#include "tests/unit/core/topic_shared.h"
#include "tests/unit/core/topic_hostile.h"
#include "tests/unit/core/topic_cut.h"
#include "tests/unit/core/topic_closed.h"
#include "tests/unit/core/topic_flat.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOPIC_READ_TESTS,    TOPIC_LOAN_TESTS, TOPIC_DEATH_TESTS,  TOPIC_SHARED_TESTS,
		TOPIC_HOSTILE_TESTS, TOPIC_CUT_TESTS,  TOPIC_CLOSED_TESTS, TOPIC_FLAT_TESTS,
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
