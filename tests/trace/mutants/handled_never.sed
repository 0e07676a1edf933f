# file: apps/takt/trace_chain.c
# test: analysis
# A read that led to a publish is not handled by it, but at the end of its cycle.
s/if (read \&\& !read->is_handled) {/if (0) {/
