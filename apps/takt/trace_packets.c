/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_packets.h"

#include <string.h>

/* Source: CTF 1.8.3 and the metadata that LTTng 2.13 writes. All of it begins at multiples of its own size, so that it is the same on
 * every architecture: magic 0, uuid 4, stream 20, instance 24; begin 32, end 40, content in bits 48, packet in bits 56. */
#define MAGIC		  0xc1fc1fc1u
#define HEADER_BYTES	  64u
#define IDENTITY_BYTES	  32u
#define STREAM_OFFSET	  20u
#define INSTANCE_OFFSET	  24u
#define BEGIN_OFFSET	  32u
#define END_OFFSET	  40u
#define CONTENT_OFFSET	  48u
#define PACKET_OFFSET	  56u
#define PAGE_BYTES	  4096u /* packets begin at multiples of it */
#define LOOKED_AT	  3u	/* packets that are asked what all of the file have */
#define COPY_BYTES	  65536u
#define INDEX_MAGIC	  0xc1f1dcc1u
#define INDEX_HEAD_BYTES  16u
#define INDEX_ENTRY_BYTES 56u /* at least */

static uint64_t number_at(const unsigned char *bytes, uint32_t count, uint32_t is_swapped)
{
	uint64_t number = 0;
	for (uint32_t i = 0; i < count; i++)
		number = number << 8 | bytes[is_swapped ? i : count - 1 - i];
	return number;
}

static int read_at(struct trace_packets *packets, uint64_t offset, unsigned char *bytes, size_t count)
{
	if (offset + count > packets->bytes || fseek(packets->file, (long)offset, SEEK_SET) != 0)
		return 0;
	return fread(bytes, 1, count, packets->file) == count;
}

/* @retval 1 a packet header stands there that can be true */
static int read_header(struct trace_packets *packets, uint64_t offset, struct trace_packet *packet)
{
	unsigned char header[HEADER_BYTES];
	if (!read_at(packets, offset, header, sizeof(header)))
		return 0;
	if (packets->has_identity && memcmp(header, packets->identity, IDENTITY_BYTES) != 0)
		return 0;
	uint32_t is_swapped = packets->is_swapped;
	uint64_t content_bits = number_at(header + CONTENT_OFFSET, 8, is_swapped);
	uint64_t packet_bits = number_at(header + PACKET_OFFSET, 8, is_swapped);
	*packet = (struct trace_packet){
		.offset = offset,
		.bytes = packet_bits / 8,
		.content_bits = content_bits,
		.begin_ns = number_at(header + BEGIN_OFFSET, 8, is_swapped),
		.end_ns = number_at(header + END_OFFSET, 8, is_swapped),
		.instance = number_at(header + INSTANCE_OFFSET, 8, is_swapped),
		.stream = (uint32_t)number_at(header + STREAM_OFFSET, 4, is_swapped),
	};
	return packet_bits % 8 == 0 && packet->bytes >= HEADER_BYTES && content_bits <= packet_bits &&
	       content_bits >= UINT64_C(8) * HEADER_BYTES && packet->bytes <= packets->bytes - offset &&
	       packet->begin_ns <= packet->end_ns;
}

/* The 32 bytes that all packets begin with: what two of the first few agree on, or the only one has. */
static void find_identity(struct trace_packets *packets)
{
	unsigned char seen[LOOKED_AT][IDENTITY_BYTES];
	uint32_t count = 0;
	for (uint64_t at = 0; at < packets->bytes && count < LOOKED_AT; at += PAGE_BYTES) {
		if (!read_at(packets, at, seen[count], IDENTITY_BYTES))
			break;
		packets->is_swapped = number_at(seen[count], 4, 0) != MAGIC;
		if (number_at(seen[count], 4, packets->is_swapped) == MAGIC)
			count++;
	}
	if (count == 0)
		return;
	uint32_t chosen = 0;
	if (count == LOOKED_AT && memcmp(seen[0], seen[1], IDENTITY_BYTES) != 0 &&
	    memcmp(seen[0], seen[2], IDENTITY_BYTES) != 0)
		chosen = 1;
	memcpy(packets->identity, seen[chosen], IDENTITY_BYTES);
	packets->is_swapped = number_at(seen[chosen], 4, 0) != MAGIC;
	packets->has_identity = 1;
}

int trace_packets_open(struct trace_packets *packets, const char *path)
{
	*packets = (struct trace_packets){.file = fopen(path, "rbe")};
	if (packets->file == NULL)
		return 0;
	long bytes = fseek(packets->file, 0, SEEK_END) == 0 ? ftell(packets->file) : -1;
	if (bytes < 0) {
		trace_packets_close(packets);
		return 0;
	}
	packets->bytes = (uint64_t)bytes;
	find_identity(packets);
	return 1;
}

