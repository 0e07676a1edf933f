# An unknown command gets no answer.
# file: core/command.c
# target: command
s/refuse(node, reply, "unknown command; try: help");/(void)0;/
