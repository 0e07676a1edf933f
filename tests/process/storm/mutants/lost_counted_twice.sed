# What a reader missed is counted from one sample too early.
# file: core/read.c
# arguments: --only storm --seconds 5
# says: a reader's account is exact|the account
/^static void count_lost/,/^}/ s/subscriber->lost += resume - subscriber->next;/subscriber->lost += resume - subscriber->next + 1;/
