# A roster that is refused stays open.
# file: core/domain.c
# target: attach
/^enum takt_status takt_domain_attach/,/^}/ s/takt_domain_close(domain);/takt_os_folder_close(\&domain->folder);/
