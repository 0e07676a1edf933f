# A reply name may have any characters.
# file: core/line.c
# target: line
s/if (!is_one_of(name\[i\], "_.-"))/if (name[i] == 1)/
