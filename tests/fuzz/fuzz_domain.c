/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz_domain.h"

#include <math.h>
#include <string.h>

#include "core/parameter_value.h"
#include "tests/fuzz/fuzz.h"

static const char config[] = "domain: fuzz\n"
			     "lock_bound_us: 50\n"
			     "topics:\n"
			     "  - {name: one, type: fuzz_sample, bytes: 24, depth: 4, borrows: 2, deadline_us: 1000}\n"
			     "  - {name: many, type: fuzz_sample, bytes: 24, depth: 8, borrows: 1, publishers: 2}\n"
			     "nodes:\n"
			     "  - {name: victim, program: v, publishes: [one, many], parameter_file: gains.txt}\n"
			     "  - {name: witness, program: w, publishes: [many], subscribes: [one, many]}\n";

const char *fuzz_domain_config(void)
{
	static char path[160];

	if (path[0])
		return path;
	fuzz_write("fuzz.yaml", config, sizeof(config) - 1);
	fuzz_path(path, "fuzz.yaml");
	return path;
}

void fuzz_domain_join(struct takt_node *node, const char *name)
{
	FUZZ_CHECK(takt_node_join(node, fuzz_domain_config(), name) == TAKT_OK);
}

void fuzz_domain_check_gains(const struct takt_parameters *parameters)
{
	for (uint32_t i = 0; i < parameters->type->field_count; i++) {
		const struct takt_parameter_field *field = &parameters->type->fields[i];
		double number = takt_parameter_load(parameters->current, field);
		char text[TAKT_PARAMETER_TEXT_BYTES];
		double again;

		FUZZ_CHECK(number >= field->min && number <= field->max);
		FUZZ_CHECK(!takt_parameter_is_whole(field->kind) || number == floor(number));
		takt_parameters_format(parameters, i, text, sizeof(text));
		FUZZ_CHECK(takt_parameter_parse(field, text, &again));
		FUZZ_CHECK(takt_parameter_as_kept(field, again) == number);
	}
}
