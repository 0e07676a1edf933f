# Arming does not take the positions: what was read calls again.
# file: core/descriptor.c
# test: core/descriptor
# says: what_is_left_unread|what_was_read
/^static void take_positions/,/^}/ s/news->looks\[i\].next = .*/;/
