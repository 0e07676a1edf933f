# Each writer's file beside has a name of its own: one that a kill leaves is nobody's to remove.
# file: platform/linux/file.c
# scenario: command: save
/^static int replace_from_nowhere(/,/^}/ s/(void)snprintf(beside, sizeof(beside), "%s.new", path);/(void)snprintf(beside, sizeof(beside), "%s.%d", path, (int)getpid() % 1000);/
