# A program's name may look like the rest of its line.
# file: platform/linux/ipc_parse.c
# target: ipc
s/strrchr(line, ')')/strchr(line, ')')/
