# Takt's client does not begin with a newline: the piece that a killed writer left swallows its command.
# file: core/commander.c
# arguments: --lines 8000 --patience 4
# says: a command is answered when the flood is over|every command of takt's client
s/"\\n@%s %s\\n"/"@%s %s\\n"/
