# A link or a folder counts as an object.
# file: platform/linux/ipc_posix.c
# says: something came or went|exit code 0, expected 1|lacks
s/ || !S_ISREG(found.st_mode))/)/
