# The presence file stays open in another program: an owner that executed one lives on as that.
# file: platform/linux/object.c
# arguments: --only owners
# says: an owner that became another program is followed
s/ | O_CLOEXEC//g
s/O_CLOEXEC | //g
