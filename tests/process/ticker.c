/* SPDX-License-Identifier: Apache-2.0 */
/* A test's node: publishes "tick" with the period of its config. Its text holds an escape sequence, as a bad node's might. */
#include <stdio.h>
#include <string.h>

#include "tests/process/tick.h"

struct settings {
	double gain;
	int32_t step;
	uint8_t flag;
};

TAKT_PARAMETERS(settings, struct settings, TAKT_PARAMETER(struct settings, gain, TAKT_F64, 1.5, 0.0, 10.0, "V s/rad"),
		TAKT_PARAMETER(struct settings, step, TAKT_I32, 1, -100, 100, ""),
		TAKT_PARAMETER(struct settings, flag, TAKT_BOOL, 0, 0, 1, ""));

static struct takt_node node;
static struct takt_publisher publisher;
static struct takt_loop loop;
static struct takt_parameters parameters;
static struct settings sets[TAKT_PARAMETER_SET_COUNT];
static struct tick tick = {
	.i64 = -9000000000000000000,
	.place = {0.1, -2.5},
	.corners = {{1, 2}, {3, 4}},
	.u32 = 4000000000,
	.i32 = -2000000000,
	.f32 = {0.1f, -9.81f, 1e-9f},
	.u16 = 65535,
	.i16 = -32768,
	.u8 = 255,
	.i8 = -128,
	.text = "a,\"b\" \033[31mred",
};

static enum takt_status jump(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	struct tick *own = context;

	if (strcmp(arguments, "far") != 0) {
		(void)snprintf(reply, reply_bytes, "jump where? there is only: far");
		return TAKT_INVALID;
	}
	own->count += 1000;
	(void)snprintf(reply, reply_bytes, "count is %llu \033[31m", (unsigned long long)own->count);
	return TAKT_OK;
}

static enum takt_status set_up(void)
{
	static const struct takt_command commands[] = {{"jump", "jump far: the count jumps by 1000", jump, &tick}};
	enum takt_status status = takt_node_join(&node, NULL, NULL);

	if (status == TAKT_OK)
		status = takt_publisher_attach(&publisher, &node, "tick", &takt_type_tick);
	if (status == TAKT_OK)
		status = takt_parameters_init(&parameters, &node, &takt_parameters_settings, sets);
	if (status == TAKT_OK)
		status = takt_commands_set(&node, commands, 1);
	if (status == TAKT_OK)
		status = takt_loop_begin(&loop, &node, &(struct takt_loop_options){0});
	return status;
}

int main(void)
{
	enum takt_status status = set_up();

	while (status == TAKT_OK && takt_loop_next(&loop) == TAKT_OK) {
		const struct settings *settings = takt_parameters_read(&parameters);

		tick.count += (uint64_t)settings->step;
		tick.f64 = (double)tick.count * settings->gain;
		tick.flag = settings->flag;
		status = takt_publish(&publisher, &tick, NULL);
	}
	takt_loop_end(&loop);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	return status == TAKT_OK ? 0 : 1;
}
