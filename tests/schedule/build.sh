#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the explorer with a compiler of one's choice: for mutants, and for ARM. usage: build.sh SOURCE_FOLDER PROGRAM [CFLAG...]
# OBJECTS, if it is set, is a folder of objects: those that are there are not made again.
# The shipped sources and the scenarios are instrumented, the machine that runs them is not, and nobody's race runtime is linked.
set -eu
source=${1:?"usage: build.sh SOURCE_FOLDER PROGRAM [CFLAG...]"}
program=${2:?}
shift 2
objects=${OBJECTS:-}
if [ -z "$objects" ]; then
	objects=$(mktemp -d)
	trap 'rm -rf "$objects"' EXIT
fi

compile() {
	unit=$1
	object=$objects/$(echo "$unit" | tr / _).o
	[ ! -e "$object" ] || return 0
	shift
	"${CC:-cc}" -std=c11 -O2 -g -w -D_GNU_SOURCE -ffunction-sections -fdata-sections -fno-stack-protector -I"$source" "$@" \
		-c "$source/$unit" -o "$object"
}
for unit in core/publish.c core/read.c core/lock.c core/pool.c core/waiter.c core/domain.c core/topic_segment.c core/segment.c \
	core/config.c core/histogram.c core/type.c core/description.c core/node_presence.c core/queue_segment.c core/queue_view.c core/push.c \
	core/take.c core/producer.c core/consumer.c platform/linux/sem_futex.c platform/status.c tests/schedule/steps_publisher.c \
	tests/schedule/steps_subscriber.c tests/schedule/steps_node.c tests/schedule/stage.c tests/schedule/stage_check.c tests/schedule/stage_queue.c \
	tests/schedule/scenarios.c; do
	compile "$unit" -fsanitize=thread "$@"
done
for unit in switch machine instrument sim table explore names schedule; do
	compile tests/schedule/$unit.c "$@"
done
"${CC:-cc}" -o "$program" "$objects"/*.o -Wl,--gc-sections -Wl,--wrap=syscall "$@"
