# Q3: the pointer, without what it names.
# file: core/protocol/parameter.h
# tag: Q3
# model: parameter
/^static inline .*takt_parameters_set_applied(/,/^}/ {
	/atomic_thread_fence/d
}
