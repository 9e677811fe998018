// Reads and hashes one file beside the page. Asked for a piece, it answers with the
// SHA-256 of the piece, and with that of the whole file when the piece is its last.

import { Sha256 } from "../lib/sha256.js";

const STEP = 1024 * 1024; // bytes read at once

let file = null;
let whole = new Sha256();
let hashedTo = 0; // of the whole file
let wholeDigest = null;
let work = Promise.resolve(); // one piece after the other

self.addEventListener("message", ({ data }) => {
  work = work.then(() => (data.file ? begin(data.file) : answer(data)));
});

function begin(fresh) {
  file = fresh;
  whole = new Sha256();
  hashedTo = 0;
  wholeDigest = null;
}

async function answer({ id, start, end }) {
  try {
    await catchUp(start);
    const bytes = await read(start, end);
    if (hashedTo === start) advance(bytes);
    const isLast = end === file.size;
    if (isLast) await catchUp(end);
    if (isLast) wholeDigest ??= base64(whole.digest());
    postMessage({ id, piece: base64(await digest(bytes)), whole: isLast ? wholeDigest : null });
  } catch {
    postMessage({ id, isUnreadable: true });
  }
}

// What was sent before a reload is only hashed.
async function catchUp(start) {
  while (hashedTo < start) advance(await read(hashedTo, Math.min(start, hashedTo + STEP)));
}

function advance(bytes) {
  whole.update(bytes);
  hashedTo += bytes.length;
}

async function read(start, end) {
  return new Uint8Array(await file.slice(start, end).arrayBuffer());
}

async function digest(bytes) {
  if (!globalThis.crypto?.subtle) return new Sha256().update(bytes).digest();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}
