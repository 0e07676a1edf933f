/* SPDX-License-Identifier: Apache-2.0 */
#include "core/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/parameter.h"
#include "platform/folder.h"
#include "platform/message.h"

#define SET "set"

/* One user or group, and a rule that names it. */
struct subject {
	uint32_t id;
	uint32_t is_group;
	const struct takt_config_access *rule;
};

struct takt_access {
	uint32_t own_user;
	uint32_t subject_count;
	struct subject subjects[];
};

/* A list that is not there names all. */
static int covers(char *const *texts, uint32_t count, const char *text, size_t bytes)
{
	for (uint32_t i = 0; i < count; i++)
		if (strlen(texts[i]) == bytes && memcmp(texts[i], text, bytes) == 0)
			return 1;
	return count == 0;
}

static int concerns(const struct takt_config_access *rule, const char *node)
{
	return covers(rule->nodes, rule->nodes_count, node, strlen(node));
}

/* -------------------------------------------------------------------------------------------------------- start */

static enum takt_status add(struct takt_access *access, const struct takt_config_access *rule, const char *name,
			    uint32_t is_group)
{
	struct subject *subject = &access->subjects[access->subject_count];
	const enum takt_status status =
		is_group ? takt_os_group_find(name, &subject->id) : takt_os_user_find(name, &subject->id);

	if (status != TAKT_OK) {
		takt_message(TAKT_ERROR,
			     "%s '%s': this machine has no such %s; create it or change `access` in the config",
			     is_group ? "group" : "user", name, is_group ? "group" : "user");
		return status;
	}
	subject->is_group = is_group;
	subject->rule = rule;
	access->subject_count++;
	return TAKT_OK;
}

static enum takt_status add_rule(struct takt_access *access, const struct takt_config_access *rule)
{
	enum takt_status status = TAKT_OK;

	for (uint32_t i = 0; i < rule->users_count && status == TAKT_OK; i++)
		status = add(access, rule, rule->users[i], 0);
	for (uint32_t i = 0; i < rule->groups_count && status == TAKT_OK; i++)
		status = add(access, rule, rule->groups[i], 1);
	return status;
}

enum takt_status takt_access_open(struct takt_access **access, const struct takt_config *config, const char *node)
{
	struct takt_access *made;
	size_t count = 0;
	enum takt_status status = TAKT_OK;

	if (config->access_count == 0) {
		*access = NULL;
		return TAKT_OK;
	}
	for (uint32_t i = 0; i < config->access_count; i++)
		count += config->access[i].users_count + config->access[i].groups_count;
	made = calloc(1, sizeof(*made) + count * sizeof(made->subjects[0]));
	if (made == NULL) {
		takt_message(TAKT_ERROR, "node '%s': no memory left for the rules of `access`", node);
		return TAKT_NO_SPACE;
	}
	made->own_user = takt_os_user_id();
	for (uint32_t i = 0; i < config->access_count && status == TAKT_OK; i++)
		if (concerns(&config->access[i], node))
			status = add_rule(made, &config->access[i]);
	if (status == TAKT_OK)
		*access = made;
	else
		free(made);
	return status;
}

void takt_access_close(struct takt_access **access)
{
	free(*access);
	*access = NULL;
}

/* ---------------------------------------------------------------------------------------------------- judgement */

static int is_subject(const struct subject *subject, const struct takt_os_sender *sender)
{
	if (!subject->is_group)
		return subject->id == sender->user;
	if (subject->id == sender->group)
		return 1;
	for (uint32_t i = 0; i < sender->further_count; i++)
		if (sender->further_groups[i] == subject->id)
			return 1;
	return 0;
}

/* Both may end the process anyway. */
static int is_master(const struct takt_access *access, const struct takt_os_sender *sender)
{
	return sender->user == 0 || sender->user == access->own_user;
}

static int allows_verb(const struct subject *subject, const char *verb)
{
	return covers(subject->rule->commands, subject->rule->commands_count, verb, strlen(verb));
}

static int allows(const struct takt_access *access, const struct takt_os_sender *sender, const char *verb)
{
	for (uint32_t i = 0; i < access->subject_count; i++)
		if (is_subject(&access->subjects[i], sender) && allows_verb(&access->subjects[i], verb))
			return 1;
	return 0;
}

static int allows_parameter(const struct takt_access *access, const struct takt_os_sender *sender, const char *name,
			    size_t name_bytes)
{
	for (uint32_t i = 0; i < access->subject_count; i++) {
		const struct takt_config_access *rule = access->subjects[i].rule;

		if (is_subject(&access->subjects[i], sender) && allows_verb(&access->subjects[i], SET) &&
		    covers(rule->parameters, rule->parameters_count, name, name_bytes))
			return 1;
	}
	return 0;
}

/* The first parameter of "kp=1.2 kd=0.3" that may not be set, as takt_parameters_set finds them; NULL: none. */
static const char *forbidden_parameter(const struct takt_access *access, const struct takt_os_sender *sender,
				       const char *assignments, size_t *name_bytes)
{
	const char *at = assignments + strspn(assignments, TAKT_PARAMETER_BLANKS);

	while (*at) {
		const size_t word_bytes = strcspn(at, TAKT_PARAMETER_BLANKS);
		const char *equals = memchr(at, '=', word_bytes);

		*name_bytes = equals ? (size_t)(equals - at) : word_bytes;
		if (!allows_parameter(access, sender, at, *name_bytes))
			return at;
		at += word_bytes;
		at += strspn(at, TAKT_PARAMETER_BLANKS);
	}
	return NULL;
}

int takt_access_permits(const struct takt_access *access, const struct takt_os_sender *sender,
			const struct takt_line *line, char *why, size_t why_bytes)
{
	const char *parameter = NULL;
	size_t name_bytes = 0;

	if (is_master(access, sender))
		return 1;
	const int is_allowed = allows(access, sender, line->verb);
	if (is_allowed && strcmp(line->verb, SET) == 0)
		parameter = forbidden_parameter(access, sender, line->arguments, &name_bytes);
	if (is_allowed && parameter == NULL)
		return 1;
	(void)snprintf(why, why_bytes, "user %u may not %s%s%.*s here; `access` in the config says who may",
		       (unsigned)sender->user, line->verb, parameter ? " " : "",
		       (int)(name_bytes < TAKT_NAME_BYTES ? name_bytes : TAKT_NAME_BYTES), parameter ? parameter : "");
	return 0;
}
