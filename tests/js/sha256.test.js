import assert from "node:assert/strict";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { test } from "node:test";

import { Sha256 } from "../../static/js/lib/sha256.js";

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const ours = (bytes) => hex(new Sha256().update(bytes).digest());
const theirs = (bytes) => createHash("sha256").update(bytes).digest("hex");

// NIST, Cryptographic Standards and Guidelines: SHA-256 examples; CAVP short messages.
const VECTORS = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
  [
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
    "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
  ],
];

for (const [text, digest] of VECTORS) {
  test(`the standard's example of ${text.length} letters`, () => {
    assert.equal(ours(Buffer.from(text)), digest);
  });
}

test("the standard's million letters", () => {
  const million = Buffer.alloc(1_000_000, "a");

  assert.equal(ours(million), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
});

test("every length around the blocks agrees with another program", () => {
  for (let length = 0; length <= 260; length += 1) {
    const bytes = randomBytes(length);
    assert.equal(ours(bytes), theirs(bytes), `${length} bytes`);
  }
});

test("bytes in pieces of any size give the same digest", () => {
  for (let round = 0; round < 50; round += 1) {
    const bytes = randomBytes(randomInt(1, 5000));
    const digest = new Sha256();
    for (let at = 0; at < bytes.length;) {
      const end = at + randomInt(0, 200);
      digest.update(bytes.subarray(at, end));
      at = end;
    }
    assert.equal(hex(digest.digest()), theirs(bytes));
  }
});
