/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/loop_fixture.h"

#include <float.h>
#include <math.h>

#include "core/parameter.h"
#include "tests/unit/core/random.h"

#define READ_COUNT  100000u
#define SET_COUNT   50u
#define ROUND_COUNT 200u
#define COUNT_MAX   9007199254740992.0 /* 2^53 */

struct gains {
	double kp;
	double kd;
	int32_t trim;
	uint8_t on;
};
TAKT_PARAMETERS(gains, struct gains, TAKT_PARAMETER(struct gains, kp, TAKT_F64, 12.0, 0.0, 100.0, "V/rad"),
		TAKT_PARAMETER(struct gains, kd, TAKT_F64, 1.5, 0.0, 100.0, "V s/rad"),
		TAKT_PARAMETER(struct gains, trim, TAKT_I32, 0, -5, 5, ""),
		TAKT_PARAMETER(struct gains, on, TAKT_BOOL, 1, 0, 1, ""));

struct all {
	int8_t i8;
	uint8_t u8;
	int16_t i16;
	uint16_t u16;
	int32_t i32;
	uint32_t u32;
	int64_t i64;
	uint64_t u64;
	float f32;
	double f64;
	uint8_t flag;
};
TAKT_PARAMETERS(all, struct all, TAKT_PARAMETER(struct all, i8, TAKT_I8, -1, INT8_MIN, INT8_MAX, ""),
		TAKT_PARAMETER(struct all, u8, TAKT_U8, 1, 0, UINT8_MAX, ""),
		TAKT_PARAMETER(struct all, i16, TAKT_I16, -2, INT16_MIN, INT16_MAX, ""),
		TAKT_PARAMETER(struct all, u16, TAKT_U16, 2, 0, UINT16_MAX, ""),
		TAKT_PARAMETER(struct all, i32, TAKT_I32, -3, INT32_MIN, INT32_MAX, ""),
		TAKT_PARAMETER(struct all, u32, TAKT_U32, 3, 0, UINT32_MAX, ""),
		TAKT_PARAMETER(struct all, i64, TAKT_I64, -4, -COUNT_MAX, COUNT_MAX, ""),
		TAKT_PARAMETER(struct all, u64, TAKT_U64, 4, 0, COUNT_MAX, ""),
		TAKT_PARAMETER(struct all, f32, TAKT_F32, 0.1f, -FLT_MAX, FLT_MAX, "m"),
		TAKT_PARAMETER(struct all, f64, TAKT_F64, 0.1, -DBL_MAX, DBL_MAX, "s"),
		TAKT_PARAMETER(struct all, flag, TAKT_BOOL, 1, 0, 1, ""));

static const char config[] = "domain: test\n"
			     "nodes:\n"
			     "  - {name: plain, program: x, period_us: 1000}\n"
			     "  - {name: tuned, program: x, parameters: [kp=7, trim=-3], parameter_file: saved.txt}\n"
			     "  - {name: wrong, program: x, parameters: [kp=700]}\n"
			     "  - {name: lost, program: x, parameter_file: nowhere/saved.txt}\n";

static struct takt_parameters parameters;
static struct gains gain_sets[TAKT_PARAMETER_SET_COUNT];
static struct all all_sets[TAKT_PARAMETER_SET_COUNT];
static struct looper looper;
static char reply[TAKT_MAILBOX_TEXT_BYTES];

static int set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(config);
	memset(&parameters, 0, sizeof(parameters));
	memset(&looper, 0, sizeof(looper));
	return 0;
}

static int tear_down(void **state)
{
	char path[128];

	scratch_path(path, "saved.txt");
	(void)unlink(path);
	return fixture_tear_down(state);
}

static struct takt_node *join_with(const char *name, const struct takt_parameter_type *type, void *sets)
{
	struct takt_node *node = fixture_join(name);

	memset(&parameters, 0, sizeof(parameters));
	if (takt_parameters_init(&parameters, node, type, sets) != TAKT_OK)
		fail_msg("parameters are refused: %s", fixture.said);
	return node;
}

