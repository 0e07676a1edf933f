# file: platform/linux/shm.c
# function: mmap64
# scenario: fresh domain
# A mapping that fails leaves its descriptor open.
/status = map(shm, &object, descriptor, access, bytes_min);/,/takt_port_close/s/takt_port_close(&descriptor);/;/
