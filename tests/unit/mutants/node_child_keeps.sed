# A fork's child keeps the descriptors open.
# file: core/node.c
# test: core/descriptor
# says: a_forks_child
s/takt_os_event_close(&descriptor);/(void)descriptor;/
