import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { FakeStore, pause } from "./fakes.js";
import { Outbox } from "../../static/js/models/outbox.js";

let store;
let open;

beforeEach(() => {
  store = new FakeStore();
  open = [];
});

afterEach(() => open.forEach((outbox) => outbox.close()));

function makeOutbox({ name = "lounge:alice", opening = Promise.resolve(store) } = {}) {
  const outbox = new Outbox(name, opening);
  open.push(outbox);
  return outbox;
}

const bodies = (outbox) => outbox.waiting.map((draft) => draft.body);

function write(outbox, ...texts) {
  for (const body of texts) outbox.add({ clientId: `id of ${body}`, body });
}

test("what was written waits in order, at once", () => {
  const outbox = makeOutbox();

  write(outbox, "one", "two", "three");

  assert.deepEqual(bodies(outbox), ["one", "two", "three"]);
  assert.equal(outbox.next.body, "one");
});

test("a reload keeps order and failures, and tells them", async () => {
  const before = makeOutbox();
  write(before, "one", "two", "three");
  before.fail("id of two", "Too rude");
  await pause();
  before.close();
  const after = makeOutbox();
  const told = [];
  after.addEventListener("changed", ({ detail }) => told.push([detail.body, detail.state, detail.reason]));

  await after.load();

  assert.deepEqual(told, [["one", "waiting", ""], ["two", "failed", "Too rude"], ["three", "waiting", ""]]);
  assert.deepEqual(bodies(after), ["one", "three"]);
});

test("another room or person has another outbox", async () => {
  write(makeOutbox(), "one");
  await pause();
  const other = makeOutbox({ name: "lounge:bob" });

  await other.load();

  assert.deepEqual(bodies(other), []);
});

test("a clock that is set back changes no order", (t) => {
  const outbox = makeOutbox();
  const clock = t.mock.method(Date, "now", () => 2000);
  write(outbox, "one");

  clock.mock.mockImplementation(() => 1000);
  write(outbox, "two");

  assert.deepEqual(bodies(outbox), ["one", "two"]);
});

test("a failed message is passed over until it is tried again, in its old place", () => {
  const outbox = makeOutbox();
  write(outbox, "one", "two");

  outbox.fail("id of one", "");
  assert.equal(outbox.next.body, "two");

  outbox.retry("id of one");
  assert.equal(outbox.next.body, "one");
});

test("what is removed is gone from the store too", async () => {
  const outbox = makeOutbox();
  write(outbox, "one", "two");

  outbox.remove("id of one");
  await pause();

  assert.deepEqual(bodies(outbox), ["two"]);
  assert.deepEqual([...store.records.keys()], ["id of two"]);
});

test("the other tab sees what is written, fails and is confirmed", async () => {
  const [here, there] = [makeOutbox(), makeOutbox()];
  const told = [];
  there.addEventListener("changed", ({ detail }) => told.push([detail.body, detail.state]));
  there.addEventListener("removed", ({ detail }) => told.push(["removed", detail.clientId]));

  write(here, "one", "two");
  here.fail("id of one", "no");
  here.remove("id of two");
  await pause();

  assert.deepEqual(told, [["one", "waiting"], ["two", "waiting"], ["one", "failed"], ["removed", "id of two"]]);
  assert.equal(there.has("id of one"), true);
  assert.equal(there.next, undefined);
});

for (const [name, opening] of [
  ["refuses to open", () => Promise.reject(new Error("blocked"))],
  ["refuses to write", () => Promise.resolve({ allWith: async () => [], put: async () => { throw new Error("full"); } })],
]) {
  test(`a store that ${name} leaves the memory`, async () => {
    const outbox = makeOutbox({ opening: opening() });
    await outbox.load();

    write(outbox, "one", "two");
    await pause();

    assert.deepEqual(bodies(outbox), ["one", "two"]);
  });
}

test("a store that never answers is not waited for", async (t) => {
  t.mock.timers.enable();
  const outbox = makeOutbox({ opening: new Promise(() => {}) });
  write(outbox, "one");

  const loading = outbox.load();
  t.mock.timers.tick(2000);
  await loading;

  assert.deepEqual(bodies(outbox), ["one"]);
});
