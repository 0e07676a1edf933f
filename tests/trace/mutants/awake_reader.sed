# file: apps/takt/trace_chain.c
# test: analysis
# A reader that was awake when the sample came is said to have been woken by it.
s/ || sample->publish_ns < loop->wait_began_ns / /
