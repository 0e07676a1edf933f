# file: platform/linux/process.c
# function: execvpe
# scenario: programs
# The process whose exec failed is never waited for.
s/while (id > 0 \&\& waitpid(id, NULL, 0) < 0 \&\& errno == EINTR)/while (0)/
