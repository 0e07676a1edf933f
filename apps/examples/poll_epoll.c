/* SPDX-License-Identifier: Apache-2.0 */
/* takt in an epoll loop: its news, periods and commands are three descriptors among others. */
#include <sys/epoll.h>
#include <unistd.h>
#include "poll.h"

static int add(int poll, int descriptor)
{
	return epoll_ctl(poll, EPOLL_CTL_ADD, descriptor,
			 &(struct epoll_event){.events = EPOLLIN, .data.fd = descriptor}) == 0;
}

int main(void)
{
	struct epoll_event events[4];
	int poll = epoll_create1(EPOLL_CLOEXEC);
	int runs = poll >= 0 && watch_begin() && add(poll, watch.news.descriptor) && add(poll, watch.cycle.period) &&
		   add(poll, watch.cycle.command);
	int failed = !runs;
	while (runs) {
		/* A signal ends the wait, or makes the command's descriptor readable. */
		int count = epoll_wait(poll, events, 4, -1);
		for (int i = 0; i < count; i++)
			if (events[i].data.fd == watch.news.descriptor)
				watch_news();
		runs = watch_cycle();
	}
	if (poll >= 0)
		close(poll);
	watch_end();
	return failed;
}
