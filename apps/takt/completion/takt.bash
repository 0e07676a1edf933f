# SPDX-License-Identifier: Apache-2.0
# bash completion for takt, with or without the package bash-completion. What may stand where is known to `takt complete`.

# The command line up to the cursor, without "takt", into the array `words`. bash has cut it at the characters of COMP_WORDBREAKS too
# (--format=json, k_tilt=1); here only blanks part two words.
_takt_words() {
	local rest=${COMP_LINE:0:COMP_POINT} part
	local -i i
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		part=${COMP_WORDS[i]}
		# The cursor may stand inside of the last one.
		((i < COMP_CWORD)) || part=${rest#"${rest%%[![:blank:]]*}"}
		if ((i == 0)) || [[ $rest == [[:blank:]]* ]]; then
			words+=("$part")
		else
			words[-1]+=$part
		fi
		rest=${rest#"${rest%%[![:blank:]]*}"}
		rest=${rest#"$part"}
	done
	words=("${words[@]:1}")
}

# What the shell completes itself. $1: "files", "files PATTERN" or "folders"; $2: the word so far
_takt_files() {
	compopt -o filenames 2>/dev/null
	local IFS=$'\n'
	case $1 in
	folders) COMPREPLY=($(compgen -d -- "$2")) ;;
	"files "*)
		COMPREPLY=($(compgen -d -- "$2") $(compgen -f -X "!${1#files }" -- "$2"))
		;;
	*) COMPREPLY=($(compgen -f -- "$2")) ;;
	esac
}

_takt() {
	local words last line candidate broken
	COMPREPLY=()
	_takt_words
	last=${words[-1]}
	# Of a word that bash has cut only what stands behind the last cut is replaced.
	broken=""
	[[ $COMP_WORDBREAKS == *=* && $last == *=* ]] && broken=${last%"${last##*=}"}
	[[ $COMP_WORDBREAKS == *:* && ${last#"$broken"} == *:* ]] && broken=${last%"${last##*:}"}
	# Without quotes and backslashes, as takt would get the words.
	while IFS= read -r line; do
		if [[ $line == :* ]]; then
			_takt_files "${line#:}" "${last#"$broken"}"
			return
		fi
		candidate=${line%%$'\t'*}
		[[ $candidate == *[=,:] ]] && compopt -o nospace 2>/dev/null
		COMPREPLY+=("${candidate#"$broken"}")
	done < <("${COMP_WORDS[0]/#\~/$HOME}" complete "${words[@]//[\"\'\\]/}" 2>/dev/null)
}

complete -F _takt takt
