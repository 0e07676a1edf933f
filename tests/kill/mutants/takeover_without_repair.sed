# Whoever takes a dead owner's lock goes on as if it had been given.
# file: core/publisher.c
# scenario: publish, two publishers
/^enum takt_status takt_publisher_lock(/,/^}/ s/if (status == TAKT_OK && taken_over)/if (status == TAKT_OK \&\& taken_over > 1)/
