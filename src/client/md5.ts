// MD5 of bytes (RFC 1321): ETags of parts are MD5s where the storage knows no checksums; no defence against forgery.
import type { Sum } from './crc64.ts'

/** Whole blocks of 16 words: four rounds of sixteen steps each (RFC 1321 §3.4), written out: calls cost half of the speed. */
function mix(state: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = state
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
    const [a0, b0, c0, d0] = [a, b, c, d]
    // Round 1.
    a = (a + (d ^ (b & (c ^ d))) + x0 - 680876936) | 0
    a = (((a << 7) | (a >>> 25)) + b) | 0
    d = (d + (c ^ (a & (b ^ c))) + x1 - 389564586) | 0
    d = (((d << 12) | (d >>> 20)) + a) | 0
    c = (c + (b ^ (d & (a ^ b))) + x2 + 606105819) | 0
    c = (((c << 17) | (c >>> 15)) + d) | 0
    b = (b + (a ^ (c & (d ^ a))) + x3 - 1044525330) | 0
    b = (((b << 22) | (b >>> 10)) + c) | 0
    a = (a + (d ^ (b & (c ^ d))) + x4 - 176418897) | 0
    a = (((a << 7) | (a >>> 25)) + b) | 0
    d = (d + (c ^ (a & (b ^ c))) + x5 + 1200080426) | 0
    d = (((d << 12) | (d >>> 20)) + a) | 0
    c = (c + (b ^ (d & (a ^ b))) + x6 - 1473231341) | 0
    c = (((c << 17) | (c >>> 15)) + d) | 0
    b = (b + (a ^ (c & (d ^ a))) + x7 - 45705983) | 0
    b = (((b << 22) | (b >>> 10)) + c) | 0
    a = (a + (d ^ (b & (c ^ d))) + x8 + 1770035416) | 0
    a = (((a << 7) | (a >>> 25)) + b) | 0
    d = (d + (c ^ (a & (b ^ c))) + x9 - 1958414417) | 0
    d = (((d << 12) | (d >>> 20)) + a) | 0
    c = (c + (b ^ (d & (a ^ b))) + x10 - 42063) | 0
    c = (((c << 17) | (c >>> 15)) + d) | 0
    b = (b + (a ^ (c & (d ^ a))) + x11 - 1990404162) | 0
    b = (((b << 22) | (b >>> 10)) + c) | 0
    a = (a + (d ^ (b & (c ^ d))) + x12 + 1804603682) | 0
    a = (((a << 7) | (a >>> 25)) + b) | 0
    d = (d + (c ^ (a & (b ^ c))) + x13 - 40341101) | 0
    d = (((d << 12) | (d >>> 20)) + a) | 0
    c = (c + (b ^ (d & (a ^ b))) + x14 - 1502002290) | 0
    c = (((c << 17) | (c >>> 15)) + d) | 0
    b = (b + (a ^ (c & (d ^ a))) + x15 + 1236535329) | 0
    b = (((b << 22) | (b >>> 10)) + c) | 0
    // Round 2.
    a = (a + (c ^ (d & (b ^ c))) + x1 - 165796510) | 0
    a = (((a << 5) | (a >>> 27)) + b) | 0
    d = (d + (b ^ (c & (a ^ b))) + x6 - 1069501632) | 0
    d = (((d << 9) | (d >>> 23)) + a) | 0
    c = (c + (a ^ (b & (d ^ a))) + x11 + 643717713) | 0
    c = (((c << 14) | (c >>> 18)) + d) | 0
    b = (b + (d ^ (a & (c ^ d))) + x0 - 373897302) | 0
    b = (((b << 20) | (b >>> 12)) + c) | 0
    a = (a + (c ^ (d & (b ^ c))) + x5 - 701558691) | 0
    a = (((a << 5) | (a >>> 27)) + b) | 0
    d = (d + (b ^ (c & (a ^ b))) + x10 + 38016083) | 0
    d = (((d << 9) | (d >>> 23)) + a) | 0
    c = (c + (a ^ (b & (d ^ a))) + x15 - 660478335) | 0
    c = (((c << 14) | (c >>> 18)) + d) | 0
    b = (b + (d ^ (a & (c ^ d))) + x4 - 405537848) | 0
    b = (((b << 20) | (b >>> 12)) + c) | 0
    a = (a + (c ^ (d & (b ^ c))) + x9 + 568446438) | 0
    a = (((a << 5) | (a >>> 27)) + b) | 0
    d = (d + (b ^ (c & (a ^ b))) + x14 - 1019803690) | 0
    d = (((d << 9) | (d >>> 23)) + a) | 0
    c = (c + (a ^ (b & (d ^ a))) + x3 - 187363961) | 0
    c = (((c << 14) | (c >>> 18)) + d) | 0
    b = (b + (d ^ (a & (c ^ d))) + x8 + 1163531501) | 0
    b = (((b << 20) | (b >>> 12)) + c) | 0
    a = (a + (c ^ (d & (b ^ c))) + x13 - 1444681467) | 0
    a = (((a << 5) | (a >>> 27)) + b) | 0
    d = (d + (b ^ (c & (a ^ b))) + x2 - 51403784) | 0
    d = (((d << 9) | (d >>> 23)) + a) | 0
    c = (c + (a ^ (b & (d ^ a))) + x7 + 1735328473) | 0
    c = (((c << 14) | (c >>> 18)) + d) | 0
    b = (b + (d ^ (a & (c ^ d))) + x12 - 1926607734) | 0
    b = (((b << 20) | (b >>> 12)) + c) | 0
    // Round 3.
    a = (a + (b ^ c ^ d) + x5 - 378558) | 0
    a = (((a << 4) | (a >>> 28)) + b) | 0
    d = (d + (a ^ b ^ c) + x8 - 2022574463) | 0
    d = (((d << 11) | (d >>> 21)) + a) | 0
    c = (c + (d ^ a ^ b) + x11 + 1839030562) | 0
    c = (((c << 16) | (c >>> 16)) + d) | 0
    b = (b + (c ^ d ^ a) + x14 - 35309556) | 0
    b = (((b << 23) | (b >>> 9)) + c) | 0
    a = (a + (b ^ c ^ d) + x1 - 1530992060) | 0
    a = (((a << 4) | (a >>> 28)) + b) | 0
    d = (d + (a ^ b ^ c) + x4 + 1272893353) | 0
    d = (((d << 11) | (d >>> 21)) + a) | 0
    c = (c + (d ^ a ^ b) + x7 - 155497632) | 0
    c = (((c << 16) | (c >>> 16)) + d) | 0
    b = (b + (c ^ d ^ a) + x10 - 1094730640) | 0
    b = (((b << 23) | (b >>> 9)) + c) | 0
    a = (a + (b ^ c ^ d) + x13 + 681279174) | 0
    a = (((a << 4) | (a >>> 28)) + b) | 0
    d = (d + (a ^ b ^ c) + x0 - 358537222) | 0
    d = (((d << 11) | (d >>> 21)) + a) | 0
    c = (c + (d ^ a ^ b) + x3 - 722521979) | 0
    c = (((c << 16) | (c >>> 16)) + d) | 0
    b = (b + (c ^ d ^ a) + x6 + 76029189) | 0
    b = (((b << 23) | (b >>> 9)) + c) | 0
    a = (a + (b ^ c ^ d) + x9 - 640364487) | 0
    a = (((a << 4) | (a >>> 28)) + b) | 0
    d = (d + (a ^ b ^ c) + x12 - 421815835) | 0
    d = (((d << 11) | (d >>> 21)) + a) | 0
    c = (c + (d ^ a ^ b) + x15 + 530742520) | 0
    c = (((c << 16) | (c >>> 16)) + d) | 0
    b = (b + (c ^ d ^ a) + x2 - 995338651) | 0
    b = (((b << 23) | (b >>> 9)) + c) | 0
    // Round 4.
    a = (a + (c ^ (b | ~d)) + x0 - 198630844) | 0
    a = (((a << 6) | (a >>> 26)) + b) | 0
    d = (d + (b ^ (a | ~c)) + x7 + 1126891415) | 0
    d = (((d << 10) | (d >>> 22)) + a) | 0
    c = (c + (a ^ (d | ~b)) + x14 - 1416354905) | 0
    c = (((c << 15) | (c >>> 17)) + d) | 0
    b = (b + (d ^ (c | ~a)) + x5 - 57434055) | 0
    b = (((b << 21) | (b >>> 11)) + c) | 0
    a = (a + (c ^ (b | ~d)) + x12 + 1700485571) | 0
    a = (((a << 6) | (a >>> 26)) + b) | 0
    d = (d + (b ^ (a | ~c)) + x3 - 1894986606) | 0
    d = (((d << 10) | (d >>> 22)) + a) | 0
    c = (c + (a ^ (d | ~b)) + x10 - 1051523) | 0
    c = (((c << 15) | (c >>> 17)) + d) | 0
    b = (b + (d ^ (c | ~a)) + x1 - 2054922799) | 0
    b = (((b << 21) | (b >>> 11)) + c) | 0
    a = (a + (c ^ (b | ~d)) + x8 + 1873313359) | 0
    a = (((a << 6) | (a >>> 26)) + b) | 0
    d = (d + (b ^ (a | ~c)) + x15 - 30611744) | 0
    d = (((d << 10) | (d >>> 22)) + a) | 0
    c = (c + (a ^ (d | ~b)) + x6 - 1560198380) | 0
    c = (((c << 15) | (c >>> 17)) + d) | 0
    b = (b + (d ^ (c | ~a)) + x13 + 1309151649) | 0
    b = (((b << 21) | (b >>> 11)) + c) | 0
    a = (a + (c ^ (b | ~d)) + x4 - 145523070) | 0
    a = (((a << 6) | (a >>> 26)) + b) | 0
    d = (d + (b ^ (a | ~c)) + x11 - 1120210379) | 0
    d = (((d << 10) | (d >>> 22)) + a) | 0
    c = (c + (a ^ (d | ~b)) + x2 + 718787259) | 0
    c = (((c << 15) | (c >>> 17)) + d) | 0
    b = (b + (d ^ (c | ~a)) + x9 - 343485551) | 0
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
      if (filled === 0 && whole > 0 && (bytes.byteOffset + from) % 4 === 0) {
        // As they lie in memory: every machine that runs a browser is little-endian.
        mix(state, new Int32Array(bytes.buffer, bytes.byteOffset + from, whole / 4))
        from += whole
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
