# file: platform/linux/pipe.c
# function: linkat
# scenario: life
# A pipe that cannot get its name stays under the temporary one.
s/^	(void)unlinkat(object->folder, temporary, 0);$/	if (status == TAKT_OK)\n		(void)unlinkat(object->folder, temporary, 0);/
