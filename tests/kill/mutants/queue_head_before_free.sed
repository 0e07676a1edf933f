# An item that a push drops is passed by head before it is gone: a death between them hides it for ever, and its slot with it.
# file: core/push.c
# scenario: push, drop the oldest
/drop_oldest(struct takt_queue/,/^}/ s/^\t\ttakt_band_free(band, position);/\t\ttakt_band_pass(band, position);\n&/
