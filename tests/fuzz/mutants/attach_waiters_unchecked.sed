# A roster may have fewer waiters than its nodes have.
# file: core/domain.c
# target: attach
s/if (domain->waiter_count != takt_config_waiter_first(config, config->nodes_count))/if (0)/
