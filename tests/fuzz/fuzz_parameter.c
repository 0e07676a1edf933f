/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of parameters. The first byte says whose bytes follow: the saved file that a start reads, a command's assignments, or one value
 * for each kind. What is accepted is in range and reads back the same; what is refused changes nothing and says why.
 */
#include "core/parameter.h"

#include <math.h>
#include <string.h>

#include "core/parameter_value.h"
#include "core/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_domain.h"

static struct takt_node node;
static struct takt_parameters parameters;
static struct fuzz_gains sets[TAKT_PARAMETER_SET_COUNT];

static enum takt_status start(void)
{
	node.parameters = NULL;
	return takt_parameters_init(&parameters, &node, &takt_parameters_fuzz_gains, sets);
}

static void set_up(void)
{
	if (node.config)
		return;
	fuzz_domain_join(&node, "victim");
	fuzz_write("gains.txt", "kp=1", 4);
	FUZZ_CHECK(start() == TAKT_OK);
}

static void try_file(const struct fuzz_input *input)
{
	char reply[TAKT_MAILBOX_TEXT_BYTES] = "";
	struct fuzz_gains before;

	fuzz_write("gains.txt", input->at, input->left);
	enum takt_status status = start();
	FUZZ_CHECK((status == TAKT_OK) == (fuzz_said.error_count == 0));
	if (status != TAKT_OK) {
		FUZZ_CHECK(status == TAKT_INVALID || status == TAKT_LIMIT);
		FUZZ_CHECK(node.parameters == NULL);
		return;
	}
	fuzz_domain_check_gains(&parameters);
	/* What is saved is what the next start reads. */
	memcpy(&before, parameters.current, sizeof(before));
	FUZZ_CHECK(takt_parameters_save(&parameters, reply, sizeof(reply)) == TAKT_OK);
	FUZZ_CHECK(start() == TAKT_OK && memcmp(&before, parameters.current, sizeof(before)) == 0);
}

/* One assignment that was accepted: the value in force is the one that was given, and not one near it. */
static void check_assigned(const char *text)
{
	const char *equals = strchr(text, '=');
	char name[TAKT_NAME_BYTES] = "";
	double number = 0.0;

	if (equals == NULL || text[strcspn(text, " \t\r\n")] != '\0')
		return;
	FUZZ_CHECK((size_t)(equals - text) < sizeof(name));
	memcpy(name, text, (size_t)(equals - text));
	uint32_t index = takt_parameters_find(&parameters, name);
	FUZZ_CHECK(index != UINT32_MAX);
	const struct takt_parameter_field *field = &takt_parameters_fuzz_gains.fields[index];
	FUZZ_CHECK(takt_parameter_parse(field, equals + 1, &number));
	FUZZ_CHECK(takt_parameter_load(parameters.current, field) == takt_parameter_as_kept(field, number));
}

static void try_command(struct fuzz_input *input)
{
	char text[TAKT_LINE_BYTES_MAX], reply[TAKT_MAILBOX_TEXT_BYTES] = "";
	struct fuzz_gains before;

	fuzz_text(input, text, sizeof(text));
	fuzz_write("gains.txt", "kp=1", 4);
	FUZZ_CHECK(start() == TAKT_OK);
	memcpy(&before, parameters.current, sizeof(before));
	enum takt_status status = takt_parameters_set(&parameters, text, reply, sizeof(reply));
	FUZZ_CHECK(reply[0] != '\0' && (status == TAKT_OK || status == TAKT_INVALID));
	fuzz_domain_check_gains(&parameters);
	if (status != TAKT_OK)
		FUZZ_CHECK(memcmp(&before, parameters.current, sizeof(before)) == 0 && parameters.generation == 1);
	else
		FUZZ_CHECK(parameters.generation == 2);
	if (status == TAKT_OK)
		check_assigned(text);
}

static void try_values(struct fuzz_input *input)
{
	char text[TAKT_LINE_BYTES_MAX], printed[TAKT_PARAMETER_TEXT_BYTES];

	fuzz_text(input, text, sizeof(text));
	for (uint32_t i = 0; i < takt_parameters_fuzz_gains.field_count; i++) {
		const struct takt_parameter_field *field = &takt_parameters_fuzz_gains.fields[i];
		double number = 0.0, again = 0.0;

		if (!takt_parameter_parse(field, text, &number))
			continue;
		FUZZ_CHECK(isfinite(number));
		number = takt_parameter_as_kept(field, number);
		if (number < field->min || number > field->max)
			continue;
		takt_parameter_print(field, number, printed, sizeof(printed));
		FUZZ_CHECK(takt_parameter_parse(field, printed, &again));
		FUZZ_CHECK(takt_parameter_as_kept(field, again) == number);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	uint32_t choice = (uint32_t)fuzz_number(&input, 1) % 3;

	fuzz_listen();
	set_up();
	int descriptor = fuzz_free_descriptor();
	if (choice == 0)
		try_file(&input);
	else if (choice == 1)
		try_command(&input);
	else
		try_values(&input);
	FUZZ_CHECK(fuzz_free_descriptor() == descriptor);
	return 0;
}
