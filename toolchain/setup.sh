#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what takt needs on Debian 12, and nothing that is there already.
# usage: toolchain/setup.sh build|demo|test
set -eu
case ${1:-} in
build) extra="" ;;
demo) extra="gnuplot-nox" ;;
test) extra="g++ libcmocka-dev clang clang-format gnuplot-nox procps util-linux" ;;
*)
	echo "usage: $0 build|demo|test" >&2
	exit 2
	;;
esac
packages="gcc libc6-dev cmake ninja-build pkg-config liburcu-dev libcyaml-dev libyaml-dev libcsv-dev libjansson-dev $extra"

missing=""
for package in $packages; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "installing:$missing" >&2
as_root=""
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	command -v sudo >/dev/null || {
		echo "setup: not root, and there is no sudo; run as root: apt-get install$missing" >&2
		exit 1
	}
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -q -o DPkg::Lock::Timeout=500 update >&2
# shellcheck disable=SC2086
$as_root apt-get -q -y -o DPkg::Lock::Timeout=500 install --no-install-recommends $missing >&2
