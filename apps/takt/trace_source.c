/* SPDX-License-Identifier: Apache-2.0 */
/* The library's sources over folders, and what is done where a trace is damaged. */
#include <stdio.h>
#include <stdlib.h>

#include "apps/takt/trace_reader.h"
#include "platform/message.h"

#define SALVAGES_MAX 16 /* bad packets behind which reading goes on */

const bt_plugin *trace_plugin_find(const char *name)
{
	const bt_plugin *plugin = NULL;
	if (ctf.bt_plugin_find(name, BT_FALSE, BT_FALSE, BT_TRUE, BT_TRUE, BT_FALSE, &plugin) ==
	    BT_PLUGIN_FIND_STATUS_OK)
		return plugin;
	ctf.bt_current_thread_clear_error();
	takt_message(TAKT_ERROR, "babeltrace2's plugin '%s' is not there; install libbabeltrace2-0", name);
	return NULL;
}

/* Our sink: it has as many inputs as the source has outputs, and lets us read them one by one. */
struct inputs {
	struct trace_source *source;
	bt_message_iterator **iterators;
};

static bt_component_class_initialize_method_status begin_sink(bt_self_component_sink *self,
							      bt_self_component_sink_configuration *configuration,
							      const bt_value *params, void *data)
{
	struct inputs *inputs = data;
	char name[24];
	(void)configuration;
	(void)params;
	ctf.bt_self_component_set_data(bt_self_component_sink_as_self_component(self), inputs);
	for (uint64_t i = 0; i < inputs->source->port_count; i++) {
		(void)snprintf(name, sizeof(name), "in%llu", (unsigned long long)i);
		if (ctf.bt_self_component_sink_add_input_port(self, name, NULL, NULL) !=
		    BT_SELF_COMPONENT_ADD_PORT_STATUS_OK)
			return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_MEMORY_ERROR;
	}
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

static bt_component_class_sink_graph_is_configured_method_status take_inputs(bt_self_component_sink *self)
{
	struct inputs *inputs = ctf.bt_self_component_get_data(bt_self_component_sink_as_self_component(self));
	for (uint64_t i = 0; i < inputs->source->port_count; i++)
		if (ctf.bt_message_iterator_create_from_sink_component(
			    self, ctf.bt_self_component_sink_borrow_input_port_by_index(self, i),
			    &inputs->iterators[i]) != BT_MESSAGE_ITERATOR_CREATE_FROM_SINK_COMPONENT_STATUS_OK)
			return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_ERROR;
	return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK;
}

/* The graph is run once, for its configuration; what flows is taken by us. */
static bt_component_class_sink_consume_method_status consume_nothing(bt_self_component_sink *self)
{
	(void)self;
	return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK;
}

static int connect_sink(struct trace_source *source, struct inputs *inputs)
{
	const bt_component_sink *sink = NULL;
	bt_component_class_sink *sink_class = ctf.bt_component_class_sink_create("takt", consume_nothing);
	int is_well =
		sink_class &&
		ctf.bt_component_class_sink_set_initialize_method(sink_class, begin_sink) ==
			BT_COMPONENT_CLASS_SET_METHOD_STATUS_OK &&
		ctf.bt_component_class_sink_set_graph_is_configured_method(sink_class, take_inputs) ==
			BT_COMPONENT_CLASS_SET_METHOD_STATUS_OK &&
		ctf.bt_graph_add_sink_component_with_initialize_method_data(source->graph, sink_class, "takt", NULL,
									    inputs, BT_LOGGING_LEVEL_NONE,
									    &sink) == BT_GRAPH_ADD_COMPONENT_STATUS_OK;
	for (uint64_t i = 0; is_well && i < source->port_count; i++)
		is_well = ctf.bt_graph_connect_ports(
				  source->graph,
				  ctf.bt_component_source_borrow_output_port_by_index_const(source->component, i),
				  ctf.bt_component_sink_borrow_input_port_by_index_const(sink, i),
				  NULL) == BT_GRAPH_CONNECT_PORTS_STATUS_OK;
	ctf.bt_component_class_sink_put_ref(sink_class);
	return is_well && ctf.bt_graph_run_once(source->graph) == BT_GRAPH_RUN_ONCE_STATUS_OK;
}

int trace_component_add(const bt_plugin *plugin, bt_graph *graph, const char *const *folders, uint32_t count,
			const char *name, const bt_component_source **component)
{
	bt_value *params = ctf.bt_value_map_create();
	bt_value *inputs = ctf.bt_value_array_create();
	int is_well = params && inputs;
	for (uint32_t i = 0; is_well && i < count; i++)
		is_well = ctf.bt_value_array_append_string_element(inputs, folders[i]) ==
			  BT_VALUE_ARRAY_APPEND_ELEMENT_STATUS_OK;
	is_well = is_well &&
		  ctf.bt_value_map_insert_entry(params, "inputs", inputs) == BT_VALUE_MAP_INSERT_ENTRY_STATUS_OK &&
		  ctf.bt_graph_add_source_component(
			  graph, ctf.bt_plugin_borrow_source_component_class_by_name_const(plugin, "fs"), name, params,
			  BT_LOGGING_LEVEL_NONE, component) == BT_GRAPH_ADD_COMPONENT_STATUS_OK;
	ctf.bt_value_put_ref(inputs);
	ctf.bt_value_put_ref(params);
	return is_well;
}

static struct trace_cursor *new_cursor(struct trace_reader *reader, struct trace_source *source,
				       bt_message_iterator *iterator)
{
	struct trace_cursor *cursor = calloc(1, sizeof(*cursor));
	if (cursor == NULL) {
		ctf.bt_message_iterator_put_ref(iterator);
		return NULL;
	}
	cursor->source = source;
	cursor->iterator = iterator;
	cursor->packet_begin_ns = source->after_ns;
	cursor->number = reader->cursor_count++;
	return cursor;
}

static void begin_cursor(struct trace_reader *reader, struct trace_cursor *cursor);

static int begin_cursors(struct trace_reader *reader, struct trace_source *source)
{
	struct inputs inputs = {.source = source,
				.iterators = calloc((size_t)source->port_count + 1, sizeof(bt_message_iterator *))};
	int is_well = inputs.iterators && connect_sink(source, &inputs);
	for (uint64_t i = 0; inputs.iterators && i < source->port_count; i++) {
		struct trace_cursor *cursor =
			inputs.iterators[i] ? new_cursor(reader, source, inputs.iterators[i]) : NULL;
		if (cursor && is_well)
			begin_cursor(reader, cursor);
		else if (cursor)
			trace_cursor_free(cursor);
	}
	free(inputs.iterators);
	return is_well;
}

void trace_source_free(struct trace_source *source)
{
	ctf.bt_graph_put_ref(source->graph);
	free(source);
}

/* Adds one source, with all its streams. @retval 1 @retval 0 the library refuses it; `reason` is its word */
static int add_source(struct trace_reader *reader, const char *const *folders, uint32_t count,
		      const struct trace_folder *first, uint64_t after_ns, char reason[TRACE_REASON_BYTES])
{
	struct trace_source *source = calloc(1, sizeof(*source));
	(void)snprintf(reason, TRACE_REASON_BYTES, "no memory is left");
	if (source == NULL)
		return 0;
	source->folder_first = (uint32_t)(first - reader->folders.all);
	source->folder_count = first->same_count;
	source->after_ns = after_ns;
	source->graph = ctf.bt_graph_create(0);
	if (source->graph == NULL ||
	    !trace_component_add(reader->plugin, source->graph, folders, count, "ctf", &source->component)) {
		(void)trace_reason_take(reason);
		trace_source_free(source);
		return 0;
	}
	source->port_count = ctf.bt_component_source_get_output_port_count(source->component);
	if (source->port_count && !begin_cursors(reader, source)) {
		(void)trace_reason_take(reason);
		trace_source_free(source);
		return 0;
	}
	source->next = reader->sources;
	reader->sources = source;
	return 1;
}

/* ------------------------------------------------------------------------------------------------------- damage */

/* Behind the packet in which the library failed reading goes on: the packets that follow are copied, and read as a source of their own. */
static uint32_t go_on_behind(struct trace_reader *reader, const struct trace_cursor *cursor)
{
	char made[TRACE_FOLDERS_SAME_MAX][TRACE_PATH_BYTES];
	const char *folders[TRACE_FOLDERS_SAME_MAX];
	char reason[TRACE_REASON_BYTES];
	uint32_t count = 0;
	/* Between two packets it may be the index that is wrong: the next packet is tried again without, and given up the second time. */
	struct trace_rest rest = {.stream = (uint32_t)cursor->stream_class,
				  .instance = cursor->instance,
				  .after_ns = cursor->packet_begin_ns,
				  .leave_out = !cursor->is_in_packet && cursor->packet_begin_ns &&
					       cursor->packet_begin_ns == cursor->source->after_ns};
	const struct trace_folder *first = &reader->folders.all[cursor->source->folder_first];
	if (!cursor->is_known || reader->salvage_count++ >= SALVAGES_MAX)
		return 0;
	for (uint32_t i = 0; i < cursor->source->folder_count && count < TRACE_FOLDERS_SAME_MAX; i++) {
		uint32_t before = rest.packet_count;
		if (trace_salvage_rest(&reader->salvage, first[i].path, &rest, made[count]) &&
		    rest.packet_count > before) {
			folders[count] = made[count];
			count++;
		}
	}
	return count && add_source(reader, folders, count, first, rest.after_ns, reason) ? rest.packet_count : 0;
}

void trace_source_failed(struct trace_reader *reader, struct trace_cursor *cursor)
{
	char reason[TRACE_REASON_BYTES];
	const struct trace_folder *folder = &reader->folders.all[cursor->source->folder_first];
	(void)trace_reason_take(reason);
	uint32_t rest = go_on_behind(reader, cursor);
	reader->summary.left_out_count++;
	trace_note(
		reader,
		"%.100s: stream %llu of CPU %llu is damaged at %.6f s: what follows in that packet is left out%s (%.120s)",
		folder->shown, (unsigned long long)cursor->stream_class, (unsigned long long)cursor->cpu,
		(double)(cursor->time_ns > reader->summary.first_ns ? cursor->time_ns - reader->summary.first_ns : 0) /
			1e9,
		rest ? ", the packets behind it are read" : ", and what is behind it", reason);
}

static void begin_cursor(struct trace_reader *reader, struct trace_cursor *cursor)
{
	int found = trace_cursor_advance(reader, cursor);
	if (found > 0 && trace_heap_push(reader, cursor))
		return;
	if (found < 0)
		trace_source_failed(reader, cursor);
	trace_cursor_free(cursor);
}

/* Each stream file on its own: which of them the library does not take is seen then. */
static uint32_t add_files(struct trace_reader *reader, const struct trace_folder *folder,
			  char reason[TRACE_REASON_BYTES])
{
	char made[TRACE_PATH_BYTES];
	const char *folders[] = {made};
	uint32_t taken_count = 0;
	char first_reason[TRACE_REASON_BYTES] = "";
	for (uint32_t i = 0; i < folder->file_count; i++) {
		const char *name = folder->files[i];
		int is_made = trace_salvage_file(&reader->salvage, folder->path, name, made);
		if (is_made && add_source(reader, folders, 1, folder, 0, reason)) {
			taken_count++;
			continue;
		}
		if (first_reason[0] == '\0')
			(void)snprintf(first_reason, sizeof(first_reason), "%s", reason);
		reader->summary.left_out_count++;
		trace_note(reader, "%.100s/%.60s: left out, the library cannot read it (%.150s)", folder->shown, name,
			   reason);
	}
	return taken_count;
}

void trace_source_add_folders(struct trace_reader *reader, const struct trace_folder *first)
{
	const char *folders[TRACE_FOLDERS_SAME_MAX];
	char made[TRACE_FOLDERS_SAME_MAX][TRACE_PATH_BYTES];
	char reason[TRACE_REASON_BYTES] = "";
	uint32_t count = 0;
	for (uint32_t i = 0; i < first->same_count; i++) {
		if (first[i].is_unreadable)
			continue;
		folders[count] = first[i].path;
		if (first[i].is_damaged) {
			if (!trace_salvage_whole(&reader->salvage, first[i].path, made[count]))
				continue;
			folders[count] = made[count];
		}
		count++;
	}
	if (count && add_source(reader, folders, count, first, 0, reason)) {
		reader->summary.trace_count += count;
		return;
	}
	uint32_t taken_count = 0;
	for (uint32_t i = 0; i < first->same_count; i++) {
		uint32_t taken = first[i].is_unreadable ? 0 : add_files(reader, &first[i], reason);
		reader->summary.trace_count += taken > 0;
		taken_count += taken;
	}
	if (taken_count == 0 && !first->is_unreadable)
		trace_note(reader,
			   "%.100s: nothing of it can be read: its metadata is damaged, or not CTF 1.8 (%.150s)",
			   first->shown, reason);
}
