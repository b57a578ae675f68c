// MD5 of bytes (RFC 1321): ETags of parts are MD5s where the storage knows no checksums; no defence against forgery.
import type { Sum } from './crc64.ts'

/** Whole blocks of 16 words: four rounds of sixteen steps each (RFC 1321 §3.4), written out: calls cost half of the speed. What was known first is added first: a step waits for less of the one before. */
function mix(state: Int32Array, words: Int32Array): void {
  // Nothing is destructured: not knowing that these are integers, V8 would take half as long again or twice.
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  for (let at = 0; at < words.length; at += 16) {
    // Every index is within the block.
    const x0 = words[at] as number
    const x1 = words[at + 1] as number
    const x2 = words[at + 2] as number
    const x3 = words[at + 3] as number
    const x4 = words[at + 4] as number
    const x5 = words[at + 5] as number
    const x6 = words[at + 6] as number
    const x7 = words[at + 7] as number
    const x8 = words[at + 8] as number
    const x9 = words[at + 9] as number
    const x10 = words[at + 10] as number
    const x11 = words[at + 11] as number
    const x12 = words[at + 12] as number
    const x13 = words[at + 13] as number
    const x14 = words[at + 14] as number
    const x15 = words[at + 15] as number
    const a0 = a
    const b0 = b
    const c0 = c
    const d0 = d
    // Round 1.
    a = (a + x0 - 680876936 + (d & ~b) + (b & c)) | 0
    a = (((a << 7) | (a >>> 25)) + b) | 0
    d = (d + x1 - 389564586 + (c & ~a) + (a & b)) | 0
    d = (((d << 12) | (d >>> 20)) + a) | 0
    c = (c + x2 + 606105819 + (b & ~d) + (d & a)) | 0
    c = (((c << 17) | (c >>> 15)) + d) | 0
    b = (b + x3 - 1044525330 + (a & ~c) + (c & d)) | 0
    b = (((b << 22) | (b >>> 10)) + c) | 0
    a = (a + x4 - 176418897 + (d & ~b) + (b & c)) | 0
    a = (((a << 7) | (a >>> 25)) + b) | 0
    d = (d + x5 + 1200080426 + (c & ~a) + (a & b)) | 0
    d = (((d << 12) | (d >>> 20)) + a) | 0
    c = (c + x6 - 1473231341 + (b & ~d) + (d & a)) | 0
    c = (((c << 17) | (c >>> 15)) + d) | 0
    b = (b + x7 - 45705983 + (a & ~c) + (c & d)) | 0
    b = (((b << 22) | (b >>> 10)) + c) | 0
    a = (a + x8 + 1770035416 + (d & ~b) + (b & c)) | 0
    a = (((a << 7) | (a >>> 25)) + b) | 0
    d = (d + x9 - 1958414417 + (c & ~a) + (a & b)) | 0
    d = (((d << 12) | (d >>> 20)) + a) | 0
    c = (c + x10 - 42063 + (b & ~d) + (d & a)) | 0
    c = (((c << 17) | (c >>> 15)) + d) | 0
    b = (b + x11 - 1990404162 + (a & ~c) + (c & d)) | 0
    b = (((b << 22) | (b >>> 10)) + c) | 0
    a = (a + x12 + 1804603682 + (d & ~b) + (b & c)) | 0
    a = (((a << 7) | (a >>> 25)) + b) | 0
    d = (d + x13 - 40341101 + (c & ~a) + (a & b)) | 0
    d = (((d << 12) | (d >>> 20)) + a) | 0
    c = (c + x14 - 1502002290 + (b & ~d) + (d & a)) | 0
    c = (((c << 17) | (c >>> 15)) + d) | 0
    b = (b + x15 + 1236535329 + (a & ~c) + (c & d)) | 0
    b = (((b << 22) | (b >>> 10)) + c) | 0
    // Round 2.
    a = (a + x1 - 165796510 + (c & ~d) + (d & b)) | 0
    a = (((a << 5) | (a >>> 27)) + b) | 0
    d = (d + x6 - 1069501632 + (b & ~c) + (c & a)) | 0
    d = (((d << 9) | (d >>> 23)) + a) | 0
    c = (c + x11 + 643717713 + (a & ~b) + (b & d)) | 0
    c = (((c << 14) | (c >>> 18)) + d) | 0
    b = (b + x0 - 373897302 + (d & ~a) + (a & c)) | 0
    b = (((b << 20) | (b >>> 12)) + c) | 0
    a = (a + x5 - 701558691 + (c & ~d) + (d & b)) | 0
    a = (((a << 5) | (a >>> 27)) + b) | 0
    d = (d + x10 + 38016083 + (b & ~c) + (c & a)) | 0
    d = (((d << 9) | (d >>> 23)) + a) | 0
    c = (c + x15 - 660478335 + (a & ~b) + (b & d)) | 0
    c = (((c << 14) | (c >>> 18)) + d) | 0
    b = (b + x4 - 405537848 + (d & ~a) + (a & c)) | 0
    b = (((b << 20) | (b >>> 12)) + c) | 0
    a = (a + x9 + 568446438 + (c & ~d) + (d & b)) | 0
    a = (((a << 5) | (a >>> 27)) + b) | 0
    d = (d + x14 - 1019803690 + (b & ~c) + (c & a)) | 0
    d = (((d << 9) | (d >>> 23)) + a) | 0
    c = (c + x3 - 187363961 + (a & ~b) + (b & d)) | 0
    c = (((c << 14) | (c >>> 18)) + d) | 0
    b = (b + x8 + 1163531501 + (d & ~a) + (a & c)) | 0
    b = (((b << 20) | (b >>> 12)) + c) | 0
    a = (a + x13 - 1444681467 + (c & ~d) + (d & b)) | 0
    a = (((a << 5) | (a >>> 27)) + b) | 0
    d = (d + x2 - 51403784 + (b & ~c) + (c & a)) | 0
    d = (((d << 9) | (d >>> 23)) + a) | 0
    c = (c + x7 + 1735328473 + (a & ~b) + (b & d)) | 0
    c = (((c << 14) | (c >>> 18)) + d) | 0
    b = (b + x12 - 1926607734 + (d & ~a) + (a & c)) | 0
    b = (((b << 20) | (b >>> 12)) + c) | 0
    // Round 3.
    a = (a + x5 - 378558 + (c ^ d ^ b)) | 0
    a = (((a << 4) | (a >>> 28)) + b) | 0
    d = (d + x8 - 2022574463 + (b ^ c ^ a)) | 0
    d = (((d << 11) | (d >>> 21)) + a) | 0
    c = (c + x11 + 1839030562 + (a ^ b ^ d)) | 0
    c = (((c << 16) | (c >>> 16)) + d) | 0
    b = (b + x14 - 35309556 + (d ^ a ^ c)) | 0
    b = (((b << 23) | (b >>> 9)) + c) | 0
    a = (a + x1 - 1530992060 + (c ^ d ^ b)) | 0
    a = (((a << 4) | (a >>> 28)) + b) | 0
    d = (d + x4 + 1272893353 + (b ^ c ^ a)) | 0
    d = (((d << 11) | (d >>> 21)) + a) | 0
    c = (c + x7 - 155497632 + (a ^ b ^ d)) | 0
    c = (((c << 16) | (c >>> 16)) + d) | 0
    b = (b + x10 - 1094730640 + (d ^ a ^ c)) | 0
    b = (((b << 23) | (b >>> 9)) + c) | 0
    a = (a + x13 + 681279174 + (c ^ d ^ b)) | 0
    a = (((a << 4) | (a >>> 28)) + b) | 0
    d = (d + x0 - 358537222 + (b ^ c ^ a)) | 0
    d = (((d << 11) | (d >>> 21)) + a) | 0
    c = (c + x3 - 722521979 + (a ^ b ^ d)) | 0
    c = (((c << 16) | (c >>> 16)) + d) | 0
    b = (b + x6 + 76029189 + (d ^ a ^ c)) | 0
    b = (((b << 23) | (b >>> 9)) + c) | 0
    a = (a + x9 - 640364487 + (c ^ d ^ b)) | 0
    a = (((a << 4) | (a >>> 28)) + b) | 0
    d = (d + x12 - 421815835 + (b ^ c ^ a)) | 0
    d = (((d << 11) | (d >>> 21)) + a) | 0
    c = (c + x15 + 530742520 + (a ^ b ^ d)) | 0
    c = (((c << 16) | (c >>> 16)) + d) | 0
    b = (b + x2 - 995338651 + (d ^ a ^ c)) | 0
    b = (((b << 23) | (b >>> 9)) + c) | 0
    // Round 4.
    a = (a + x0 - 198630844 + (c ^ (b | ~d))) | 0
    a = (((a << 6) | (a >>> 26)) + b) | 0
    d = (d + x7 + 1126891415 + (b ^ (a | ~c))) | 0
    d = (((d << 10) | (d >>> 22)) + a) | 0
    c = (c + x14 - 1416354905 + (a ^ (d | ~b))) | 0
    c = (((c << 15) | (c >>> 17)) + d) | 0
    b = (b + x5 - 57434055 + (d ^ (c | ~a))) | 0
    b = (((b << 21) | (b >>> 11)) + c) | 0
    a = (a + x12 + 1700485571 + (c ^ (b | ~d))) | 0
    a = (((a << 6) | (a >>> 26)) + b) | 0
    d = (d + x3 - 1894986606 + (b ^ (a | ~c))) | 0
    d = (((d << 10) | (d >>> 22)) + a) | 0
    c = (c + x10 - 1051523 + (a ^ (d | ~b))) | 0
    c = (((c << 15) | (c >>> 17)) + d) | 0
    b = (b + x1 - 2054922799 + (d ^ (c | ~a))) | 0
    b = (((b << 21) | (b >>> 11)) + c) | 0
    a = (a + x8 + 1873313359 + (c ^ (b | ~d))) | 0
    a = (((a << 6) | (a >>> 26)) + b) | 0
    d = (d + x15 - 30611744 + (b ^ (a | ~c))) | 0
    d = (((d << 10) | (d >>> 22)) + a) | 0
    c = (c + x6 - 1560198380 + (a ^ (d | ~b))) | 0
    c = (((c << 15) | (c >>> 17)) + d) | 0
    b = (b + x13 + 1309151649 + (d ^ (c | ~a))) | 0
    b = (((b << 21) | (b >>> 11)) + c) | 0
    a = (a + x4 - 145523070 + (c ^ (b | ~d))) | 0
    a = (((a << 6) | (a >>> 26)) + b) | 0
    d = (d + x11 - 1120210379 + (b ^ (a | ~c))) | 0
    d = (((d << 10) | (d >>> 22)) + a) | 0
    c = (c + x2 + 718787259 + (a ^ (d | ~b))) | 0
    c = (((c << 15) | (c >>> 17)) + d) | 0
    b = (b + x9 - 343485551 + (d ^ (c | ~a))) | 0
    b = (((b << 21) | (b >>> 11)) + c) | 0
    a = (a + a0) | 0
    b = (b + b0) | 0
    c = (c + c0) | 0
    d = (d + d0) | 0
  }
  state.set([a, b, c, d])
}

