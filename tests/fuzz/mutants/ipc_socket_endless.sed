# A socket's name may be longer than there is room for it.
# file: platform/linux/ipc_parse.c
# target: ipc
s/snprintf(object->name, sizeof(object->name), "%\.\*s"/sprintf(object->name, "%.*s"/
