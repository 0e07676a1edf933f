# file: core/command_thread.c
# function: ppoll
# scenario: life
# The command thread ends when the system has no memory for one wait: the node is deaf, and says nothing.
s/if (status == TAKT_STOPPED)/if (status == TAKT_STOPPED || status == TAKT_SYSTEM)/
