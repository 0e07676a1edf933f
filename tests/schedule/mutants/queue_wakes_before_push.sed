# A consumer is woken before the item is there.
# file: core/push.c
# scenario: queue, wait
# bound: 1
s/^\tstatus = make_room(queue, push, &position);/\ttakt_queue_wake(queue, push->band, TAKT_QUEUE_CONSUMER, 0);\n&/
s/^\ttakt_queue_wake(queue, push->band, TAKT_QUEUE_CONSUMER, position);//
