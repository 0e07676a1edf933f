# A reader of a topic that was cut off takes it for an empty one.
# file: core/read.c
# part: --operations 0 --cuts 20
s/^static __attribute__((noinline, cold)) enum takt_status refuse(struct takt_subscriber \*subscriber, const char \*what)$/static enum takt_status refuse_it(struct takt_subscriber *subscriber, const char *what);\nstatic enum takt_status refuse(struct takt_subscriber *subscriber, const char *what) { return takt_os_shm_is_cut(\&subscriber->segment) ? TAKT_EMPTY : refuse_it(subscriber, what); }\nstatic enum takt_status refuse_it(struct takt_subscriber *subscriber, const char *what)/