static const struct gains *gains(void)
{
	return takt_parameters_read(&parameters);
}

static enum takt_status set(const char *assignments)
{
	memset(reply, 0, sizeof(reply));
	return takt_parameters_set(&parameters, assignments, reply, sizeof(reply));
}

static void assert_reply(const char *part)
{
	if (strstr(reply, part) == NULL)
		fail_msg("the reply \"%s\" does not have \"%s\"", reply, part);
}

/* --- first values --- */

static void defaults_then_config_then_file(void **state)
{
	char path[128];

	(void)state;
	(void)join_with("plain", &takt_parameters_gains, gain_sets);
	assert_true(gains()->kp == 12.0 && gains()->kd == 1.5 && gains()->trim == 0 && gains()->on == 1);
	struct takt_node *node = join_with("tuned", &takt_parameters_gains, gain_sets);
	assert_true(gains()->kp == 7.0 && gains()->kd == 1.5 && gains()->trim == -3);
	takt_node_leave(node);
	fixture_write_config(path, "saved.txt", "kp=8.25\n\n  on=false kd=2e1\r\n");
	(void)join_with("tuned", &takt_parameters_gains, gain_sets);
	assert_true(gains()->kp == 8.25 && gains()->kd == 20.0 && gains()->trim == -3 && gains()->on == 0);
}

static void a_wrong_value_in_config_or_file_stops_the_start(void **state)
{
	static const struct {
		const char *text;
		const char *said;
	} files[] = {{"kp=101\n", "out of range"}, {"kq=1\n", "unknown parameter 'kq'"}, {"kp 1\n", "no assignment"}};
	char path[128];

	(void)state;
	assert_int_equal(takt_parameters_init(&parameters, fixture_join("wrong"), &takt_parameters_gains, gain_sets),
			 TAKT_INVALID);
	assert_said("kp=700 is out of range: 0 to 100 V/rad");
	struct takt_node *node = fixture_join("tuned");
	for (uint32_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		forget_said();
		fixture_write_config(path, "saved.txt", files[i].text);
		assert_int_equal(takt_parameters_init(&parameters, node, &takt_parameters_gains, gain_sets),
				 TAKT_INVALID);
		assert_said(files[i].said);
		assert_said("saved.txt");
		assert_null(node->parameters);
	}
}

static void a_file_is_never_read_in_part(void **state)
{
	static char text[2 * TAKT_LINE_BYTES_MAX];
	char path[128];
	FILE *file;

	(void)state;
	struct takt_node *node = fixture_join("tuned");
	/* Cut at 4095 bytes it would say kp=1. */
	memset(text, ' ', sizeof(text));
	memcpy(text + 4095 - 4, "kp=12", 6);
	fixture_write_config(path, "saved.txt", text);
	assert_int_not_equal(takt_parameters_init(&parameters, node, &takt_parameters_gains, gain_sets), TAKT_OK);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite("kp=12\0kd=3\n", 1, 11, file), 11);
	assert_int_equal(fclose(file), 0);
	forget_said();
	assert_int_equal(takt_parameters_init(&parameters, node, &takt_parameters_gains, gain_sets), TAKT_INVALID);
	assert_said("zero byte");
}

/* --- descriptions --- */

static struct takt_parameter_field field(const char *name, uint32_t kind, double initial, double min, double max)
{
	return (struct takt_parameter_field){name, "", kind, 0, initial, min, max};
}

