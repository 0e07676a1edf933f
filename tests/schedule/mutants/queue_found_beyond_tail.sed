# An item that came while the entries were looked at is taken, though an older one came to an entry that had been looked at.
# file: core/protocol/queue.h
# scenario: queue, two producers
# bound: 2
s/if (found < oldest && found < tail)/if (found < oldest)/
