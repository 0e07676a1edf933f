/* SPDX-License-Identifier: Apache-2.0 */
/* What peer_fastdds.cpp, in C++ as its library, offers to peer_fastdds.c: platform/bench.h is C11. One conversation per process. */
#ifndef TESTS_BENCH_PEERS_FASTDDS_H
#define TESTS_BENCH_PEERS_FASTDDS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opens one side, 0 or 1, and waits for the other. @param depth messages that are under way at most @retval NULL, or why it cannot */
const char *fastdds_open(uint32_t side, uint32_t bytes, uint32_t depth);
void fastdds_close(void);
/* @retval 1 done, 0 failed */
int fastdds_send(const void *message);
int fastdds_receive(void *message);

#ifdef __cplusplus
}
#endif

#endif