static void wrong_descriptions_are_refused(void **state)
{
	const struct takt_parameter_field wrong[] = {
		field("Kp", TAKT_F64, 0, 0, 1),
		field("", TAKT_F64, 0, 0, 1),
		field("a", TAKT_STRUCT, 0, 0, 1),
		field("a", TAKT_CHAR, 0, 0, 1),
		field("a", 0, 0, 0, 1),
		field("a", 99, 0, 0, 1),
		field("a", TAKT_F64, 2, 0, 1),
		field("a", TAKT_F64, -1, 0, 1),
		field("a", TAKT_F64, 0, 1, -1),
		field("a", TAKT_F64, NAN, 0, 1),
		field("a", TAKT_F64, 0, NAN, 1),
		field("a", TAKT_F64, 0, 0, NAN),
		field("a", TAKT_F64, 0, 0, INFINITY),
		field("a", TAKT_F32, 0, 0, 1e39),
		field("a", TAKT_U8, 0, 0, 256),
		field("a", TAKT_U8, 0, -1, 1),
		field("a", TAKT_I8, 0, -129, 1),
		field("a", TAKT_I64, 0, 0, 1e17),
		field("a", TAKT_BOOL, 0, 0, 2),
		field("a", TAKT_I32, 0.5, 0, 1),
	};
	const struct takt_parameter_field twice[] = {field("a", TAKT_F64, 0, 0, 1), field("a", TAKT_F64, 0, 0, 1)};
	struct takt_parameter_field outside = field("a", TAKT_F64, 0, 0, 1);
	struct takt_node *node = fixture_join("plain");

	(void)state;
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct takt_parameter_type type = {"t", &wrong[i], 1, 8};

		forget_said();
		assert_int_equal(takt_parameters_init(&parameters, node, &type, all_sets), TAKT_INVALID);
		assert_said("parameter");
	}
	const struct takt_parameter_type doubled = {"t", twice, 2, 8};
	assert_int_equal(takt_parameters_init(&parameters, node, &doubled, all_sets), TAKT_INVALID);
	const struct takt_parameter_type too_many = {"t", wrong, TAKT_PARAMETER_COUNT_MAX + 1, 8};
	assert_int_equal(takt_parameters_init(&parameters, node, &too_many, all_sets), TAKT_LIMIT);
	const struct takt_parameter_type too_large = {"t", twice, 1, TAKT_PARAMETER_SET_BYTES_MAX + 1};
	assert_int_equal(takt_parameters_init(&parameters, node, &too_large, all_sets), TAKT_LIMIT);
	outside.offset = 4;
	const struct takt_parameter_type beyond = {"t", &outside, 1, 8};
	assert_int_equal(takt_parameters_init(&parameters, node, &beyond, all_sets), TAKT_INVALID);
	outside.offset = UINT32_MAX;
	assert_int_equal(takt_parameters_init(&parameters, node, &beyond, all_sets), TAKT_INVALID);
	assert_null(node->parameters);
}

/* --- values --- */

static void what_is_no_number_is_refused_and_changes_nothing(void **state)
{
	static const char *const wrong[] = {"kp=",
					    "kp=nan",
					    "kp=inf",
					    "kp=-inf",
					    "kp=infinity",
					    "kp=0x10",
					    "kp=1e400",
					    "kp=1,5",
					    "kp=1.2.3",
					    "kp=1e",
					    "kp=--1",
					    "kp=1V",
					    "kp= 1",
					    "kp =1",
					    "kp",
					    "=1",
					    "kp==1",
					    "trim=0.5",
					    "trim=1e-1",
					    "trim=6",
					    "trim=-6",
					    "kp=-0.1",
					    "kp=100.1",
					    "on=2",
					    "on=yes",
					    "on=True",
					    "KP=1",
					    "kpp=1",
					    "",
					    "  \t ",
					    "kp=1 kd",
					    "kp=1 kd=101",
					    "kp=1 kd=2 trim=9",
					    "kp=1 kd=2 on=0 x=1"};

	(void)state;
	(void)join_with("plain", &takt_parameters_gains, gain_sets);
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (set(wrong[i]) != TAKT_INVALID)
			fail_msg("'%s' was taken: %s", wrong[i], reply);
		assert_true(strlen(reply) > 10);
		assert_true(gains()->kp == 12.0 && gains()->kd == 1.5 && gains()->trim == 0 && gains()->on == 1);
	}
	assert_int_equal(parameters.generation, 1);
	assert_int_equal(set("kq=1"), TAKT_INVALID);
	assert_reply("this node has: kp kd trim on");
	assert_int_equal(set("kp=101"), TAKT_INVALID);
	assert_reply("kp=101 is out of range: 0 to 100 V/rad");
}

