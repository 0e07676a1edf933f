/* SPDX-License-Identifier: Apache-2.0 */
/* `takt param ...` */
#ifndef APPS_TAKT_PARAM_H
#define APPS_TAKT_PARAM_H

/* argv[0] is "param". @retval the exit code */
int param_run(int argc, char **argv);

#endif
