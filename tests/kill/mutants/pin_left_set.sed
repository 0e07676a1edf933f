# Who takes a dead subscriber's pin does not empty it: the slot stays borrowed by nobody. And a return that forgets likewise.
# file: core/protocol/ring.h
# compile: core/subscriber.c core/publisher.c
# scenario: return
s/atomic_store_explicit(&pin->slot_plus_one, 0, memory_order_release);/(void)pin;/
