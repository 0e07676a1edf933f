#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# takt beside ZeroMQ, nng, LCM, Cyclone DDS, Fast DDS and POSIX message queues, in one run: installs them, builds, measures.
# usage: toolchain/bench-peers.sh [takt_bench_peers' PEERs and options]
#
# It runs in a network of its own that has a loopback interface and nothing else, so whatever the libraries announce stays here. LCM's
# manual (UDP Multicast Setup) has the two commands that let multicast through a loopback interface.
set -eu
cd "$(dirname "$0")/.."
toolchain/setup.sh peers
cmake --preset peers >/dev/null
cmake --build --preset peers -j "$(nproc)" --target takt_bench_peers -- --quiet
as_root=""
[ "$(id -u)" = 0 ] || as_root=--map-root-user
# shellcheck disable=SC2086
if unshare --net $as_root true 2>/dev/null; then
	# shellcheck disable=SC2016
	exec unshare --net $as_root sh -c '
		PATH=$PATH:/usr/sbin:/sbin
		ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo || exit 1
		exec "$@"' sh build/peers/bin/takt_bench_peers "$@"
fi
echo "bench-peers: this system permits no network of one's own; the libraries are set to the loopback interface all the same" >&2
exec build/peers/bin/takt_bench_peers "$@"
