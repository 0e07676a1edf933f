# Whether a lock's owner lives is looked up in the roster, which members may write, and not asked of the kernel.
# file: core/lock.c
# part: --operations 1e6
s|#include "core/protocol/lock.h"|#include "core/layout.h"\n#include "core/protocol/lock.h"\n#include "core/topic.h"|
s|return takt_os_presence_ask(lock->presence, token) == TAKT_OS_DEAD ? TAKT_LOCK_OWNER_DEAD|const struct takt_publisher *publisher = (const void *)((const char *)lock->presence - offsetof(struct takt_publisher, presence)); if (publisher->node == NULL) return TAKT_LOCK_OWNER_ALIVE; for (uint32_t i = 0; i < publisher->node->domain.node_count; i++) if (takt_domain_node(\&publisher->node->domain, i)->token == token) return TAKT_LOCK_OWNER_ALIVE; return 1 ? TAKT_LOCK_OWNER_DEAD|
