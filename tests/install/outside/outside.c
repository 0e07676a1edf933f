/* SPDX-License-Identifier: Apache-2.0 */
/* A program of somebody else: joins, publishes, reads back, and says what it got. usage: outside_c CONFIG | --places */
#include <string.h>

#include <takt/takt.h>

#include "pose.h"

#define SAMPLE_COUNT 100

static struct takt_node node;
static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct takt_parameters parameters;
static struct gains sets[TAKT_PARAMETER_SET_COUNT];

static int exchange(void)
{
	struct pose sent = {.frame = "outside"}, got;
	struct takt_sample_info info;

	for (uint32_t i = 1; i <= SAMPLE_COUNT; i++) {
		sent.count = i;
		sent.angle = 0.25 * i;
		if (takt_publish(&publisher, &sent, NULL) != TAKT_OK ||
		    takt_read_next(&subscriber, &got, &info) != TAKT_OK || info.number != i || info.lost != 0 ||
		    memcmp(&sent, &got, sizeof(got)) != 0)
			return 0;
	}
	return takt_read_next(&subscriber, &got, &info) == TAKT_EMPTY;
}

int main(int argc, char **argv)
{
	const struct gains *gains;
	int is_right;

	if (argc == 2 && strcmp(argv[1], "--places") == 0) {
		print_places();
		return 0;
	}
	if (argc != 2 || takt_node_join(&node, argv[1], "loner") != TAKT_OK ||
	    takt_parameters_init(&parameters, &node, &takt_parameters_gains, sets) != TAKT_OK ||
	    takt_publisher_attach(&publisher, &node, "pose", &takt_type_pose) != TAKT_OK ||
	    takt_subscriber_attach(&subscriber, &node, "pose", &takt_type_pose, NULL) != TAKT_OK)
		return 1;
	gains = takt_parameters_read(&parameters);
	is_right = exchange() && gains->kp == 12.5 && gains->trim == -3;
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	if (is_right)
		printf("C: %d samples, none lost\n", SAMPLE_COUNT);
	return is_right ? 0 : 1;
}
