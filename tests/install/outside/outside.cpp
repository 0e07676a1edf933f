// SPDX-License-Identifier: Apache-2.0
// The same program in C++, with a thread that sleeps until there is news. usage: outside_cpp CONFIG | --places
#include <atomic>
#include <cstring>
#include <string>
#include <thread>

#include <takt/takt.h>

#include "pose.h"

namespace {

constexpr std::uint32_t sample_count = 100;
constexpr std::uint64_t bound_ns = 20000000000;

takt_node node;
takt_publisher publisher;
takt_subscriber subscriber;
takt_waiter waiter;
takt_parameters parameters;
gains sets[TAKT_PARAMETER_SET_COUNT];
std::atomic<std::uint32_t> taken{0};

void publish_all()
{
	pose sent = {};
	std::strcpy(sent.frame, "outside");
	for (std::uint32_t i = 1; i <= sample_count; i++) {
		// The ring keeps eight; a slow reader on a busy machine shall lose none.
		while (i - taken.load() > 8 && !takt_node_should_quit(&node))
			std::this_thread::yield();
		sent.count = i;
		sent.angle = 0.25 * i;
		if (takt_publish(&publisher, &sent, nullptr) != TAKT_OK)
			return;
	}
}

bool read_all()
{
	pose got;
	takt_sample_info info;
	for (std::uint32_t i = 1; i <= sample_count; i++) {
		takt_status status = takt_read_next(&subscriber, &got, &info);
		for (; status == TAKT_EMPTY; status = takt_read_next(&subscriber, &got, &info))
			if (takt_wait_until(&waiter, takt_now_ns() + bound_ns) != TAKT_OK)
				return false;
		if (status != TAKT_OK || info.number != i || info.lost != 0 || got.count != i || got.angle != 0.25 * i ||
		    got.frame != std::string("outside"))
			return false;
		taken = i;
	}
	return true;
}

} // namespace

int main(int argc, char **argv)
{
	if (argc == 2 && std::string(argv[1]) == "--places") {
		print_places();
		return 0;
	}
	if (argc != 2 || takt_node_join(&node, argv[1], "loner") != TAKT_OK ||
	    takt_parameters_init(&parameters, &node, &takt_parameters_gains, sets) != TAKT_OK ||
	    takt_publisher_attach(&publisher, &node, "pose", &takt_type_pose) != TAKT_OK ||
	    takt_subscriber_attach(&subscriber, &node, "pose", &takt_type_pose, nullptr) != TAKT_OK ||
	    takt_waiter_init(&waiter, &node, 0) != TAKT_OK || takt_waiter_add(&waiter, &subscriber) != TAKT_OK)
		return 1;
	const auto *now = static_cast<const gains *>(takt_parameters_read(&parameters));
	std::thread other(publish_all);
	const bool is_right = read_all() && now->kp == 12.5 && now->trim == -3;
	if (!is_right)
		taken = sample_count;
	other.join();
	takt_subscriber_detach(&subscriber);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	if (is_right)
		std::printf("C++: %u samples, none lost\n", sample_count);
	return is_right ? 0 : 1;
}