export function createMd5(): Sum {
  const state = Int32Array.of(0x67452301, -0x10325477, -0x67452302, 0x10325476)
  const block = new Uint8Array(64)
  let [length, filled] = [0, 0]
  function add(bytes: Uint8Array): void {
    length += bytes.length
    let from = 0
    while (from < bytes.length) {
      const whole = (bytes.length - from) & ~63
      if (filled === 0 && whole > 0) {
        const blocks = bytes.subarray(from, (from += whole))
        // As they lie in memory, on a word's bound: every machine that runs a browser is little-endian.
        const { buffer, byteOffset } = blocks.byteOffset % 4 === 0 ? blocks : blocks.slice()
        mix(state, new Int32Array(buffer, byteOffset, whole / 4))
        continue
      }
      const take = Math.min(64 - filled, bytes.length - from)
      block.set(bytes.subarray(from, from + take), filled)
      filled = (filled + take) % 64
      from += take
      if (filled === 0) mix(state, new Int32Array(block.buffer))
    }
  }
  return {
    add,
    end() {
      const bits = length * 8
      const zeros = (119 - (length % 64)) % 64
      const tail = new Uint8Array(1 + zeros + 8)
      tail[0] = 128
      const view = new DataView(tail.buffer)
      view.setUint32(zeros + 1, bits % 2 ** 32, true)
      view.setUint32(zeros + 5, Math.floor(bits / 2 ** 32), true)
      add(tail)
      return new Uint8Array(state.buffer)
    },
  }
}
