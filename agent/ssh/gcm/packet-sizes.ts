/** RFC 4253 section 6: what stands before each packet. */
export const LENGTH_BYTES = 4;
/** RFC 5647 section 7.2: a packet without its length fills whole blocks. */
export const BLOCK_BYTES = 16;
/** RFC 5647 section 7.3: what stands after it. */
export const TAG_BYTES = 16;
/** RFC 4253 section 6.1. */
export const PACKET_BYTES = 35_000;
