# The publisher does not look at pins: a borrowed slot is filled again while it is read.
# file: core/protocol/ring.h
# arguments: --only storm --seconds 5
# says: (no sample is torn)
s/if (pinned\[i\] == slot_index + 1)/if (0 \&\& pinned[i] == slot_index + 1)/
