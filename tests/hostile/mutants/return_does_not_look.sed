# A borrow is given back without a look at whether it was kept.
# file: core/read.c
# part: --operations 1e6
s/return is_kept ? TAKT_OK : unpinned(subscriber);/return is_kept || 1 ? TAKT_OK : unpinned(subscriber);/
