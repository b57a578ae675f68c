// Checksums as S3 writes them, of bytes that a test holds whole.
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

const POLYNOMIAL = 0x9a6c9329ac4bc9b5n
/** High and low halves: 64-bit integers would take minutes for a few parts. */
const TABLE = Uint32Array.from({ length: 512 }, (_, at) => {
  let value = BigInt(at >> 1)
  for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n
  return Number(at & 1 ? value & 0xffffffffn : value >> 32n)
})

/** CRC-64/NVME, reflected; check value of "123456789" is ae8b14860a799888. */
export function crc64nvme(bytes: Uint8Array): Buffer {
  let [high, low] = [0xffffffff, 0xffffffff]
  for (const byte of bytes) {
    const at = ((low ^ byte) & 255) * 2
    low = (TABLE[at + 1] ?? 0) ^ ((low >>> 8) | (high << 24))
    high = (TABLE[at] ?? 0) ^ (high >>> 8)
  }
  const out = Buffer.alloc(8)
  out.writeUInt32BE(~high >>> 0, 0)
  out.writeUInt32BE(~low >>> 0, 4)
  return out
}

export function sumOf(algorithm: string, bytes: Uint8Array): string {
  if (algorithm === 'crc64nvme') return crc64nvme(bytes).toString('base64')
  if (algorithm !== 'crc32') return createHash(algorithm).update(bytes).digest('base64')
  const out = Buffer.alloc(4)
  out.writeUInt32BE(crc32(bytes))
  return out.toString('base64')
}
