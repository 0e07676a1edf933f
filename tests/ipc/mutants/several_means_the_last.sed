# Where several objects may be meant, one is taken.
# file: apps/takt/ipc_select.c
# says: remove /a --yes: exit code 0
s/return found_count == 1 ? EXIT_OK : say_several(list, &query);/return EXIT_OK;/
