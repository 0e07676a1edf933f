# Whoever gives a contended lock back wakes nobody.
# file: core/protocol/lock.h
# scenario: lock
# bound: 1
s/if (contended)/if (0)/
