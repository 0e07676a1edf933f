#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Memory orders: every tag in the code stands in the table of core/README.md and the other way round, and every access that is not
# relaxed, and every fence, has a tag in the comment above it.
cd "$(dirname "$0")/../.." || exit 2
failed=0
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
files=$(find core platform -name '*.c' -o -name '*.h')

# shellcheck disable=SC2086
grep -hoE '/\* [A-Z]{1,2}[0-9]+[,: ]' $files | grep -oE '[A-Z]{1,2}[0-9]+' | sort -u >"$work/code"
grep -oE '^\| [A-Z]{1,2}[0-9]+ \|' core/README.md | grep -oE '[A-Z]{1,2}[0-9]+' | sort >"$work/table"
uniq -d "$work/table" | sed 's/^/tags: twice in the table: /' >&2
[ -n "$(uniq -d "$work/table")" ] && failed=1
sort -u "$work/table" -o "$work/table"
for tag in $(comm -23 "$work/code" "$work/table"); do
	echo "tags: $tag stands in the code and not in the table of core/README.md" >&2
	failed=1
done
for tag in $(comm -13 "$work/code" "$work/table"); do
	echo "tags: $tag stands in the table of core/README.md and not in the code" >&2
	failed=1
done

# The tag must stand at most 12 lines above the access: the length of the longest such comment.
# shellcheck disable=SC2086
awk '
	FNR == 1 { tagged = -100 }
	/\/\* ([A-Z][A-Z]?[0-9]+)[,: ]/ { tagged = FNR }
	/^[[:space:]]*(\/\*|\*)/ { next }
	/memory_order_(acquire|release|acq_rel|seq_cst)/ {
		if (FNR - tagged > 12) {
			printf "tags: %s:%d: an order without a tag above it: %s\n", FILENAME, FNR, $0
			bad = 1
		}
	}
	/memory_order_consume|atomic_(load|store|exchange|fetch_[a-z]+|compare_exchange_[a-z]+)\(/ {
		printf "tags: %s:%d: an atomic access without a named order: %s\n", FILENAME, FNR, $0
		bad = 1
	}
	END { exit bad }
' $files >&2 || failed=1
[ "$failed" = 0 ] && echo "tags: $(wc -l <"$work/code") tags, table and code agree"
exit $failed
