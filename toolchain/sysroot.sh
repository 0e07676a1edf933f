#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/sysroot/ARCH: Debian's libraries and headers of a board, unpacked and not installed, so nothing of this machine changes
# and no right of root is needed. usage: toolchain/sysroot.sh aarch64|armhf
# What is there and whole is kept; it is made again where its packages, or where they come from, have changed.
# build/sysroot/ARCH.apt/apt.conf is for `apt-get -c`: it downloads packages of that architecture.
set -eu
cd "$(dirname "$0")/.."
packages="libc6-dev linux-libc-dev libgcc-12-dev libstdc++-12-dev liburcu-dev libcyaml-dev libyaml-dev libcsv-dev libjansson-dev
	liblttng-ust-dev liblttng-ctl-dev libbabeltrace2-dev libiio-dev libuv1-dev libcmocka-dev"

fail() {
	echo "sysroot: $*" >&2
	exit 1
}

case ${1:-} in
aarch64) debian=arm64 ;;
armhf) debian=armhf ;;
*)
	echo "sysroot: unknown architecture '${1:-}'; usage: $0 aarch64|armhf" >&2
	exit 2
	;;
esac
arch=$1
for tool in apt-get dpkg-deb flock; do
	command -v "$tool" >/dev/null || fail "there is no $tool; a sysroot is made of Debian's packages on Debian 12"
done

# The line `deb ... CODENAME main` of this machine's own sources: URI and who signed it.
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN) $(SIGNED_BY)' 'Identifier: Packages' |
	awk -v codename="$codename" '
		$2 != codename || $3 != "main" { next }
		{ uri = $1; origin = $4; signer = $5; if (origin == "$(ORIGIN)") origin = ""; if (signer ~ /^\$/) signer = "" }
		origin == "Debian" || (origin == "" && uri ~ /debian/) { print uri, signer; exit }')
[ -n "$mirror" ] || fail "apt on this machine has no source of Debian's '$codename main'; expected one in /etc/apt/sources.list*"
uri=${mirror%% *}
signer=${mirror#* }
[ -n "$signer" ] || signer=/usr/share/keyrings/debian-archive-keyring.gpg
case $signer in
/*) [ -f "$signer" ] || signer="" ;;
esac
line="deb [arch=$debian${signer:+ signed-by=$signer}] $uri $codename main"

root=$PWD/build/sysroot
mkdir -p "$root"
wanted=$(printf '%s\n' "$line" $packages "$(sha256sum <toolchain/sysroot.sh)")
exec 9>"$root/$arch.lock"
flock 9
[ "$wanted" != "$(cat "$root/$arch/.takt-sysroot" 2>/dev/null)" ] || exit 0
began=$(date +%s)
echo "sysroot: making build/sysroot/$arch of $uri $codename main ($debian)" >&2

# An apt of its own: this machine's settings (a proxy, for instance), but no other source, no other package, no other folder.
apt=$root/$arch.apt
rm -rf "$root/$arch.new" "$apt/archives"
mkdir -p "$apt/lists/partial" "$apt/archives/partial"
echo "$line" >"$apt/sources.list"
: >"$apt/status"
cat >"$apt/apt.conf" <<END
#clear APT::Architectures;
APT::Architecture "$debian";
APT::Architectures { "$debian"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
#clear DPkg::Post-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
apt-get -q -c "$apt/apt.conf" -o APT::Update::Error-Mode=any update >"$apt/log" 2>&1 || {
	tail -5 "$apt/log" >&2
	fail "cannot read the list of $debian packages from $uri (no network?); the whole log: $apt/log"
}
# shellcheck disable=SC2086
apt-get -q -y -c "$apt/apt.conf" --download-only install $packages >"$apt/log" 2>&1 || {
	tail -5 "$apt/log" >&2
	fail "cannot fetch the $debian packages from $uri; the whole log: $apt/log"
}
for archive in "$apt"/archives/*.deb; do
	dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$root" -f - --one-top-level="$arch.new" --no-same-owner \
		--exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale || fail "cannot unpack $archive"
done
# A link to /x means x in the sysroot, not on this machine.
find "$root/$arch.new" -type l -lname '/*' | while read -r link; do
	ln -snfr "$root/$arch.new$(readlink "$link")" "$link"
done
echo "$wanted" >"$root/$arch.new/.takt-sysroot"
rm -rf "${root:?}/$arch"
mv "$root/$arch.new" "$root/$arch"
rm -f "$apt/archives"/*.deb
echo "sysroot: build/sysroot/$arch, $(du -sm "$root/$arch" | cut -f1) MB, in $(($(date +%s) - began)) s" >&2
