#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every public header compiles alone, as C11 and as C++17, with the headers an installed takt has and nothing else.
# usage: headers.sh INCLUDE_FOLDER
folder=${1:?"usage: headers.sh INCLUDE_FOLDER"}
failed=0
count=0
for header in "$folder"/takt/*.h; do
	name=takt/$(basename "$header")
	printf '#include <%s>\nint header_compiles;\n' "$name" | "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$folder" -fsyntax-only -x c - || failed=1
	printf '#include <%s>\nint header_compiles;\n' "$name" | "${CXX:-c++}" -std=c++17 -Wall -Wextra -Wpedantic -Werror -I"$folder" -fsyntax-only -x c++ - || failed=1
	count=$((count + 1))
done
[ "$count" -gt 0 ] || { echo "headers: none in $folder/takt" >&2; exit 1; }
[ "$failed" = 0 ] && echo "headers: $count compile alone as C11 and C++17"
exit $failed
