#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The layers: apps -> core -> platform -> the OS, and nothing points back. Every include line names its layer, and OS headers, errno
# and __linux__ stand in platform alone. A third-party library is included by one file of core, or one app.
cd "$(dirname "$0")/../.." || exit 2
failed=0
complain() {
	printf '%s\n' "$2" | sed "s/^/layers: $1: /" >&2
	failed=1
}
# find rather than git: the check must hold in an unpacked tarball too.
sources() { find "$@" -name '*.c' -o -name '*.h' | sort; }

# The examples of classic mechanisms are written with bare system calls, and those with an event loop are programs as users have them.
own_sources() { sources core apps | grep -vE '^apps/examples/(ipc/|poll)'; }

os_headers='(unistd|pthread|semaphore|fcntl|sched|signal|mqueue|poll|errno|dirent|pwd|grp|syscall|sys/[a-z_]+|linux/[a-z_]+)\.h'
found=$(own_sources | xargs grep -nE "#[[:space:]]*include <$os_headers>")
[ -n "$found" ] && complain "an OS header outside platform/" "$found"
found=$(own_sources | xargs grep -nwE 'errno|__linux__')
[ -n "$found" ] && complain "errno or __linux__ outside platform/" "$found"
found=$(sources platform | xargs grep -nE '#[[:space:]]*include "(core|apps|tests)/')
[ -n "$found" ] && complain "platform includes what stands above it" "$found"
found=$(sources core | xargs grep -nE '#[[:space:]]*include "(apps|tests)/')
[ -n "$found" ] && complain "core includes what stands above it" "$found"
found=$(sources core platform apps | grep -v '^apps/examples/' | xargs grep -nE '#[[:space:]]*include "' |
	grep -vE 'include "(core|platform|apps)/')
[ -n "$found" ] && complain "an include line that does not name its layer" "$found"
for library in cyaml/cyaml urcu/urcu-qsbr csv jansson iio uv lttng/tracepoint lttng/lttng babeltrace2/babeltrace; do
	count=$(sources core apps | xargs grep -lE "#[[:space:]]*include <$library\.h>" | wc -l)
	[ "$count" -gt 1 ] && complain "more than one file includes <$library.h>" "$(sources core apps | xargs grep -lE "include <$library\.h>")"
done
[ "$failed" = 0 ] && echo "layers: $(sources core platform apps | wc -l) files, none points back"
exit $failed
