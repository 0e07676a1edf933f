# Another object that has the name by now is taken for the one that was chosen.
# file: apps/takt/ipc_select.c
# says: something came or went
/left->facts.device == right->facts.device/d
s/left->facts.inode == right->facts.inode/1/
s/left->facts.device == right->facts.device && //
