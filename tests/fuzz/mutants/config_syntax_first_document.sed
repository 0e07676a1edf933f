# A fault behind the first document is called a lack of memory.
# file: core/config_source.c
# target: config
s/goes_on = event.type != YAML_STREAM_END_EVENT;/goes_on = event.type != YAML_DOCUMENT_END_EVENT;/
