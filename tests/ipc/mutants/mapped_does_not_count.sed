# A mapping without a descriptor is no use.
# file: platform/linux/ipc_users.c
# says: is_state posix-shm|posix-shm:/frames
s/match_file(walk, map.device, map.inode);/(void)0;/
