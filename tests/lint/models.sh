#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every row of the tag table in core/README.md ends with the model's mutants that weaken this order, or with "none: why": each one that is
# named exists, weakens that tag, and names a model that exists; and every mutant is named in its tag's row.
cd "$(dirname "$0")/../.." || exit 2
failed=0
complain() {
	echo "models: $1" >&2
	failed=1
}
rows=$(mktemp) || exit 2
trap 'rm -f "$rows"' EXIT
grep -E '^\| [A-Z]{1,2}[0-9]+ \|' core/README.md | awk -F' *[|] *' '{print $2 "|" $8}' >"$rows"

while IFS='|' read -r tag cell; do
	mutants=$(printf '%s\n' "$cell" | grep -oE '(spin )?`[a-z0-9_]+`' | tr -d '`' | tr ' ' ':')
	case $cell in
	'none: '?*) ;;
	*) [ -n "$mutants" ] || complain "$tag names neither a model nor why none can show it" ;;
	esac
	for mutant in $mutants; do
		case $mutant in
		spin:*)
			grep -qE "^must 1 ${mutant#spin:} " tests/model/spin.sh || complain "$tag names ${mutant#spin:}, which spin.sh does not run"
			continue
			;;
		esac
		file=tests/model/mutants/$mutant.sed
		[ -f "$file" ] || { complain "$tag names $mutant, and there is no $file"; continue; }
		grep -qx "# tag: $tag" "$file" || complain "$mutant does not weaken $tag"
		model=$(sed -n 's/^# model: //p' "$file")
		[ -f "tests/model/$model.c" ] || complain "$mutant names the model '$model', and there is none"
		grep -q '^# harmless: ' "$file" || case $cell in *"$model \`$mutant\`"*) ;; *) complain "$tag: $mutant fails $model" ;; esac
	done
done <"$rows"
for file in tests/model/mutants/*.sed; do
	name=$(basename "$file" .sed)
	grep -q "^$(sed -n 's/^# tag: //p' "$file")|.*\`$name\`" "$rows" || complain "$name stands in no row of core/README.md"
done
[ "$failed" = 0 ] && echo "models: $(wc -l <"$rows") tags, $(find tests/model/mutants -name '*.sed' | wc -l) mutants"
exit $failed
