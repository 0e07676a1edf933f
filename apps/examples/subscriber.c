/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <takt/takt.h>
#include "greeting.h"

int main(void)
{
	static struct takt_node node;
	static struct takt_subscriber subscriber, *triggers[] = {&subscriber};
	static struct takt_loop loop;
	struct greeting greeting;
	struct takt_sample_info info;
	if (takt_node_join(&node, NULL, "listener") != TAKT_OK ||
	    takt_subscriber_attach(&subscriber, &node, "greeting", &takt_type_greeting, NULL) != TAKT_OK ||
	    takt_loop_begin(&loop, &node, &(struct takt_loop_options){.triggers = triggers, .trigger_count = 1}) !=
		    TAKT_OK)
		return 1;
	while (takt_loop_next(&loop) == TAKT_OK)
		while (takt_read_next(&subscriber, &greeting, &info) == TAKT_OK)
			printf("%s %u (sample %llu, lost %llu)\n", greeting.text, greeting.count,
			       (unsigned long long)info.number, (unsigned long long)info.lost),
				fflush(stdout);
	takt_loop_end(&loop);
	takt_subscriber_detach(&subscriber);
	takt_node_leave(&node);
}
