/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of one sub-command: the options that it takes, and what to say when it is wrong. */
#ifndef APPS_TAKT_OPTIONS_H
#define APPS_TAKT_OPTIONS_H

#include <stdint.h>

#include "apps/takt/output.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define OPTIONS_GO_ON	   (-1) /* options_parse: nothing is wrong, run the command */
#define OPTIONS_FIELDS_MAX 32

/* One bit for each option that a command may take; --help is always one. */
enum options_bit {
	OPTIONS_DOMAIN = 1u << 0,
	OPTIONS_FORMAT = 1u << 1,
	OPTIONS_COUNT = 1u << 2,
	OPTIONS_HISTORY = 1u << 3,
	OPTIONS_FIELD = 1u << 4,
	OPTIONS_FOR = 1u << 5,
	OPTIONS_RATE = 1u << 6,
	OPTIONS_ALL = 1u << 7,
	OPTIONS_TIMEOUT = 1u << 8,
	OPTIONS_BAND = 1u << 9
};

/* An option: parser, help and completion are made of these, and a test holds the man pages against them. */
struct option_text {
	const char *name;
	const char *argument; /* its value: "TIME", or all that it may be: "table|json|csv"; NULL: it takes none */
	const char *help;     /* one line, or several */
	char letter;	      /* its short form; 0: none */
	int code;	      /* what options_walk's `take` is told where there is no letter: above 255 */
};

/*
 * A (sub-)command, as main, help and completion know it. The words of `usage` in capitals, and values of options, say what is
 * completed there (complete.c).
 */
struct command {
	const char *name;    /* "echo" */
	const char *path;    /* "takt topic echo" */
	const char *usage;   /* "TOPIC [options]" */
	const char *summary; /* one line for lists of commands */
	const char *details; /* further lines of its help; NULL or "" for none */
	uint32_t options;    /* enum options_bit */
	uint32_t arguments_min;
	uint32_t arguments_max;
	int (*run)(int argc, char **argv);
	int keeps_rest;		       /* 1: behind the first argument nothing is an option of ours */
	const struct option_text *own; /* options that no other command has */
	uint32_t own_count;
	const char *const *choices;	       /* all that an argument TEST may be, ended by NULL */
	const struct command *const *children; /* of a group, which has no `run` */
	uint32_t child_count;
};

struct options {
	const char *domain; /* NULL: not given */
	enum output_format format;
	uint64_t count; /* 0: no bound */
	uint32_t history;
	const char *fields[OPTIONS_FIELDS_MAX];
	uint32_t field_count;
	uint64_t for_ns; /* 0: not given */
	double rate_hz;	 /* 0: not given */
	uint32_t all;
	uint64_t timeout_ns; /* 0: not given */
	uint32_t band;	     /* UINT32_MAX: not given */
	char **arguments;
	uint32_t argument_count;
};

/**
 * Reads the options and arguments of a command.
 * @param argv argv[0] is the command's name
 * @retval OPTIONS_GO_ON, or the exit code with which the command ends: EXIT_OK after its help, EXIT_USAGE after a message
 */
int options_parse(struct options *options, const struct command *command, int argc, char **argv);

/**
 * Runs the sub-command of a group that argv[1] names.
 * @retval its exit code; EXIT_USAGE for a name that is none of them, EXIT_OK after help
 */
int commands_run(const struct command *group, int argc, char **argv);

/* The child of a group by name, or NULL. */
const struct command *command_find(const struct command *group, const char *name);

/* Prints a command's, or a group's, help on standard output. */
void command_help(const struct command *command);

/* The options that a command takes, one after the other; NULL behind the last, which is --help. */
const struct option_text *command_option(const struct command *command, uint32_t index);

/* Says on standard error what is wrong with the command line, and where to read on. @retval EXIT_USAGE */
int usage_error(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "10s", "250ms", "2m", "1.5" (seconds): more than 0, at most a day. @retval 1 it is one */
int options_read_duration(const char *text, uint64_t *duration_ns);

#endif
