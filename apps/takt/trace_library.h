/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libbabeltrace2, taken in by the commands that read a trace and by nothing else: the command starts without it, and runs where it is not
 * installed. Only its headers are needed to build. For the files behind trace_reader.h and trace_decode.h.
 */
#ifndef APPS_TAKT_TRACE_LIBRARY_H
#define APPS_TAKT_TRACE_LIBRARY_H

#include <babeltrace2/babeltrace.h>

/* Every function of the library that is used, with the type that its header gives it. */
#define TRACE_LIBRARY_FUNCTIONS(USE)                                                                                   \
	USE(bt_clock_class_get_frequency)                                                                              \
	USE(bt_clock_snapshot_get_value)                                                                               \
	USE(bt_component_class_sink_create)                                                                            \
	USE(bt_component_class_sink_put_ref)                                                                           \
	USE(bt_component_class_sink_set_graph_is_configured_method)                                                    \
	USE(bt_component_class_sink_set_initialize_method)                                                             \
	USE(bt_component_filter_borrow_input_port_by_index_const)                                                      \
	USE(bt_component_filter_borrow_output_port_by_index_const)                                                     \
	USE(bt_component_sink_borrow_input_port_by_index_const)                                                        \
	USE(bt_component_source_borrow_output_port_by_index_const)                                                     \
	USE(bt_component_source_get_output_port_count)                                                                 \
	USE(bt_current_thread_clear_error)                                                                             \
	USE(bt_current_thread_take_error)                                                                              \
	USE(bt_error_borrow_cause_by_index)                                                                            \
	USE(bt_error_cause_get_message)                                                                                \
	USE(bt_error_get_cause_count)                                                                                  \
	USE(bt_error_release)                                                                                          \
	USE(bt_event_borrow_class_const)                                                                               \
	USE(bt_event_borrow_common_context_field_const)                                                                \
	USE(bt_event_borrow_payload_field_const)                                                                       \
	USE(bt_event_class_borrow_payload_field_class_const)                                                           \
	USE(bt_event_class_borrow_stream_class_const)                                                                  \
	USE(bt_event_class_get_name)                                                                                   \
	USE(bt_field_class_get_type)                                                                                   \
	USE(bt_field_class_structure_borrow_member_by_index_const)                                                     \
	USE(bt_field_class_structure_get_member_count)                                                                 \
	USE(bt_field_class_structure_member_borrow_field_class_const)                                                  \
	USE(bt_field_class_structure_member_get_name)                                                                  \
	USE(bt_field_get_class_type)                                                                                   \
	USE(bt_field_integer_signed_get_value)                                                                         \
	USE(bt_field_integer_unsigned_get_value)                                                                       \
	USE(bt_field_string_get_value)                                                                                 \
	USE(bt_field_structure_borrow_member_field_by_index_const)                                                     \
	USE(bt_field_structure_borrow_member_field_by_name_const)                                                      \
	USE(bt_graph_add_filter_component)                                                                             \
	USE(bt_graph_add_sink_component_with_initialize_method_data)                                                   \
	USE(bt_graph_add_source_component)                                                                             \
	USE(bt_graph_connect_ports)                                                                                    \
	USE(bt_graph_create)                                                                                           \
	USE(bt_graph_put_ref)                                                                                          \
	USE(bt_graph_run)                                                                                              \
	USE(bt_graph_run_once)                                                                                         \
	USE(bt_message_discarded_events_get_count)                                                                     \
	USE(bt_message_discarded_packets_get_count)                                                                    \
	USE(bt_message_event_borrow_default_clock_snapshot_const)                                                      \
	USE(bt_message_event_borrow_event_const)                                                                       \
	USE(bt_message_get_type)                                                                                       \
	USE(bt_message_iterator_create_from_sink_component)                                                            \
	USE(bt_message_iterator_next)                                                                                  \
	USE(bt_message_iterator_put_ref)                                                                               \
	USE(bt_message_packet_beginning_borrow_default_clock_snapshot_const)                                           \
	USE(bt_message_packet_beginning_borrow_packet_const)                                                           \
	USE(bt_message_put_ref)                                                                                        \
	USE(bt_message_stream_beginning_borrow_stream_const)                                                           \
	USE(bt_packet_borrow_context_field_const)                                                                      \
	USE(bt_packet_borrow_stream_const)                                                                             \
	USE(bt_plugin_borrow_filter_component_class_by_name_const)                                                     \
	USE(bt_plugin_borrow_source_component_class_by_name_const)                                                     \
	USE(bt_plugin_find)                                                                                            \
	USE(bt_plugin_put_ref)                                                                                         \
	USE(bt_self_component_get_data)                                                                                \
	USE(bt_self_component_set_data)                                                                                \
	USE(bt_self_component_sink_add_input_port)                                                                     \
	USE(bt_self_component_sink_borrow_input_port_by_index)                                                         \
	USE(bt_stream_borrow_class_const)                                                                              \
	USE(bt_stream_borrow_trace_const)                                                                              \
	USE(bt_stream_class_borrow_default_clock_class_const)                                                          \
	USE(bt_stream_class_borrow_event_common_context_field_class_const)                                             \
	USE(bt_stream_class_get_id)                                                                                    \
	USE(bt_stream_class_packets_have_beginning_default_clock_snapshot)                                             \
	USE(bt_stream_get_id)                                                                                          \
	USE(bt_trace_borrow_environment_entry_value_by_name_const)                                                     \
	USE(bt_value_array_append_string_element)                                                                      \
	USE(bt_value_array_create)                                                                                     \
	USE(bt_value_get_type)                                                                                         \
	USE(bt_value_map_create)                                                                                       \
	USE(bt_value_map_insert_entry)                                                                                 \
	USE(bt_value_put_ref)                                                                                          \
	USE(bt_value_string_get)

#define TRACE_LIBRARY_DECLARE(name) __typeof__(&(name)) name;

struct trace_library {
	TRACE_LIBRARY_FUNCTIONS(TRACE_LIBRARY_DECLARE)
};

/* Filled by trace_library_open. */
extern struct trace_library ctf;

/* @retval 1 it is there, all of it @retval 0 it is not, with a message that says what to install for reading `folder` */
int trace_library_open(const char *folder);

#endif
