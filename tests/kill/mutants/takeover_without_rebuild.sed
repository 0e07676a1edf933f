# The only publisher's successor takes the spares as they are: its predecessor's claims are never free, and what it kept to itself is lost.
# file: core/publisher.c
# scenario: publish, lapped ring
/^static enum takt_status take_over_alone(/,/^}/ s/takt_pool_rebuild(&publisher->ring, NULL);//
