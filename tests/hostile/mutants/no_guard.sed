# Nothing is put in the place of what was cut off.
# file: platform/linux/guard.c
# part: --operations 0 --cuts 20
s/struct place \*place = info->si_code == BUS_ADRERR ? find(address) : NULL;/struct place *place = NULL;/
