/* SPDX-License-Identifier: Apache-2.0 */
/* takt in a libuv loop: its news, periods and commands are three poll handles among others. */
#include <uv.h>
#include "poll.h"

static uv_poll_t handles[3];

static void on_news(uv_poll_t *handle, int status, int events)
{
	(void)handle;
	(void)status;
	(void)events;
	watch_news();
}

static void on_cycle(uv_poll_t *handle, int status, int events)
{
	(void)status;
	(void)events;
	if (!watch_cycle())
		uv_stop(handle->loop);
}

static int add(uv_loop_t *loop, uv_poll_t *handle, int descriptor, uv_poll_cb callback)
{
	return uv_poll_init(loop, handle, descriptor) == 0 && uv_poll_start(handle, UV_READABLE, callback) == 0;
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	int runs = watch_begin() && add(loop, &handles[0], watch.news.descriptor, on_news) &&
		   add(loop, &handles[1], watch.cycle.period, on_cycle) &&
		   add(loop, &handles[2], watch.cycle.command, on_cycle);
	if (runs) {
		uv_run(loop, UV_RUN_DEFAULT);
		/* What is closed here must not be watched any more. */
		for (int i = 0; i < 3; i++)
			uv_close((uv_handle_t *)&handles[i], NULL);
		uv_run(loop, UV_RUN_DEFAULT);
		uv_loop_close(loop);
	}
	watch_end();
	return !runs;
}
