# What a dead consumer has in work stays its own.
# file: core/queue_view.c
# scenario: take
/^static int is_dead(/,/^}/ s/return 1;/return 0;/
