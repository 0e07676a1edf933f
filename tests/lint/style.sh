#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What can be counted: licence lines, function length, unfinished work, the project's top level, host-sized types in shared structs.
cd "$(dirname "$0")/../.." || exit 2
failed=0
complain() {
	printf '%s\n' "$2" | sed "s/^/style: $1: /" >&2
	failed=1
}
sources=$(find core platform apps tests -name '*.c' -o -name '*.h' | sort)
scripts=$(find toolchain tests .ci -name '*.sh' -o -name 'CMakeLists.txt' -o -name '*.cmake' | sort)

for file in $sources $scripts CMakeLists.txt; do
	head -3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || complain "no SPDX line" "$file"
done
# shellcheck disable=SC2086
found=$(awk '/^\{/{start=FNR} /^\}/{if(start&&FNR-start-1>60)print FILENAME":"start" "FNR-start-1" lines"; start=0}' $sources)
[ -n "$found" ] && complain "a function of more than 60 lines" "$found"
# shellcheck disable=SC2086
found=$(grep -nE '\b(TO''DO|FIX''ME|X''XX|HA''CK)\b|not imple''mented|for n''ow' $sources $scripts README.md core/README.md platform/README.md)
[ -n "$found" ] && complain "unfinished, by its own words" "$found"
found=$(find . -mindepth 1 -maxdepth 1 ! -name '.*' ! -name build -printf '%f\n' |
	grep -vxE 'core|platform|apps|configs|tests|toolchain|CMakeLists.txt|CMakePresets.json|README.md|LICENSE|CHANGELOG.md')
[ -n "$found" ] && complain "a top-level entry outside the project's shape" "$found"
found=$(awk '/^struct takt_.*_shm \{/,/^\};/' core/layout.h | grep -nE '\b(size_t|long|bool|pid_t|int|unsigned|char \*)\b[^;]*;' |
	grep -vE 'unsigned char [a-z_]+\[[^]]+\];')
[ -n "$found" ] && complain "a host-sized type in a shared struct" "$found"
found=$(awk '/^struct takt_.*_shm \{/,/^\};/' core/layout.h | grep -n '\*[a-z_]*;')
[ -n "$found" ] && complain "a pointer in a shared struct" "$found"
[ "$failed" = 0 ] && echo "style: $(echo "$sources" | wc -l) sources"
exit $failed
