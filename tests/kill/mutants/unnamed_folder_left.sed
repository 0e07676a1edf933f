# A clean-up looks only into the domain's folder: one whose maker died before it was named stays for ever.
# file: core/clean.c
# scenario: create, then clean
/^static enum takt_status sweep_root(/,/^}/ s/status = takt_os_folder_each(root, visit_root, sweep);//
