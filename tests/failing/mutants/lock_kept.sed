# file: core/domain.c
# function: mmap64
# scenario: fresh domain
# A process that could not open the domain goes on sharing the lock that keeps clean-ups out.
/^static enum takt_status open_once/,/^}/s/takt_domain_close(domain);/takt_os_shm_close(\&domain->roster);/
