# A fork's child keeps the descriptors of its parent's topics: the dead parent's lock looks held as long as the child lives.
# file: core/node.c
# arguments: --only owners
# says: a dead owner is followed though its child lives
/^static void lose_memberships/,/^}/ s/^\(\t*\)takt_os_presence_close(&presence);/\1(void)presence;/
