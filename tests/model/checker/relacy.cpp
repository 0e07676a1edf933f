/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checker: model programs, and with them takt's own text, on relacy. Each round is one execution: relacy chooses which thread
 * goes on at every atomic access, and which of the values that C11 allows a load reads; it keeps happens-before, and so finds plain
 * accesses without an order between them.
 *
 * What it does not do. A value comes from the past: no load reads a store that is executed later (B6 is found as a race instead),
 * and stores to one object are ordered as they are executed. A load sees the last three stores of an object. A seq_cst fence orders
 * more than C11 says (all that is behind an earlier one happens before it). A round is drawn at random, so "passed" means: in that
 * many rounds; with --bound N all rounds with at most N preemptions are run.
 */
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <relacy/relacy.hpp>

#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst

#define OBJECT_COUNT_MAX  256u
#define THREAD_COUNT_MAX  4u
#define ROUND_ACCESSES_MAX 20000u

extern "C" {
struct model {
	const char *name;
	void (*begin)(void);
	void (*end)(void);
	void (*threads[THREAD_COUNT_MAX])(void);
};
extern const struct model model_program;
}

namespace
{

/* An object of the program that more than one thread may use. Its newest value also stands at its own address. */
struct object {
	const volatile void *address;
	unsigned bytes;
	bool is_atomic;
	bool is_watched;
	alignas(16) unsigned char value_place[sizeof(rl::atomic<uint64_t>)];
	alignas(16) unsigned char watch_place[sizeof(rl::var<uint64_t>)];

	rl::atomic<uint64_t> &value()
	{
		return *reinterpret_cast<rl::atomic<uint64_t> *>(value_place);
	}
	rl::var<uint64_t> &watch()
	{
		return *reinterpret_cast<rl::var<uint64_t> *>(watch_place);
	}
};

struct death {
	jmp_buf at;
	bool is_armed;
	unsigned accesses_left;
};

object objects[OBJECT_COUNT_MAX];
unsigned object_count;
object unknown; /* met in this round, and not in `objects` yet: the rounds begin anew with it */
bool is_running;
death deaths[THREAD_COUNT_MAX];

uint64_t get(const volatile void *address, unsigned bytes)
{
	uint64_t value = 0;
	std::memcpy(&value, const_cast<const void *>(address), bytes);
	return value;
}

void put(const volatile void *address, unsigned bytes, uint64_t value)
{
	std::memcpy(const_cast<void *>(address), &value, bytes);
}

/* Objects must be made before the threads start, so they are found out in rounds that are given up. */
object &find(const volatile void *address, unsigned bytes, bool is_atomic)
{
	for (unsigned i = 0; i < object_count; i++) {
		object &found = objects[i];
		if (found.address == address && (is_atomic ? found.is_atomic : found.is_watched))
			return found;
	}
	unknown.address = address;
	unknown.bytes = bytes;
	unknown.is_atomic = is_atomic;
	unknown.is_watched = !is_atomic;
	rl::ctx().rl_until("unknown object", $);
	std::abort();
}

bool learn()
{
	if (unknown.address == nullptr)
		return false;
	unsigned i = 0;
	while (i < object_count && objects[i].address != unknown.address)
		i++;
	if (i == OBJECT_COUNT_MAX) {
		std::fprintf(stderr, "%s: more than %u shared objects\n", model_program.name, OBJECT_COUNT_MAX);
		std::exit(2);
	}
	if (i == object_count)
		object_count++;
	objects[i].address = unknown.address;
	objects[i].bytes = unknown.bytes > objects[i].bytes ? unknown.bytes : objects[i].bytes;
	objects[i].is_atomic |= unknown.is_atomic;
	objects[i].is_watched |= unknown.is_watched;
	unknown.address = nullptr;
	return true;
}

/* Every atomic access is a step, and a place to die. */
void step()
{
	death &own = deaths[rl::thread_index()];
	if (own.is_armed && own.accesses_left-- == 0) {
		own.is_armed = false;
		longjmp(own.at, 1);
	}
}

rl::memory_order order_of(int order)
{
	return static_cast<rl::memory_order>(order);
}

void begin_round()
{
	std::memset(deaths, 0, sizeof(deaths));
	is_running = false;
	model_program.begin();
	for (unsigned i = 0; i < object_count; i++) {
		object &made = objects[i];
		if (made.is_atomic) {
			::new (made.value_place) rl::atomic<uint64_t>();
			made.value().store(get(made.address, made.bytes), rl::mo_relaxed, $);
		}
		if (made.is_watched) {
			::new (made.watch_place) rl::var<uint64_t>();
			made.watch()($) = 0;
		}
	}
	is_running = true;
}

void end_round()
{
	is_running = false;
	if (model_program.end)
		model_program.end();
	for (unsigned i = 0; i < object_count; i++) {
		if (objects[i].is_atomic)
			objects[i].value().~atomic();
		if (objects[i].is_watched)
			objects[i].watch().~var();
	}
}

template <int count> struct suite : rl::test_suite<suite<count>, count> {
	void before()
	{
		begin_round();
	}
	void thread(unsigned index)
	{
		model_program.threads[index]();
	}
	void after()
	{
		end_round();
	}
};

bool simulate(unsigned thread_count, rl::test_params &params)
{
	switch (thread_count) {
	case 2:
		return rl::simulate<suite<2>>(params);
	case 3:
		return rl::simulate<suite<3>>(params);
	default:
		return rl::simulate<suite<4>>(params);
	}
}

/* What failed. No string: relacy replaces the allocator while it runs. */
char reason[512];

/* Where relacy's own words go that nobody wants to read. */
struct null_buffer : std::streambuf {
	int overflow(int character) override
	{
		return character;
	}
};

} // namespace

