#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The sources are as .clang-format has them. `tests/lint/format.sh --mend` makes them so.
cd "$(dirname "$0")/../.." || exit 2
command -v clang-format >/dev/null || { echo "format: clang-format is missing: toolchain/setup.sh test installs it" >&2; exit 1; }
files=$(find core platform apps tests -name '*.c' -o -name '*.h' | sort)
if [ "$1" = --mend ]; then
	# shellcheck disable=SC2086
	exec clang-format -i $files
fi
# shellcheck disable=SC2086
clang-format --dry-run --Werror $files || { echo "format: run tests/lint/format.sh --mend" >&2; exit 1; }
echo "format: $(echo "$files" | wc -l) files"
