# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: exchanged_names
# The mode of whatever has the name by now is changed.
s/chmod(held, needed) != 0/fchmodat(object->folder, temporary, needed, 0) != 0/
