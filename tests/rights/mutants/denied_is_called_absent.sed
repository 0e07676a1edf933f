# SPDX-License-Identifier: Apache-2.0
# file: core/domain.c
# case: stranger
# Who may not enter is told to let root create what is there.
s/status == TAKT_DENIED && !takt_os_folder_exists(domain->folder_name)/status == TAKT_DENIED/
