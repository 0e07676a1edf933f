# --user is not looked at.
# file: apps/takt/ipc_remove.c
# says: objects that came or went
s/(wish->user_name && object->facts.rights.owner != wish->user)/0/