static void good_values_are_taken_together(void **state)
{
	(void)state;
	struct takt_node *node = join_with("plain", &takt_parameters_gains, gain_sets);
	assert_int_equal(set("kp=1e1 \tkd=.5  trim=-5 on=false"), TAKT_OK);
	assert_reply("4 set");
	assert_true(gains()->kp == 10.0 && gains()->kd == 0.5 && gains()->trim == -5 && gains()->on == 0);
	assert_int_equal(set("on=true"), TAKT_OK);
	assert_int_equal(set("on=0 on=1 trim=5."), TAKT_OK);
	assert_true(gains()->on == 1 && gains()->trim == 5 && gains()->kp == 10.0);
	assert_int_equal(atomic_load(&node_shm(node)->parameter_generation), 4);
}

static void every_kind_keeps_its_limits(void **state)
{
	static const char *const taken[] = {"i8=-128 u8=255 i16=-32768 u16=65535 i32=-2147483648 u32=4294967295 flag=1",
					    "i8=127 u8=0 i16=32767 u16=0 i32=2147483647 u32=0 flag=0",
					    "i64=-9007199254740992 u64=9007199254740992",
					    "f32=3.4028234663852886e38 f64=1.7976931348623157e308",
					    "f32=-3.4028235e38 f64=-1.7976931348623157e308"};
	static const char *const refused[] = {"i8=-129",
					      "i8=128",
					      "u8=-1",
					      "u8=256",
					      "i16=-32769",
					      "i16=32768",
					      "u16=-1",
					      "u16=65536",
					      "i32=-2147483649",
					      "i32=2147483648",
					      "u32=-1",
					      "u32=4294967296",
					      "u64=-1",
					      "u64=9007199254740994",
					      "i64=-9007199254740994",
					      "flag=2",
					      "flag=-1",
					      "f32=3.5e38",
					      "f32=-1e300",
					      "i64=0.5"};
	const struct all *all;

	(void)state;
	(void)join_with("plain", &takt_parameters_all, all_sets);
	for (uint32_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (set(taken[i]) != TAKT_OK)
			fail_msg("'%s' was refused: %s", taken[i], reply);
	all = takt_parameters_read(&parameters);
	assert_true(all->i8 == 127 && all->u8 == 0 && all->i16 == 32767 && all->i32 == INT32_MAX && all->flag == 0);
	assert_true(all->i64 == -INT64_C(9007199254740992) && all->u64 == UINT64_C(9007199254740992));
	assert_true(all->f32 == -FLT_MAX && all->f64 == -DBL_MAX);
	for (uint32_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (set(refused[i]) != TAKT_INVALID)
			fail_msg("'%s' was taken", refused[i]);
}

/* A float's limit is a float: 0.7 and 0.7f are the same one. */
static void a_float_may_stand_at_its_limit(void **state)
{
	static const struct takt_parameter_field fields[] = {{"x", "", TAKT_F32, 0, 0, 0.7f, 0.7f},
							     {"y", "", TAKT_F32, 4, 0.1, 0.1, 0.1}};
	struct takt_parameter_field first[2] = {fields[0], fields[1]};
	const struct takt_parameter_type type = {"t", first, 2, 8};
	static float sets[4];

	(void)state;
	first[0].initial = 0.7f;
	(void)join_with("tuned", &takt_parameters_gains, gain_sets);
	takt_node_leave(&fixture.nodes[--fixture.node_count]);
	struct takt_node *node = fixture_join("lost");
	assert_int_equal(takt_parameters_init(&parameters, node, &type, sets), TAKT_OK);
	assert_int_equal(set("x=0.7 y=0.1"), TAKT_OK);
	assert_int_equal(set("x=0.7000001"), TAKT_INVALID);
	assert_int_equal(set("y=0.10000002"), TAKT_INVALID);
}

/* --- saving --- */

static double random_finite(int as_float)
{
	for (;;) {
		uint64_t bits = next_random();
		uint32_t half = (uint32_t)bits;
		double wide;
		float narrow;

		memcpy(&wide, &bits, sizeof(wide));
		memcpy(&narrow, &half, sizeof(narrow));
		if (isfinite(wide) && isfinite(narrow))
			return as_float ? (double)narrow : wide;
	}
}

static void set_randomly(struct all *wanted)
{
	char text[1024];

	*wanted = (struct all){.i8 = (int8_t)next_random(),
			       .u8 = (uint8_t)next_random(),
			       .i16 = (int16_t)next_random(),
			       .u16 = (uint16_t)next_random(),
			       .i32 = (int32_t)next_random(),
			       .u32 = (uint32_t)next_random(),
			       .i64 = (int64_t)next_random() / 1024,
			       .u64 = next_random() >> (11 + next_random() % 50),
			       .f32 = (float)random_finite(1),
			       .f64 = random_finite(0),
			       .flag = next_random() & 1};
	(void)snprintf(text, sizeof(text),
		       "i8=%d u8=%u i16=%d u16=%u i32=%d u32=%u i64=%lld u64=%llu f32=%.17g f64=%.17g flag=%u",
		       wanted->i8, wanted->u8, wanted->i16, wanted->u16, wanted->i32, wanted->u32,
		       (long long)wanted->i64, (unsigned long long)wanted->u64, (double)wanted->f32, wanted->f64,
		       wanted->flag);
	if (set(text) != TAKT_OK)
		fail_msg("'%s' was refused: %s", text, reply);
}

static void assert_same(const struct all *is, const struct all *wanted)
{
	assert_int_equal(is->i8, wanted->i8);
	assert_int_equal(is->u8, wanted->u8);
	assert_int_equal(is->i16, wanted->i16);
	assert_int_equal(is->u16, wanted->u16);
	assert_int_equal(is->i32, wanted->i32);
	assert_int_equal(is->u32, wanted->u32);
	assert_true(is->i64 == wanted->i64);
	assert_true(is->u64 == wanted->u64);
	assert_memory_equal(&is->f32, &wanted->f32, sizeof(is->f32));
	assert_memory_equal(&is->f64, &wanted->f64, sizeof(is->f64));
	assert_int_equal(is->flag, wanted->flag);
}

static void what_is_saved_is_read_back_bit_by_bit(void **state)
{
	static char tuned[] = "domain: test\nnodes:\n  - {name: tuned, program: x, parameter_file: saved.txt}\n";
	static struct all other_sets[TAKT_PARAMETER_SET_COUNT];
	struct takt_parameters other;
	struct takt_node *node;
	struct all wanted;

	(void)state;
	(void)fixture_config(tuned);
	node = join_with("tuned", &takt_parameters_all, all_sets);
	for (uint32_t i = 0; i < ROUND_COUNT; i++) {
		set_randomly(&wanted);
		assert_same(takt_parameters_read(&parameters), &wanted);
		assert_int_equal(takt_parameters_save(&parameters, reply, sizeof(reply)), TAKT_OK);
		assert_reply("saved to ");
		node->parameters = NULL; /* as in the next life of the node */
		assert_int_equal(takt_parameters_init(&other, node, &takt_parameters_all, other_sets), TAKT_OK);
		assert_same(takt_parameters_read(&other), &wanted);
	}
	assert_int_equal(set("f32=3.4028234663852886e38 f64=-0 i8=-128"), TAKT_OK);
	wanted = *(const struct all *)takt_parameters_read(&parameters);
	assert_int_equal(takt_parameters_save(&parameters, reply, sizeof(reply)), TAKT_OK);
	node->parameters = NULL;
	assert_int_equal(takt_parameters_init(&other, node, &takt_parameters_all, other_sets), TAKT_OK);
	assert_same(takt_parameters_read(&other), &wanted);
}

static void texts_are_short(void **state)
{
	static const char *const texts[] = {"-1", "1", "-2", "2", "-3", "3", "-4", "4", "0.1", "0.1", "1"};
	char text[64];

	(void)state;
	(void)join_with("plain", &takt_parameters_all, all_sets);
	for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		takt_parameters_format(&parameters, i, text, sizeof(text));
		assert_string_equal(text, texts[i]);
	}
	char line[256];
	takt_parameters_describe(&parameters, 9, line, sizeof(line));
	assert_non_null(strstr(line, "f64=0.1 unit=s kind=f64 default=0.1 min=-1.7976931348623157e+308"));
	assert_int_equal(takt_parameters_find(&parameters, "f64"), 9);
	assert_int_equal(takt_parameters_find(&parameters, "f6"), UINT32_MAX);
}

static void saving_without_a_place_says_so(void **state)
{
	(void)state;
	(void)join_with("plain", &takt_parameters_gains, gain_sets);
	assert_int_equal(takt_parameters_save(&parameters, reply, sizeof(reply)), TAKT_ABSENT);
	assert_reply("parameter_file");
	(void)join_with("lost", &takt_parameters_gains, gain_sets);
	assert_int_equal(takt_parameters_save(&parameters, reply, sizeof(reply)), TAKT_ABSENT);
	assert_reply("nowhere/saved.txt");
}

/* --- with a loop --- */

static _Atomic int reads_are_done, sets_are_done, torn_count, changed_count;

static void read_all_the_time(void *argument)
{
	(void)argument;
	takt_parameters_loop_begin(&parameters);
	for (uint32_t i = 0; i < READ_COUNT || !atomic_load(&sets_are_done); i++) {
		takt_parameters_online(&parameters);
		const struct gains *first = gains();
		double kp = first->kp;
		double kd = first->kd;
		if (kp + kd != 100.0)
			atomic_fetch_add(&torn_count, 1);
		const struct gains *second = gains();
		if (second != first || second->kp != kp || second->kd != kd)
			atomic_fetch_add(&changed_count, 1);
		takt_parameters_offline(&parameters);
	}
	takt_parameters_loop_end(&parameters);
	atomic_store(&reads_are_done, 1);
}

static void what_is_set_together_is_seen_together(void **state)
{
	struct takt_os_thread thread = {.run = NULL};
	uint32_t sets = 0;

	(void)state;
	(void)join_with("plain", &takt_parameters_gains, gain_sets);
	assert_int_equal(set("kp=50 kd=50"), TAKT_OK);
	atomic_store(&sets_are_done, 0);
	atomic_store(&reads_are_done, 0);
	atomic_store(&torn_count, 0);
	atomic_store(&changed_count, 0);
	assert_int_equal(takt_os_thread_start(&thread, "reader", read_all_the_time, NULL), TAKT_OK);
	while (!atomic_load(&reads_are_done)) {
		char text[64];
		uint32_t kp = (uint32_t)(next_random() % 101);

		(void)snprintf(text, sizeof(text), "kp=%u kd=%u", kp, 100 - kp);
		if (set(text) != TAKT_OK)
			atomic_fetch_add(&torn_count, 1);
		if (++sets == SET_COUNT)
			atomic_store(&sets_are_done, 1);
	}
	takt_os_thread_join(&thread);
	assert_int_equal(atomic_load(&torn_count), 0);
	assert_int_equal(atomic_load(&changed_count), 0);
	assert_true(sets >= SET_COUNT);
}

static _Atomic double seen_kp;

static void see(struct looper *of)
{
	(void)of;
	atomic_store(&seen_kp, gains()->kp);
}

static void start_loop(void)
{
	looper.node = join_with("plain", &takt_parameters_gains, gain_sets);
	looper.on_cycle = see;
	loop_start(&looper);
	loop_await_cycles(&looper, 1);
}

static void a_command_returns_when_the_loop_has_it(void **state)
{
	(void)state;
	start_loop();
	for (int i = 0; i < 20; i++) {
		char text[32];

		(void)snprintf(text, sizeof(text), "kp=%d", i);
		assert_int_equal(set(text), TAKT_OK);
		/* The cycle that took it may still run. */
		loop_await_cycles(&looper, 0);
		assert_true(atomic_load(&seen_kp) == i);
	}
	loop_join(&looper);
	assert_int_equal(set("kp=50"), TAKT_OK);
	assert_true(gains()->kp == 50.0);
}

static void a_loop_that_hangs_is_told_and_neither_waited_for_nor_disturbed(void **state)
{
	(void)state;
	start_loop();
	loop_hold(&looper);
	double before = atomic_load(&seen_kp);
	assert_int_equal(set("kp=21"), TAKT_TIMEOUT);
	assert_string_equal(reply, "accepted, not applied: no cycle for 1.0 s");
	assert_int_equal(set("kp=22"), TAKT_BUSY);
	assert_reply("in one cycle for more than 1.0 s");
	assert_int_equal(parameters.generation, 2);
	assert_true(((const struct gains *)parameters.in_use)->kp == before);
	atomic_store(&looper.wants_hold, 0);
	loop_await_cycles(&looper, 1);
	assert_true(atomic_load(&seen_kp) == 21.0);
	assert_int_equal(set("kp=23"), TAKT_OK);
	loop_await_cycles(&looper, 0);
	assert_true(atomic_load(&seen_kp) == 23.0);
	loop_join(&looper);
}

static void a_loop_that_sleeps_takes_the_values_when_it_wakes(void **state)
{
	(void)state;
	(void)join_with("plain", &takt_parameters_gains, gain_sets);
	/* This thread is the loop, and the command thread too. */
	takt_parameters_loop_begin(&parameters);
	assert_int_equal(set("kp=31"), TAKT_TIMEOUT);
	assert_string_equal(reply, "accepted, not applied: no cycle for 1.0 s");
	assert_int_equal(set("kp=32"), TAKT_TIMEOUT);
	takt_parameters_online(&parameters);
	assert_true(gains()->kp == 32.0);
	assert_int_equal(set("kp=33"), TAKT_TIMEOUT);
	assert_int_equal(set("kp=36"), TAKT_BUSY);
	assert_true(gains()->kp == 32.0);
	takt_parameters_offline(&parameters);
	parameters.node->stop_wanted = 1;
	assert_int_equal(set("kp=34"), TAKT_STOPPED);
	assert_reply("accepted, not applied: the node is stopped");
	takt_parameters_online(&parameters);
	assert_true(gains()->kp == 34.0);
	takt_parameters_loop_end(&parameters);
	assert_int_equal(set("kp=35"), TAKT_OK);
	assert_true(gains()->kp == 35.0);
}

#define tuning(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		tuning(defaults_then_config_then_file),
		tuning(a_wrong_value_in_config_or_file_stops_the_start),
		tuning(a_file_is_never_read_in_part),
		tuning(wrong_descriptions_are_refused),
		tuning(what_is_no_number_is_refused_and_changes_nothing),
		tuning(good_values_are_taken_together),
		tuning(every_kind_keeps_its_limits),
		tuning(a_float_may_stand_at_its_limit),
		tuning(what_is_saved_is_read_back_bit_by_bit),
		tuning(texts_are_short),
		tuning(saving_without_a_place_says_so),
		tuning(what_is_set_together_is_seen_together),
		tuning(a_command_returns_when_the_loop_has_it),
		tuning(a_loop_that_hangs_is_told_and_neither_waited_for_nor_disturbed),
		tuning(a_loop_that_sleeps_takes_the_values_when_it_wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
