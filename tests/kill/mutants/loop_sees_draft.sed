# A change of parameters is written into the set that the loop's cycle uses.
# file: core/parameter.c
# scenario: parameter swap in the loop
/^static unsigned char \*recycle(/,/^}/ s/return parameters->sets\[parameters->current == parameters->sets\[0\]\];/return (unsigned char *)parameters->current;/
