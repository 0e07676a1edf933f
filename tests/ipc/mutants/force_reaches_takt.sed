# --force reaches a domain that lives, as far as takt clean lets it.
# file: apps/takt/ipc_remove.c
# says: takt:alive
s/ && !object->source->is_takts);/);/