void trace_packets_close(struct trace_packets *packets)
{
	if (packets->file)
		(void)fclose(packets->file);
	packets->file = NULL;
}

/* What follows a packet is another or the end, and it does not begin before. */
static int is_followed(struct trace_packets *packets, const struct trace_packet *packet)
{
	struct trace_packet next;
	uint64_t end = packet->offset + packet->bytes;
	if (end == packets->bytes)
		return 1;
	if (read_header(packets, end, &next))
		return next.begin_ns >= packet->begin_ns;
	/* Where the next is the damaged one, the size may still be true: then this one lies on pages. */
	return packet->bytes % PAGE_BYTES == 0;
}

int trace_packets_next(struct trace_packets *packets, struct trace_packet *packet)
{
	if (!packets->has_identity || packets->offset >= packets->bytes)
		return 0;
	if (read_header(packets, packets->offset, packet) && is_followed(packets, packet)) {
		packets->offset += packet->bytes;
		return 1;
	}
	uint64_t begin = packets->offset;
	struct trace_packet next;
	uint64_t end = (begin / PAGE_BYTES + 1) * PAGE_BYTES;
	while (end < packets->bytes && !(read_header(packets, end, &next) && is_followed(packets, &next)))
		end += PAGE_BYTES;
	packets->offset = end < packets->bytes ? end : packets->bytes;
	*packet = (struct trace_packet){.offset = begin, .bytes = packets->offset - begin, .is_damaged = 1};
	return 1;
}

/* Source: LTTng 2.13, ctf-index.h: all big-endian; magic, version, entry's bytes; an entry is offset, packet in bits, content in bits,
 * begin, end, discarded, stream and more. An index that says what is not so ends the library. @retval 1 the entry is the packet's */
static int is_indexed(FILE *index, uint32_t entry_bytes, uint64_t number, const struct trace_packet *packet)
{
	unsigned char entry[INDEX_ENTRY_BYTES];
	if (fseek(index, (long)(INDEX_HEAD_BYTES + number * entry_bytes), SEEK_SET) != 0 ||
	    fread(entry, 1, sizeof(entry), index) != sizeof(entry))
		return 0;
	return number_at(entry, 8, 1) == packet->offset && number_at(entry + 8, 8, 1) == 8 * packet->bytes &&
	       number_at(entry + 16, 8, 1) == packet->content_bits && number_at(entry + 24, 8, 1) == packet->begin_ns &&
	       number_at(entry + 32, 8, 1) == packet->end_ns && number_at(entry + 48, 8, 1) == packet->stream;
}

/* @retval bytes of an entry; 0: it is no index */
static uint32_t read_index_head(FILE *index)
{
	unsigned char head[INDEX_HEAD_BYTES];
	if (fread(head, 1, sizeof(head), index) != sizeof(head) || number_at(head, 4, 1) != INDEX_MAGIC)
		return 0;
	uint32_t entry_bytes = (uint32_t)number_at(head + 12, 4, 1);
	return entry_bytes >= INDEX_ENTRY_BYTES && entry_bytes <= PAGE_BYTES ? entry_bytes : 0;
}

int trace_packets_look(const char *path, const char *index_path, struct trace_packets_found *found)
{
	struct trace_packets packets;
	struct trace_packet packet;
	*found = (struct trace_packets_found){0};
	if (!trace_packets_open(&packets, path))
		return 0;
	FILE *index = fopen(index_path, "rbe");
	uint32_t entry_bytes = index ? read_index_head(index) : 0;
	found->is_index_false = index && entry_bytes == 0;
	found->is_known = packets.has_identity;
	found->bytes = packets.bytes;
	while (trace_packets_next(&packets, &packet)) {
		if (entry_bytes && !is_indexed(index, entry_bytes, found->packet_count, &packet))
			found->is_index_false = 1;
		found->packet_count += !packet.is_damaged;
		if (!packet.is_damaged)
			continue;
		if (found->damaged_count++ == 0)
			found->damaged_offset = packet.offset;
		found->damaged_bytes += packet.bytes;
	}
	if (entry_bytes && fseek(index, 0, SEEK_END) == 0)
		found->indexed_count = (uint64_t)(ftell(index) - (long)INDEX_HEAD_BYTES) / entry_bytes;
	found->is_index_false |= entry_bytes && found->indexed_count != found->packet_count;
	if (index)
		(void)fclose(index);
	trace_packets_close(&packets);
	return 1;
}

int trace_packets_copy(struct trace_packets *packets, const struct trace_packet *packet, FILE *to)
{
	unsigned char bytes[COPY_BYTES];
	for (uint64_t done = 0; done < packet->bytes;) {
		uint64_t left = packet->bytes - done;
		size_t count = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);
		if (!read_at(packets, packet->offset + done, bytes, count) || fwrite(bytes, 1, count, to) != count)
			return 0;
		done += count;
	}
	return 1;
}
