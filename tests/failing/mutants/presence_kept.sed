# file: core/publisher.c
# function: fcntl_lock
# scenario: fresh domain
# A publisher that could not attach keeps its presence file open, and so its right to publish.
/^static enum takt_status attach(/,/^}/s/takt_node_presence_close(node, &publisher->presence);/;/
