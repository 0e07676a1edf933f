# A process is known by its number, and zombies are told from the living: a number that is used again is not.
# file: platform/linux/presence.c
# arguments: --only owners
# says: a dead owner is followed though its number lives|an owner that became another program is followed
1i #include <stdio.h>
/^enum takt_status takt_os_token_draw/,/^}/ s/\*token = drawn & TAKT_OS_TOKEN_MAX;/static uint64_t count; *token = (count++ \& 0xff) << 32 | (uint64_t)getpid();/
/^enum takt_os_life takt_os_presence_ask/i \
static int lives(unsigned long pid)\
{\
	char path[64], state = 'X';\
	snprintf(path, sizeof(path), "/proc/%lu/stat", pid);\
	FILE *file = fopen(path, "r");\
	if (file == NULL)\
		return 0;\
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)\
		state = 'X';\
	fclose(file);\
	return state != 'Z' && state != 'X';\
}
/^enum takt_os_life takt_os_presence_ask/,/^}/ s/if (type != F_UNLCK)/if (offset == 0 ? type != F_UNLCK : lives(offset \& 0xffffffff))/
