# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/file.c
# case: umask
# The umask alone says who may write a saved file.
s/define NEW_FILE_MODE	0664/define NEW_FILE_MODE 0666/
