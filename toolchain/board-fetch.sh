# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# How packages of a board's architecture are fetched. Sourced.
#   fetch_twice APT LOG COMMAND...   what COMMAND fetches; the lists may be older than the archive: once more with new ones
fetch_twice() {
	fetch_apt=$1 fetch_log=$2
	shift 2
	"$@" && return
	apt-get -q -c "$fetch_apt" -o APT::Update::Error-Mode=any update >"$fetch_log" 2>&1 && "$@" && return
	tail -5 "$fetch_log" >&2
	return 1
}
