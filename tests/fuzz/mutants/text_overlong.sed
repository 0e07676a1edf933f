# UTF-8 in more bytes than it needs is printable.
# file: core/text.c
# target: text
s/if (character < smallest\[bytes\] || /if (/
