# The bytes of a struct are copied, whatever the record has.
# file: apps/takt/bridge_codec.c
# target: bridge
/static enum takt_status read_binary/,/^}/s/frame.payload_bytes != type->bytes || bytes != sizeof(frame) + type->bytes/frame.payload_bytes != type->bytes/
