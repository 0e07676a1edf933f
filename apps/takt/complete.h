/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `takt complete WORD...`: what may stand in the place of the last word of a command line, for the completion of shells. It is made of
 * the tables that parser and help are made of, and of what lives on this machine; it says nothing on standard error.
 *
 * Each line is a candidate, a tab and a word about it; a candidate that ends with '=', ',' or ':' wants no blank behind it. A line that
 * begins with a colon asks the shell for files: ":files" any, ":files PATTERN", or ":folders".
 */
#ifndef APPS_TAKT_COMPLETE_H
#define APPS_TAKT_COMPLETE_H

#include <stdint.h>

#include "apps/takt/options.h"

#define COMPLETE_ARGUMENTS_MAX 128 /* more words than that are not completed */

/* A command line as far as it is written. */
struct complete {
	const struct command *command;
	const char *word;   /* what is to be completed */
	const char *before; /* of the last word, in front of `word`: "--format=", "sensor,"; part of every candidate */
	uint32_t before_length;
	const char *domain;			       /* NULL: not given */
	const char *arguments[COMPLETE_ARGUMENTS_MAX]; /* in front of the last word, without options */
	uint32_t argument_count;
	uint32_t node_index; /* of them: the node */
};

/* @param argv the words behind "takt", up to the cursor; the last one may be empty @retval the exit code */
int complete(const struct command *root, int argc, char **argv);

/* Prints a candidate if it begins as the word does and means nothing to a shell or a terminal. @param about may be "" */
void complete_offer(const struct complete *complete, const char *candidate, const char *about);

/* 1 when an argument in front of the last word is `text` already, or assigns to it. */
int complete_has_argument(const struct complete *complete, const char *text);

/* What lives on this machine; a domain that is not clear, or does not answer, offers nothing. */
void complete_domains(const struct complete *complete);
void complete_topics(const struct complete *complete);
void complete_queues(const struct complete *complete);
void complete_syncs(const struct complete *complete);
void complete_nodes(const struct complete *complete);
void complete_fields(const struct complete *complete);	    /* of the topic or queue that is the first argument */
void complete_item_fields(const struct complete *complete); /* "kp=" of the queue that is the first argument */
void complete_parameters(const struct complete *complete);  /* "k_tilt" */
void complete_assignments(const struct complete *complete); /* "k_tilt=", and behind that its value */
void complete_lines(const struct complete *complete); /* a node's commands, and the parameters behind get and set */
void complete_config_nodes(const struct complete *complete); /* of the config that is the first argument */

/* What `takt ipc` knows. */
void complete_ipc_objects(const struct complete *complete); /* "/frames", "5", a domain: what means one object */
void complete_ipc_users(const struct complete *complete);   /* owners of objects */

#endif
