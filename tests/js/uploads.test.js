import assert from "node:assert/strict";
import { File } from "node:buffer";
import { afterEach, beforeEach, test } from "node:test";

import { pause } from "./fakes.js";
import { Uploads } from "../../static/js/models/uploads.js";

let uploads;
let states; // by attachment id
let answers; // of the server, by attachment id
let drafts; // client ids of messages that are not posted
const { fetch } = globalThis;

// Hashes for ever: what has its turn stays running.
globalThis.Worker = class extends EventTarget {
  postMessage() {}
  terminate() {}
};

beforeEach(() => {
  states = {};
  answers = {};
  drafts = ["one"];
  globalThis.fetch = async (path) => {
    const status = answers[path.split("/").at(-2)] ?? 200;
    if (status === "lost") throw new TypeError("no line");
    return new Response(status === 204 ? null : "{}", { status, headers: { "Upload-Offset": "2" } });
  };
  const isDraft = (clientId) => drafts.includes(clientId);
  const options = { path: "/uploads/", chunkBytes: 1024, hashingPath: "", token: () => "" };
  uploads = new Uploads({ ...options, isDraft });
  uploads.addEventListener("changed", ({ detail }) => {
    states[detail.attachmentId] = detail.problem || detail.state;
  });
});

afterEach(() => {
  uploads.end();
  globalThis.fetch = fetch;
});

const make = (name, size = 10) => new File(["x".repeat(size)], name);
const card = (place, name = `${place}.txt`) => ({ attachmentId: `a${place}`, clientId: "one", place, name, size: 10 });

test("three go at once, the others wait for their turn", async () => {
  uploads.keep("one", [0, 1, 2, 3, 4].map((place) => make(`${place}.txt`)));
  for (let place = 0; place < 5; place += 1) uploads.take(card(place));
  await pause();

  assert.deepEqual(Object.values(states), ["running", "running", "running", "waiting", "waiting"]);
});

test("one that fails or waits for the line gives its turn to the next", async () => {
  Object.assign(answers, { a0: 400, a1: "lost" });
  uploads.keep("one", [0, 1, 2, 3, 4].map((place) => make(`${place}.txt`)));
  for (let place = 0; place < 5; place += 1) uploads.take(card(place));
  await pause();

  assert.deepEqual(Object.values(states), ["refused", "retrying", "running", "running", "running"]);
});

test("each card gets the file of its place, once", async () => {
  uploads.keep("one", [make("0.txt"), make("1.txt")]);
  uploads.take(card(1));
  uploads.take(card(1));
  await pause();
  assert.deepEqual(states, { a1: "running" });
  assert.equal(uploads.isBusy, true);

  uploads.ask({ attachmentId: "a1", wish: "cancel" });
  uploads.drop("one");
  await pause();

  assert.deepEqual([states, uploads.isBusy], [{ a1: "gone" }, false]);
});

test("a draft that was discarded elsewhere keeps nobody here", async () => {
  uploads.keep("one", [make("0.txt")]);
  assert.equal(uploads.isBusy, true);

  drafts = [];
  assert.equal(uploads.isBusy, false);
  uploads.take(card(0)); // or posted from there
  await pause();

  assert.deepEqual([states, uploads.isBusy], [{ a0: "running" }, true]);
});

test("what the message says to be over is not waited for", async () => {
  uploads.keep("one", [0, 1, 2].map((place) => make(`${place}.txt`)));
  for (const place of [0, 1, 2]) uploads.take(card(place));
  await pause();
  for (const attachmentId of ["a0", "a1"]) uploads.ask({ attachmentId, wish: "pause" });
  assert.deepEqual(states, { a0: "paused", a1: "paused", a2: "running" });

  uploads.keepOnly({ clientId: "another", uploading: [] });
  uploads.keepOnly({ clientId: "one", uploading: ["a0"] });
  assert.deepEqual(states, { a0: "paused", a1: "done", a2: "running" });
  uploads.keepOnly({ clientId: "one", uploading: [] });

  assert.deepEqual(states, { a0: "done", a1: "done", a2: "running" });
});

test("a card whose file is elsewhere is only looked at", async () => {
  uploads.take(card(0));
  await pause();

  assert.deepEqual([states, uploads.isBusy], [{ a0: "away" }, false]);
});

for (const [name, size] of [["other.txt", 10], ["0.txt", 9]]) {
  test(`it does not go on with ${name} of ${size} bytes`, async () => {
    uploads.take(card(0));
    uploads.ask({ attachmentId: "a0", wish: "continue", file: make(name, size) });
    await pause();

    assert.deepEqual(states, { a0: "other" });
  });
}

test("it goes on with the same file, however its letters are composed", async () => {
  uploads.take(card(0, "caf\u00e9.txt"));
  uploads.ask({ attachmentId: "a0", wish: "continue", file: make("cafe\u0301.txt") });
  await pause();

  assert.deepEqual(states, { a0: "running" });
});
