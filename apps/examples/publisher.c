/* SPDX-License-Identifier: Apache-2.0 */
#include <takt/takt.h>
#include "greeting.h"

int main(void)
{
	static struct takt_node node;
	static struct takt_publisher publisher;
	static struct takt_loop loop;
	struct greeting greeting = {.count = 0, .text = "hello from takt"};
	if (takt_node_join(&node, NULL, "talker") != TAKT_OK ||
	    takt_publisher_attach(&publisher, &node, "greeting", &takt_type_greeting) != TAKT_OK ||
	    takt_loop_begin(&loop, &node, &(struct takt_loop_options){.period_ns = 100000000}) != TAKT_OK)
		return 1;
	while (takt_loop_next(&loop) == TAKT_OK) {
		greeting.count++;
		if (takt_publish(&publisher, &greeting, NULL) != TAKT_OK)
			break;
	}
	takt_loop_end(&loop);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
}
