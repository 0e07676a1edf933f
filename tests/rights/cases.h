/* SPDX-License-Identifier: Apache-2.0 */
/* Each begins with an empty world of one kind and ends with one that may be removed. */
#ifndef TAKT_TEST_RIGHTS_CASES_H
#define TAKT_TEST_RIGHTS_CASES_H

void case_reader(void);
void case_queue(void);
void case_forged_config(void);
void case_looker(void);
void case_stranger(void);
void case_folder_taken(void);
void case_objects_taken(void);
void case_wrong_rights(void);
void case_replies_taken(void);
void case_exchanged_names(void);
void case_locks(void);
void case_umask(void);
void case_commander(void);
void case_access(void);

#endif
