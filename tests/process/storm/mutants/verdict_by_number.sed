# A process is known by its number: a zombie looks alive.
# file: platform/linux/presence.c
# arguments: --only owners
# says: a zombie is followed
1i #include <signal.h>
/^enum takt_status takt_os_token_draw/,/^}/ s/\*token = drawn & TAKT_OS_TOKEN_MAX;/static uint64_t count; *token = (count++ \& 0xff) << 32 | (uint64_t)getpid();/
/^enum takt_os_life takt_os_presence_ask/,/^}/ s/if (type != F_UNLCK)/if (offset == 0 ? type != F_UNLCK : kill((pid_t)(offset \& 0xffffffff), 0) == 0)/
