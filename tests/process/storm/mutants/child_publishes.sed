# A fork's child does not know that its membership is its parent's.
# file: core/node.c
# arguments: --only owners
# says: a child of a fork cannot publish
/^static void lose_memberships/,/^}/ s/atomic_store_explicit(&node->lost, 1, memory_order_relaxed);//
