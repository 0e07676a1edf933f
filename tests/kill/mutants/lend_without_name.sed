# A lent spare goes on naming the slot that it was claimed with: given back, it hands out a slot that a cell names too.
# file: core/publish.c
# scenario: abandon
/^static enum takt_status lend(/,/^}/ s/name_spare(publisher, lent, publisher->slot_index);//
