# Whoever has waited a slice for a lock takes it: a stopped owner is taken for dead.
# file: core/protocol/lock.h
# arguments: --only owners
# says: a stopped owner keeps its right|an owner that runs keeps its right
s/if (now_ns >= deadline_ns)/if (now_ns >= deadline_ns \&\& takt_lock_swap(shared, \&seen, lock->token | TAKT_LOCK_CONTENDED))\n\t\t\treturn TAKT_LOCK_TAKEN_OVER;\n\t\tif (now_ns >= deadline_ns)/
