# An answer goes to any stream socket that a sender passes, also to one that another user made.
# file: platform/linux/request.c
# test: platform/request
# says: an_answer_goes_to_nobody_but_its_sender
s/maker.uid == sender->user \&\& maker.gid == sender->group;/1;/
