# file: apps/takt/trace_story.c
# test: analysis
# Not the longest stretch of a cycle is named, but the last.
s/if (span(last_ns, time_ns) > gap->span_ns) {/if (span(last_ns, time_ns)) {/
