# What one read of the pipe left unfinished is forgotten at the next: the rest of a line is taken for a line.
# file: core/command_thread.c
# arguments: --lines 20000 --patience 4
# says: what is accepted is exactly what was right|no line is torn|a command is answered|every command of takt's client
s/status = takt_line_collect(&source->buffer, chunk + at, count - at, &used, &text);/if (at == 0) source->buffer.count = 0; status = takt_line_collect(\&source->buffer, chunk + at, count - at, \&used, \&text);/
