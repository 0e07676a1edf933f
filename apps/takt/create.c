/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/create.h"

#include <stdio.h>

#include "core/config.h"
#include "core/domain.h"
#include "core/segment.h"
#include "platform/folder.h"

static int run(int argc, char **argv)
{
	struct options options;
	const struct takt_config *config;
	uint32_t created_count = 0;
	int code = options_parse(&options, &create_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (takt_config_load(&config, options.arguments[0]) != TAKT_OK)
		return EXIT_FAILED;
	code = EXIT_FAILED;
	if (takt_domain_create(config, &created_count) == TAKT_OK) {
		/* Topics and queues are what a config sizes; a node makes its own small segment when it joins. */
		(void)printf("domain '%s' is ready in %s/" TAKT_FOLDER_PREFIX
			     "%s: %u objects of its topics and queues were made, the rest was there "
			     "and agrees; with all nodes it takes %llu bytes\n",
			     config->domain, takt_os_folder_root(), config->domain, created_count,
			     (unsigned long long)takt_config_bytes(config));
		code = EXIT_OK;
	}
	takt_config_free(config);
	return code;
}

const struct command create_command = {
	.name = "create",
	.path = "takt create",
	.usage = "CONFIG",
	.summary =
		"creates every object of a config, with its owners and modes; run it as root where the config names other owners",
	.details = "What exists is checked against the config and left alone.",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
