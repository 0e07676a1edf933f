# A reply name may be a link.
# file: platform/linux/object.c
# arguments: --lines 40000
# says: no answer goes through a link
s/AT_SYMLINK_NOFOLLOW/0/g
s/ | O_NOFOLLOW//g
s/O_NOFOLLOW | //g
