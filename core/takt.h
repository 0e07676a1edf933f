/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of takt's public interface.
 *
 * C++: what takt calls (handlers of commands and of messages) must return, and not throw. On ARM the library has no
 * tables for unwinding, so that an exception that would leave a handler ends the program where it is thrown (std::terminate).
 */
#ifndef TAKT_CORE_TAKT_H
#define TAKT_CORE_TAKT_H

#include "core/barrier.h"
#include "core/command.h"
#include "core/commander.h"
#include "core/condition.h"
#include "core/config.h"
#include "core/descriptor.h"
#include "core/events.h"
#include "core/histogram.h"
#include "core/loop.h"
#include "core/mutex.h"
#include "core/node.h"
#include "core/parameter.h"
#include "core/queue.h"
#include "core/rwlock.h"
#include "core/semaphore.h"
#include "core/topic.h"
#include "core/type.h"
#include "core/waiter.h"
#include "platform/message.h"
#include "platform/status.h"

#endif
