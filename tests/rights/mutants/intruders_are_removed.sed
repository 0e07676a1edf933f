# SPDX-License-Identifier: Apache-2.0
# file: core/node.c
# case: objects_taken
# What bears a segment's name is removed, whatever it is.
/^	status = refuse_intruder/s/refuse_intruder(node, object.text)/TAKT_OK/
