# SPDX-License-Identifier: Apache-2.0
# file: apps/takt/bridge_codec.c
# test: trouble
# case: foreign_bytes
# A binary record of another type is one of ours.
/static enum takt_status read_binary/,/^}/s/frame.type_hash != type->hash/0/
