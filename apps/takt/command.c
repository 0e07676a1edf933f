/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/command.h"

#include <stdint.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/messages.h"
#include "apps/takt/send.h"
#include "core/limits.h"

/* Does a domain have a node of that name? For telling "DOMAIN NODE LINE" from "NODE LINE", so nothing is said. */
static int has_node(const char *domain_name, const char *node)
{
	struct takt_domain domain;

	messages_silence();
	int code = domain_exists(domain_name) ? domain_attach(domain_name, &domain) : EXIT_FAILED;
	messages_escape();
	if (code != EXIT_OK)
		return 0;
	int found = takt_domain_node_find(&domain, node) != UINT32_MAX;
	takt_domain_close(&domain);
	return found;
}

static int run(int argc, char **argv)
{
	struct options options;
	struct send_answer answer = {0};
	char line[TAKT_LINE_BYTES_MAX];
	int code = options_parse(&options, &command_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	/* A first word is the domain only where the second is a node of it. */
	if (options.domain == NULL && options.argument_count > 2 &&
	    has_node(options.arguments[0], options.arguments[1])) {
		options.domain = options.arguments[0];
		options.arguments++;
		options.argument_count--;
	}
	const char *node = options.arguments[0];
	code = send_join(line, sizeof(line), "", options.arguments + 1, options.argument_count - 1);
	if (code == EXIT_OK)
		code = send_line(&options, node, line, &answer);
	if (code == EXIT_OK)
		code = send_show(&answer);
	else
		send_show_refusal(node, &answer);
	send_free(&answer);
	return code;
}

const struct command command_command = {
	.name = "command",
	.path = "takt command",
	.usage = "[options] [DOMAIN] NODE LINE...",
	.summary = "sends a command line to a node and prints its answer",
	.details =
		"Every node knows: ping, status, help, params, get, set, save, start, stop, quit. Its own: takt command NODE help.\n"
		"Words behind NODE are joined with blanks and are never options of takt.",
	.options = OPTIONS_DOMAIN | OPTIONS_TIMEOUT,
	.arguments_min = 2,
	.arguments_max = UINT32_MAX,
	.run = run,
	.keeps_rest = 1,
};
