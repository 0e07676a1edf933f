/* SPDX-License-Identifier: Apache-2.0 */
/* The presence files that a node's handles hold open: a fork's child closes them too. Internal to core. */
#ifndef TAKT_CORE_NODE_PRESENCE_H
#define TAKT_CORE_NODE_PRESENCE_H

#include "core/node.h"
#include "platform/presence.h"

/* Remembers an open one. @retval TAKT_OK  @retval TAKT_LIMIT the node holds as many as it can, with a message */
TAKT_CHECKED enum takt_status takt_node_presence_keep(struct takt_node *node, const struct takt_os_presence *presence);

/* Closes one, remembered or not. In a fork's child it is closed already, and left alone. */
void takt_node_presence_close(struct takt_node *node, struct takt_os_presence *presence);

/* Holds the node's own token, so that tools can name its owner, or another where this node has a handle of the same object already.
 * @param kind, name what messages call the object
 * @retval TAKT_OK *token is held  @retval TAKT_BUSY another process locks the whole file, with a message  @retval TAKT_SYSTEM */
TAKT_CHECKED enum takt_status takt_presence_hold_token(const struct takt_os_presence *presence, uint64_t *token,
						       const char *kind, const char *name);

/* Who a token is, for a message: a node's name, or words for nobody. @param name room for TAKT_NAME_BYTES */
const char *takt_node_of_token(const struct takt_domain *domain, uint64_t token, char name[TAKT_NAME_BYTES]);

#endif
