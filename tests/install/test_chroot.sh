#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The packages in a fresh, minimal Debian: installed with what they depend on, the demo runs from them as an ordinary user and from the
# unit's command line as user takt, an outside project builds, and removing leaves nothing behind.
# usage: test_chroot.sh FOLDER_WITH_PACKAGES
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
skip() {
	echo "skipped: $*"
	exit 77
}
[ "$(id -u)" = 0 ] || skip "a chroot needs root"
for tool in mmdebstrap unshare dpkg-deb; do
	command -v $tool >/dev/null || skip "there is no $tool: toolchain/setup.sh package installs it"
done
arch=$(dpkg --print-architecture)
for name in libtakt0 libtakt-dev takt; do
	[ -n "$(find "$1" -maxdepth 1 -name "${name}_*_$arch.deb" 2>/dev/null)" ] ||
		skip "there is no package $name of $arch in $1: make it with toolchain/package.sh"
done
packages=$(cd "$1" && pwd)
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# shellcheck disable=SC2016
source=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(SIGNED_BY)' 'Identifier: Packages' |
	awk -v codename="$codename" '$2 == codename && $3 == "main" && $1 ~ /debian/ && $1 !~ /security/ {
		print "deb " ($4 ~ /^\// ? "[signed-by=" $4 "] " : "") $1 " " $2 " main"; exit }')
[ -n "$source" ] || skip "apt on this machine has no source of Debian's '$codename main'"
work=$(mktemp -d /var/tmp/takt-chroot-XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
. "$(dirname "$0")/../expect.sh"
tree=$work/tree
began=$SECONDS
# Without waiting for the disk: what is made here is thrown away.
mmdebstrap --mode=root --variant=apt --skip=cleanup/apt/lists --dpkgopt=force-unsafe-io --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
	--dpkgopt='path-exclude=/usr/share/locale/*' --include=adduser "$codename" "$tree" "$source" >"$work/log" 2>&1 || {
	tail -3 "$work/log"
	skip "no chroot of Debian's $codename could be made (no network?)"
}
echo "the chroot took $((SECONDS - began)) s"
# The way to the mirror is this machine's.
apt-config dump | grep -E '^Acquire::(http|https|ftp)::Proxy ' >"$tree/etc/apt/apt.conf.d/99way"
echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/unsafe-io"
mkdir "$tree/packages"
cp "$packages"/*_"$arch".deb "$tree/packages"
# A namespace of its own: whatever is left running in it ends with it, and no mount stays. Shared memory is its own too.
inside() {
	unshare --mount --pid --fork --kill-child sh -c '
		tree=$1
		shift
		mount -t proc proc "$tree/proc" && mount --rbind /dev "$tree/dev" && mount -t tmpfs tmpfs "$tree/dev/shm" || exit 1
		cd / && exec chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} "$@"' \
		sh "$tree" "$@"
}
as() { # USER COMMAND: a shell's
	local user=$1
	shift
	inside su -s /bin/sh "$user" -c "cd; $*"
}
# Every file, but what apt, dpkg and adduser write about themselves.
list_files() {
	(cd "$tree" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./sys -o -path ./packages -o -path ./tmp -o -path ./var/cache \
		-o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./var/log \) -prune -o -printf '%p %y\n' |
		grep -vE '^\./etc/(passwd|group|shadow|gshadow|subuid|subgid)- |^\./etc/(ld\.so\.cache|\.pwd\.lock)' | LC_ALL=C sort)
}

inside adduser --quiet --disabled-password --gecos "" engineer >"$work/log" 2>&1 || exit 1
list_files >"$work/before"
cp "$tree/etc/passwd" "$work/passwd"
dpkg --root="$tree" --get-selections | sort >"$work/packages-before"

# --------------------------------------------------------------------------------------------------- the demo
expect "takt and libtakt0 install with what they need" inside apt-get -q -y install \
	"/packages/$(cd "$packages" && echo libtakt0_*_"$arch".deb)" "/packages/$(cd "$packages" && echo takt_*_"$arch".deb)"
expect "takt says its version" as engineer 'takt --version | grep "^takt [0-9]"'
expect "takt check knows the demo's programs" as engineer takt check /usr/share/takt/configs/demo.yaml
expect "the demo of the README runs for a second" as engineer \
	'takt run /usr/share/takt/configs/demo.yaml --for 1s --report - --report-format json >report'
expect "it exchanged samples, and lost none" as engineer \
	'tr -d " \n" <report | grep -qE "\"topic\":\"imu\",\"samples\":[0-9]{3,}" && ! grep -E "\"lost\": *[1-9]" report'
expect "it says what it does" as engineer 'takt run /usr/share/takt/configs/demo.yaml --for 200ms 2>&1 | grep "all nodes run"'
expect "the demo with all its events runs, without pictures" as engineer \
	'/usr/share/takt/demo/demo-run.sh /usr/bin pictures 1 2>&1 | tee log && grep -q "controller.*ready again" log && grep "apt-get install gnuplot-nox" log'
expect "the README's hello runs" as engineer 'takt run /usr/share/takt/configs/hello.yaml --for 1s 2>&1 | grep "hello from takt 1 "'
cp "$tree/usr/share/takt/configs/demo.yaml" "$tree/etc/takt/robot.yaml"
start=$(sed -n 's/^ExecStart=//p' "$tree"/usr/lib/systemd/system/takt@.service | sed 's/%i/robot/')
expect "user takt runs what the unit would: $start" as takt "cd / && $start --for 500ms"
expect "user takt is a system user" inside sh -c '[ "$(id -u takt)" -lt 1000 ] && [ "$(id -gn takt)" = takt ]'
rm "$tree/etc/takt/robot.yaml"
expect "every file of the packages is as it was packed" inside dpkg --verify takt libtakt0

# -------------------------------------------------------------------------------------- what developers install
# Simulated: their compilers alone are larger than this tree. install.outside builds with the same files.
expect "libtakt-dev has what it needs in Debian" inside apt-get -q -y --simulate install \
	"/packages/$(cd "$packages" && echo libtakt-dev_*_"$arch".deb)"
developer=$work/developer
for name in libtakt0 libtakt-dev; do dpkg-deb --extract "$packages"/${name}_*_"$arch".deb "$developer"; done
triplet=$(dpkg-architecture -q DEB_HOST_MULTIARCH)
# shellcheck disable=SC2046
expect "an outside program builds against libtakt-dev" "${CC:-cc}" -std=c11 "$root/tests/install/outside/outside.c" -o "$tree/tmp/outside" \
	$(PKG_CONFIG_PATH=$developer/usr/lib/$triplet/pkgconfig pkg-config --cflags --libs takt)
cp "$root/tests/install/outside/outside.yaml" "$tree/tmp"
expect "and runs with libtakt0" as engineer /tmp/outside /tmp/outside.yaml

# ------------------------------------------------------------------------------------------------------ away
expect "they purge" inside apt-get -q -y purge takt libtakt0
expect "and what came with them" inside apt-get -q -y autoremove --purge
rm -rf "$tree/tmp"/outside* "$tree/home/engineer/report" "$tree/home/engineer/log" "$tree/home/engineer/pictures"
list_files >"$work/after"
expect "no file is left, and none is missing" diff "$work/before" "$work/after"
expect "no user is left" diff "$work/passwd" "$tree/etc/passwd"
dpkg --root="$tree" --get-selections | sort >"$work/packages-after"
expect "the packages are those of before" diff "$work/packages-before" "$work/packages-after"
conclude ", in $((SECONDS - began)) s"
