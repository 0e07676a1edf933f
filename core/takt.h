/* SPDX-License-Identifier: Apache-2.0 */
/* All of takt's public interface. */
#ifndef TAKT_CORE_TAKT_H
#define TAKT_CORE_TAKT_H

#include "core/command.h"
#include "core/commander.h"
#include "core/config.h"
#include "core/histogram.h"
#include "core/loop.h"
#include "core/node.h"
#include "core/parameter.h"
#include "core/topic.h"
#include "core/type.h"
#include "core/waiter.h"
#include "platform/message.h"
#include "platform/status.h"

#endif
