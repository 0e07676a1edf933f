# The claims of a dead publisher stay its own.
# file: core/pool.c
# scenario: loan, two publishers
s/if (owner \&\& owner_is_dead(lock, owner))/if (0 \&\& owner_is_dead(lock, owner))/
