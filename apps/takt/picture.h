/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures by gnuplot, SVG and PNG of each: a script that has its data in it, and the program that draws it, where it is installed.
 *
 *	if (picture_begin(&picture, "bench", folder, "poll", "poll: one way", machine)) {
 *		... data and settings into picture.file ...
 *		picture_size(&picture, 860, 520);
 *		... plot commands into picture.file ...
 *		picture_end(&picture);
 *		picture_draw(&picture);
 *	}
 */
#ifndef APPS_TAKT_PICTURE_H
#define APPS_TAKT_PICTURE_H

#include <stdint.h>
#include <stdio.h>

#include "platform/folder.h"

/* One picture being written. */
struct picture {
	FILE *file;
	const char *who;	     /* begins messages */
	char path[TAKT_OS_PATH_MAX]; /* of its script */
};

/* Whether gnuplot is installed; without it a message says how to install it. */
int picture_can_be_drawn(const char *who);

/**
 * Begins FOLDER/NAME.gnuplot: colours, axes and title.
 * @param title, subtitle any text; the second one is smaller, of any number of lines, and may be ""
 * @retval 1; 0 it cannot be written, with a message
 */
int picture_begin(struct picture *picture, const char *who, const char *folder, const char *name, const char *title,
		  const char *subtitle);

/* Behind it stand the commands that draw: gnuplot obeys them once for each kind. No data may follow. */
void picture_size(struct picture *picture, uint32_t width, uint32_t height);

/* @retval 1 the script is whole; 0 it could not be written, with a message */
int picture_end(struct picture *picture);

/* Runs gnuplot on the script. @retval 1 it has drawn; 0 with a message */
int picture_draw(const struct picture *picture);

/* A string of gnuplot's that means nothing to it, whatever is in the text. */
void picture_put_text(FILE *file, const char *text);

/**
 * Names for the places of a logarithmic axis of ns, "10 us" and so on, and its range.
 * @param axis "x", "y"
 */
void picture_put_span_axis(FILE *file, const char *axis, uint64_t from_ns, uint64_t to_ns);

#endif
