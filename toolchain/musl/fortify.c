/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What glibc's hardening (_FORTIFY_SOURCE) makes of plain calls, for musl, which has only the plain ones: Debian's static libcyaml was
 * compiled with it. The same checks, and the end of the process where one fails.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __fprintf_chk(FILE *file, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));
int __vfprintf_chk(FILE *file, int flag, const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));
int __sprintf_chk(char *text, int flag, size_t bytes, const char *format, ...) __attribute__((format(printf, 4, 5)));
void *__memcpy_chk(void *to, const void *from, size_t count, size_t bytes);

int __vfprintf_chk(FILE *file, int flag, const char *format, va_list arguments)
{
	(void)flag;
	return vfprintf(file, format, arguments);
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list arguments;
	int count;

	(void)flag;
	va_start(arguments, format);
	count = vfprintf(file, format, arguments);
	va_end(arguments);
	return count;
}

int __sprintf_chk(char *text, int flag, size_t bytes, const char *format, ...)
{
	va_list arguments;
	int count;

	(void)flag;
	va_start(arguments, format);
	count = vsnprintf(text, bytes, format, arguments);
	va_end(arguments);
	if (count >= 0 && (size_t)count >= bytes)
		abort();
	return count;
}

void *__memcpy_chk(void *to, const void *from, size_t count, size_t bytes)
{
	if (count > bytes)
		abort();
	return memcpy(to, from, count);
}
