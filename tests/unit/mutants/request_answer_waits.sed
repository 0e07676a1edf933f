# An answer waits where its socket was set to wait.
# file: platform/linux/request.c
# test: platform/request
# says: an_answer_never_waits
s/send(answer, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL)/send(answer, bytes, count, MSG_NOSIGNAL)/
