import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { FakeStore, FakeTurn } from "./fakes.js";
import { Delivery } from "../../static/js/models/delivery.js";
import { Outbox } from "../../static/js/models/outbox.js";

let outbox;
let turn;
let sent;
let delivery;

beforeEach(() => {
  outbox = new Outbox("lounge:alice", Promise.resolve(new FakeStore()));
  turn = new FakeTurn();
  sent = [];
  delivery = new Delivery(outbox, turn, (frame) => sent.push(frame.client_id));
});

afterEach(() => {
  delivery.offline();
  outbox.close();
});

function goOnline() {
  delivery.online({ first: true });
  turn.begin();
}

const write = (...ids) => ids.forEach((clientId) => delivery.add({ clientId, body: clientId }));

test("nothing is sent offline, everything in order afterwards", () => {
  write("one", "two", "three");
  assert.deepEqual(sent, []);

  goOnline();
  for (const id of ["one", "two", "three"]) outbox.remove(id);

  assert.deepEqual(sent, ["one", "two", "three"]);
});

test("the second waits until the first is confirmed", () => {
  goOnline();

  write("one", "two");
  assert.deepEqual(sent, ["one"]);

  outbox.remove("one");
  assert.deepEqual(sent, ["one", "two"]);
});

test("the first is sent again after a lost connection", () => {
  goOnline();
  write("one", "two");

  delivery.offline();
  goOnline();

  assert.deepEqual(sent, ["one", "one"]);
});

test("no answer: the same again", (t) => {
  const timers = t.mock.method(globalThis, "setTimeout", () => {}).mock;
  goOnline();
  write("one", "two");
  assert.deepEqual(timers.calls.map((call) => call.arguments[1]), [10_000]);

  timers.calls[0].arguments[0]();

  assert.deepEqual(sent, ["one", "one"]);
});

test("too fast: the same again after the pause, nothing else before", (t) => {
  const timers = t.mock.method(globalThis, "setTimeout", () => {}).mock;
  goOnline();
  write("one", "two");

  delivery.refused({ client_id: "one", reason: "Too fast", retry_after: 3 });
  assert.deepEqual([sent, timers.calls.at(-1).arguments[1]], [["one"], 3000]);

  timers.calls.at(-1).arguments[0]();
  assert.deepEqual(sent, ["one", "one"]);
});

test("a refused message is kept as failed and the next is sent", () => {
  goOnline();
  write("one", "two");

  delivery.refused({ client_id: "one", reason: "Too rude" });

  assert.deepEqual(sent, ["one", "two"]);
  assert.equal(outbox.has("one"), true);
});

test("retry sends the same message again", () => {
  goOnline();
  write("one");
  delivery.refused({ client_id: "one", reason: "Fault" });

  delivery.retry("one");

  assert.deepEqual(sent, ["one", "one"]);
});

test("a tab without the turn sends nothing, and goes first when somebody writes in it", () => {
  delivery.online({ first: false });

  write("one");
  assert.deepEqual([sent, turn.asked], [[], ["in line", "first"]]);

  turn.begin();
  assert.deepEqual(sent, ["one"]);
});

test("offline the turn is given to others", () => {
  goOnline();

  delivery.offline();

  assert.equal(turn.isMine, false);
});

test("the end of the room keeps what waits, as failed", () => {
  write("one", "two");

  delivery.end();

  assert.deepEqual([outbox.waiting, outbox.has("one"), outbox.has("two")], [[], true, true]);
});

test("names and sizes of files go along, again after a reload", async () => {
  const frames = [];
  const store = new FakeStore();
  const before = new Outbox("lounge:alice", Promise.resolve(store));
  before.add({ clientId: "one", body: "", files: [{ name: "a.txt", size: 3, secret: 1 }] });
  await new Promise((resolve) => setTimeout(resolve, 20));
  before.close();
  const after = new Outbox("lounge:alice", Promise.resolve(store));
  const again = new Delivery(after, turn, (frame) => frames.push(frame));
  await after.load();

  again.online({ first: true });
  turn.begin();

  const files = [{ name: "a.txt", size: 3 }];
  assert.deepEqual(frames, [{ type: "post", client_id: "one", body: "", files }]);
  again.offline();
  after.close();
});
