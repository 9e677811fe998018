import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace } from "../../static/js/lib/pace.js";

const KIB = 1024;

test("parts are about what goes in a second, between the least and the most", () => {
  const pace = new Pace(1024 * KIB);
  assert.equal(pace.bytes, 256 * KIB);

  pace.took(200 * KIB, 1000);
  assert.equal(pace.bytes, 200 * KIB);

  for (let n = 0; n < 20; n += 1) pace.took(1024 * KIB, 10);
  assert.equal(pace.bytes, 1024 * KIB);

  for (let n = 0; n < 40; n += 1) pace.took(KIB, 1000);
  assert.equal(pace.bytes, 64 * KIB);
});

test("a server that takes little is given little from the start", () => {
  assert.equal(new Pace(64 * KIB).bytes, 64 * KIB);
});

test("how long the rest takes follows the speed, and is unknown at first", () => {
  const pace = new Pace(1024 * KIB);
  assert.equal(pace.seconds(KIB), null);

  pace.took(100 * KIB, 1000);

  assert.equal(pace.seconds(300 * KIB), 3);
});