extern "C" {

uint64_t model_load(const volatile void *address, unsigned bytes, int order)
{
	if (!is_running)
		return get(address, bytes);
	object &found = find(address, bytes, true);
	step();
	return found.value().load(order_of(order), $);
}

/* relacy lets an execution's stores follow one another; a watched object's atomic store is also a write that must be ordered. */
void model_store(volatile void *address, unsigned bytes, uint64_t value, int order)
{
	if (is_running) {
		object &found = find(address, bytes, true);
		step();
		found.value().store(value, order_of(order), $);
		if (found.is_watched)
			found.watch()($) = 0;
	}
	put(address, bytes, value);
}

uint64_t model_change(volatile void *address, unsigned bytes, int change, uint64_t operand, int order)
{
	uint64_t before = get(address, bytes);
	if (is_running) {
		object &found = find(address, bytes, true);
		step();
		switch (change) {
		case 0:
			before = found.value().exchange(operand, order_of(order), $);
			break;
		case 1:
			before = found.value().fetch_add(operand, order_of(order), $);
			break;
		case 2:
			before = found.value().fetch_or(operand, order_of(order), $);
			break;
		default:
			before = found.value().fetch_and(operand, order_of(order), $);
			break;
		}
	}
	uint64_t after = change == 0   ? operand
			 : change == 1 ? before + operand
			 : change == 2 ? before | operand
				       : before & operand;
	put(address, bytes, after);
	return before;
}

/* One that fails is a load, and may read an older value; relacy's own reads the newest. */
int model_compare_exchange(volatile void *address, unsigned bytes, void *expected, uint64_t desired, int success,
			   int failure)
{
	uint64_t wanted = get(expected, bytes);
	if (!is_running) {
		uint64_t there = get(address, bytes);
		put(there == wanted ? address : expected, bytes, there == wanted ? desired : there);
		return there == wanted;
	}
	object &found = find(address, bytes, true);
	step();
	if (rl::rand(2) == 0) {
		uint64_t seen = found.value().load(order_of(failure), $);
		put(expected, bytes, seen);
		if (seen != wanted)
			return 0;
	}
	uint64_t seen = wanted;
	if (found.value().compare_exchange_strong(seen, desired, order_of(success), $, order_of(failure), $)) {
		put(address, bytes, desired);
		return 1;
	}
	put(expected, bytes, seen);
	return 0;
}

void model_fence(int order)
{
	if (is_running)
		rl::atomic_thread_fence(order_of(order), $);
}

void model_watch_write(const volatile void *address)
{
	if (is_running)
		find(address, 1, false).watch()($) = 0;
}

void model_watch_read(const volatile void *address)
{
	if (is_running)
		(void)static_cast<uint64_t>(find(address, 1, false).watch()($));
}

void model_fail(const char *what, const char *file, int line)
{
	std::snprintf(reason, sizeof(reason), "%s:%d: does not hold: %s", file, line, what);
	rl::ctx().fail_test(reason, rl::test_result_user_assert_failed, $);
}

unsigned model_thread(void)
{
	return rl::thread_index();
}

unsigned model_choose(unsigned count)
{
	return rl::rand(count);
}

int model_mortal(unsigned accesses, void (*body)(void))
{
	death &own = deaths[rl::thread_index()];
	if (setjmp(own.at))
		return 1;
	own.is_armed = true;
	own.accesses_left = accesses;
	body();
	deaths[rl::thread_index()].is_armed = false;
	return 0;
}
}

/* usage: PROGRAM [--rounds N] [--bound PREEMPTIONS] [--history]; exit 0: passed, 1: a round that fails, 2: trouble */
int main(int argc, char **argv)
{
	rl::test_params wanted;
	null_buffer nothing;
	std::ostream nowhere(&nothing);
	bool shows_history = false;
	wanted.iteration_count = 20000;
	for (int i = 1; i < argc; i++) {
		if (std::strcmp(argv[i], "--history") == 0) {
			shows_history = true;
		} else if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
			wanted.iteration_count = std::strtoull(argv[++i], nullptr, 10);
		} else if (std::strcmp(argv[i], "--bound") == 0 && i + 1 < argc) {
			wanted.search_type = rl::fair_context_bound_scheduler_type;
			wanted.context_bound = static_cast<unsigned>(std::strtoul(argv[++i], nullptr, 10));
		} else {
			std::fprintf(stderr, "usage: %s [--rounds N] [--bound PREEMPTIONS] [--history]\n", argv[0]);
			return 2;
		}
	}
	unsigned thread_count = 0;
	while (thread_count < THREAD_COUNT_MAX && model_program.threads[thread_count])
		thread_count++;
	wanted.execution_depth_limit = ROUND_ACCESSES_MAX;
	wanted.progress_stream = &nowhere;
	for (;;) {
		rl::test_params params = wanted;
		params.output_stream = shows_history ? &std::cout : &nowhere;
		bool passed = simulate(thread_count, params);
		if (learn())
			continue;
		if (passed) {
			std::printf("%s: %llu rounds, %u objects: passed\n", model_program.name,
				    static_cast<unsigned long long>(params.stop_iteration), object_count);
			return 0;
		}
		std::printf("%s: round %llu fails: %s\n", model_program.name,
			    static_cast<unsigned long long>(params.stop_iteration),
			    reason[0] ? reason : rl::test_result_str(params.test_result));
		return 1;
	}
}
