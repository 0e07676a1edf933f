/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "tests/unit/core/queue_support.h"

#include "tests/unit/core/queue_order.h"
#include "tests/unit/core/queue_death.h"
#include "tests/unit/core/queue_wait.h"
#include "tests/unit/core/queue_refused.h"
#include "tests/unit/core/queue_damage.h"
#include "tests/unit/core/queue_flat.h"

int main(void)
{
	const struct CMUnitTest tests[] = {QUEUE_ORDER_TESTS,	QUEUE_DEATH_TESTS,  QUEUE_WAIT_TESTS,
					   QUEUE_REFUSED_TESTS, QUEUE_DAMAGE_TESTS, QUEUE_FLAT_TESTS};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
