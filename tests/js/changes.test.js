import assert from "node:assert/strict";
import { test } from "node:test";

import { Changes } from "../../static/js/models/changes.js";

const frame = (first, last) => ({ first, last, events: [`${first}-${last}`] });

test("the next changes are taken and counted", () => {
  const changes = new Changes(4, "epoch");

  assert.deepEqual(changes.take(frame(5, 7)), ["5-7"]);
  assert.equal(changes.change, 7);
});

test("known changes are dropped", () => {
  const changes = new Changes(4, "epoch");

  assert.deepEqual(changes.take(frame(3, 4)), []);
  assert.equal(changes.change, 4);
});

test("changes that begin with known ones are taken", () => {
  assert.deepEqual(new Changes(4, "epoch").take(frame(3, 6)), ["3-6"]);
});

test("a hole is told and changes nothing", () => {
  const changes = new Changes(4, "epoch");

  assert.equal(changes.take(frame(6, 6)), null);
  assert.equal(changes.change, 4);
});
