// SHA-256 (FIPS 180-4) of bytes that come piece by piece. The browser's own digests whole
// messages only, and exists on https and localhost only.

const BLOCK = 64; // bytes

// The first 32 bits of the fractions of the roots of the first primes (4.2.2, 5.3.3).
const PRIMES = Array.from({ length: 312 }, (_, n) => n).filter(isPrime);
const K = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const FIRST = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

export class Sha256 {
  #state = FIRST.slice();
  #words = new Int32Array(BLOCK);
  #rest = new Uint8Array(BLOCK);
  #length = 0; // bytes so far

  update(bytes) {
    const held = this.#length % BLOCK;
    this.#length += bytes.length;
    let at = 0;
    if (held) {
      at = Math.min(BLOCK - held, bytes.length);
      this.#rest.set(bytes.subarray(0, at), held);
      if (held + at < BLOCK) return this;
      this.#blocks(this.#rest, 0);
    }
    at = this.#blocks(bytes, at);
    this.#rest.set(bytes.subarray(at));
    return this;
  }

  // The digest, as 32 bytes; afterwards nothing can be added.
  digest() {
    const held = this.#length % BLOCK;
    const padding = new Uint8Array((held < 56 ? 56 : 120) - held + 8);
    const view = new DataView(padding.buffer);
    padding[0] = 0x80;
    view.setUint32(padding.length - 8, Math.floor(this.#length / 2 ** 29));
    view.setUint32(padding.length - 4, this.#length * 8);
    this.update(padding);
    const digest = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, n) => digest.setInt32(4 * n, word));
    return new Uint8Array(digest.buffer);
  }

  // Takes whole blocks from there on, and returns where they end.
  #blocks(bytes, at) {
    for (; at + BLOCK <= bytes.length; at += BLOCK) {
      this.#schedule(bytes, at);
      this.#compress();
    }
    return at;
  }

  #schedule(bytes, at) {
    const w = this.#words;
    for (let n = 0; n < 16; n += 1, at += 4) {
      w[n] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let n = 16; n < BLOCK; n += 1) {
      const x = w[n - 15];
      const y = w[n - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[n] = (w[n - 16] + s0 + w[n - 7] + s1) | 0;
    }
  }

  #compress() {
    const [w, state] = [this.#words, this.#state];
    let a = state[0], b = state[1], c = state[2], d = state[3];
    let e = state[4], f = state[5], g = state[6], h = state[7];
    for (let n = 0; n < BLOCK; n += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + s1 + ((e & f) ^ (~e & g)) + K[n] + w[n]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d;
    state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  }
}

function isPrime(number) {
  if (number < 2) return false;
  for (let n = 2; n * n <= number; n += 1) if (number % n === 0) return false;
  return true;
}

function fraction(root) {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
}
