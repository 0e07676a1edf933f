/* SPDX-License-Identifier: Apache-2.0 */
/* The library alone over a trace: its own source, its own muxer, and a sink that counts. What the report's speed is held against. */
#include <stdio.h>

#include "apps/takt/trace_reader.h"

struct bare {
	bt_message_iterator *iterator;
	uint64_t event_count;
	int has_failed;
};

static bt_component_class_initialize_method_status begin_bare(bt_self_component_sink *self,
							      bt_self_component_sink_configuration *configuration,
							      const bt_value *params, void *data)
{
	(void)configuration;
	(void)params;
	ctf.bt_self_component_set_data(bt_self_component_sink_as_self_component(self), data);
	return ctf.bt_self_component_sink_add_input_port(self, "in", NULL, NULL) == BT_SELF_COMPONENT_ADD_PORT_STATUS_OK
		       ? BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK
		       : BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_MEMORY_ERROR;
}

static bt_component_class_sink_graph_is_configured_method_status take_bare(bt_self_component_sink *self)
{
	struct bare *bare = ctf.bt_self_component_get_data(bt_self_component_sink_as_self_component(self));
	return ctf.bt_message_iterator_create_from_sink_component(
		       self, ctf.bt_self_component_sink_borrow_input_port_by_index(self, 0), &bare->iterator) ==
			       BT_MESSAGE_ITERATOR_CREATE_FROM_SINK_COMPONENT_STATUS_OK
		       ? BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK
		       : BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_ERROR;
}

static bt_component_class_sink_consume_method_status consume_bare(bt_self_component_sink *self)
{
	struct bare *bare = ctf.bt_self_component_get_data(bt_self_component_sink_as_self_component(self));
	bt_message_array_const messages;
	uint64_t count = 0;
	bt_message_iterator_next_status status = ctf.bt_message_iterator_next(bare->iterator, &messages, &count);
	if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_END)
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_END;
	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_ERROR;
	for (uint64_t i = 0; i < count; i++) {
		bare->event_count += ctf.bt_message_get_type(messages[i]) == BT_MESSAGE_TYPE_EVENT;
		ctf.bt_message_put_ref(messages[i]);
	}
	return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK;
}

/* Source, muxer, sink: one input of the muxer for each output of each source. */
static int connect_bare(bt_graph *graph, const bt_component_filter *muxer, const bt_component_source *component,
			uint64_t *input)
{
	uint64_t count = ctf.bt_component_source_get_output_port_count(component);
	for (uint64_t i = 0; i < count; i++)
		if (ctf.bt_graph_connect_ports(graph,
					       ctf.bt_component_source_borrow_output_port_by_index_const(component, i),
					       ctf.bt_component_filter_borrow_input_port_by_index_const(muxer,
													(*input)++),
					       NULL) != BT_GRAPH_CONNECT_PORTS_STATUS_OK)
			return 0;
	return 1;
}

static int build_bare(struct bare *bare, bt_graph *graph, const bt_plugin *utilities, const bt_plugin *source,
		      const struct trace_folders *folders)
{
	const bt_component_filter *muxer = NULL;
	const bt_component_sink *sink = NULL;
	uint64_t input = 0;
	bt_component_class_sink *sink_class = ctf.bt_component_class_sink_create("bare", consume_bare);
	int is_well = ctf.bt_graph_add_filter_component(
			      graph, ctf.bt_plugin_borrow_filter_component_class_by_name_const(utilities, "muxer"),
			      "muxer", NULL, BT_LOGGING_LEVEL_NONE, &muxer) == BT_GRAPH_ADD_COMPONENT_STATUS_OK;
	for (uint32_t i = 0; is_well && i < folders->count; i++) {
		const char *path = folders->all[i].path;
		const bt_component_source *component = NULL;
		char name[16];
		(void)snprintf(name, sizeof(name), "ctf%u", i);
		is_well = trace_component_add(source, graph, &path, 1, name, &component) &&
			  connect_bare(graph, muxer, component, &input);
	}
	is_well = is_well &&
		  ctf.bt_component_class_sink_set_initialize_method(sink_class, begin_bare) ==
			  BT_COMPONENT_CLASS_SET_METHOD_STATUS_OK &&
		  ctf.bt_component_class_sink_set_graph_is_configured_method(sink_class, take_bare) ==
			  BT_COMPONENT_CLASS_SET_METHOD_STATUS_OK &&
		  ctf.bt_graph_add_sink_component_with_initialize_method_data(graph, sink_class, "bare", NULL, bare,
									      BT_LOGGING_LEVEL_NONE, &sink) ==
			  BT_GRAPH_ADD_COMPONENT_STATUS_OK &&
		  ctf.bt_graph_connect_ports(graph, ctf.bt_component_filter_borrow_output_port_by_index_const(muxer, 0),
					     ctf.bt_component_sink_borrow_input_port_by_index_const(sink, 0),
					     NULL) == BT_GRAPH_CONNECT_PORTS_STATUS_OK;
	ctf.bt_component_class_sink_put_ref(sink_class);
	return is_well;
}

uint64_t trace_reader_bare(const char *folder)
{
	struct trace_folders folders;
	struct bare bare = {0};
	if (!trace_library_open(folder) || !trace_folders_find(&folders, folder))
		return 0;
	const bt_plugin *utilities = trace_plugin_find("utils");
	const bt_plugin *source = trace_plugin_find("ctf");
	bt_graph *graph = ctf.bt_graph_create(0);
	int is_well = utilities && source && graph && build_bare(&bare, graph, utilities, source, &folders) &&
		      ctf.bt_graph_run(graph) == BT_GRAPH_RUN_STATUS_OK;
	ctf.bt_current_thread_clear_error();
	ctf.bt_message_iterator_put_ref(bare.iterator);
	ctf.bt_graph_put_ref(graph);
	ctf.bt_plugin_put_ref(utilities);
	ctf.bt_plugin_put_ref(source);
	trace_folders_free(&folders);
	return is_well ? bare.event_count : 0;
}
