# file: platform/linux/shm.c
# function: posix_fallocate64
# scenario: fresh domain
# What posix_fallocate says is dropped.
s/error = posix_fallocate(unborn->descriptor, 0, (off_t)bytes);/(void)posix_fallocate(unborn->descriptor, 0, (off_t)bytes), error = 0;/
