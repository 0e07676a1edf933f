# One publisher more than the topic has is accepted.
# file: core/config_check.c
# target: config
s/if (check->publisher_counts\[topic_index\] == check/if (check->publisher_counts[topic_index] - 1 == check/
