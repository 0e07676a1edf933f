# SPDX-License-Identifier: Apache-2.0
# file: core/access.c
# case: access
# Who may set one parameter may set all.
s/parameter = forbidden_parameter(.*);/parameter = NULL;/
