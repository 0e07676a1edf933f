# The borrows of a dead subscriber are never free again.
# file: core/subscriber.c
# scenario: borrow
s/if (owner == node->token || (owner && takt_domain_ask(&node->domain, owner) != TAKT_OS_DEAD))/if (owner)/
