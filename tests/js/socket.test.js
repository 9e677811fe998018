import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { FakeClock } from "./fakes.js";
import { SESSION_ENDED, Socket, TOO_MANY_SOCKETS } from "../../static/js/lib/socket.js";

const SECOND = 1000;

// A line that the test opens, speaks through and closes.
class FakeWebSocket extends EventTarget {
  static OPEN = 1;
  readyState = 0;
  sent = [];

  constructor(url) {
    super();
    this.url = String(url);
    sockets.push(this);
  }

  open() {
    this.readyState = FakeWebSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  hear(frame = {}) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
  }

  lose(code = 1006) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  send(text) {
    this.sent.push(text);
  }

  close() {
    this.readyState = 3;
  }
}

let sockets;
let socket;
let told;
let clock;

beforeEach(() => {
  clock = new FakeClock(mock);
  globalThis.WebSocket = FakeWebSocket;
  globalThis.location = { href: "https://chat.test/rooms/r/" };
  [sockets, told] = [[], []];
  socket = new Socket("/rooms/r/socket/");
  for (const type of ["open", "lost", "ended"]) {
    socket.addEventListener(type, ({ detail }) => told.push([type, detail?.code]));
  }
  socket.connect();
});

afterEach(() => {
  socket.end();
  mock.restoreAll();
});

// How long until the next try; more than any pause when there is none.
function pauseBefore() {
  const tries = sockets.length;
  let milliseconds = 0;
  for (; sockets.length === tries && milliseconds < 20 * SECOND; milliseconds += 10) clock.pass(10);
  return milliseconds;
}

function loseAll(times, luck) {
  mock.method(Math, "random", () => luck);
  return Array.from({ length: times }, () => {
    sockets.at(-1).lose();
    return pauseBefore();
  });
}

test("it speaks over TLS where the page came so, and tells of what it hears", () => {
  const frames = [];
  socket.addEventListener("frame", ({ detail }) => frames.push(detail));
  socket.send({ type: "too early" });
  sockets[0].open();
  socket.send({ type: "resume" });
  sockets[0].hear({ type: "resumed" });

  assert.equal(sockets[0].url, "wss://chat.test/rooms/r/socket/");
  assert.deepEqual(sockets[0].sent, ['{"type":"resume"}']);
  assert.deepEqual([told, frames], [[["open", undefined]], [{ type: "resumed" }]]);
});

for (const before of [0, 10, 1990, 2000, 4990, 5000]) {
  test(`silence is noticed within 25 s of the last frame, ${before} ms after the first`, () => {
    sockets[0].open();
    clock.pass(before);
    sockets[0].hear();

    clock.pass(20 * SECOND);
    assert.equal(told.length, 1);
    clock.pass(3 * SECOND);

    assert.deepEqual(told.at(-1), ["lost", 1006]);
    assert.equal(sockets[0].readyState, 3);
  });
}

test("a line that never opens is given up too", () => {
  clock.pass(23 * SECOND);

  assert.deepEqual(told, [["lost", 1006]]);
});

test("what is heard keeps it", () => {
  sockets[0].open();
  for (let n = 0; n < 10; n += 1) {
    clock.pass(15 * SECOND);
    sockets[0].hear();
  }

  assert.equal(sockets.length, 1);
});

test("late news of a line that was given up are nothing", () => {
  sockets[0].open();
  clock.pass(23 * SECOND);
  socket.wake();
  sockets[0].lose();

  assert.deepEqual(told.map(([type]) => type), ["open", "lost"]);
  assert.equal(sockets.length, 2);
});

for (const [luck, pauses] of [
  [0, [100, 100, 100, 100, 100, 100]],
  [0.5, [350, 600, 1100, 2100, 4100, 4100]],
  [1, [600, 1100, 2100, 4100, 8100, 8100]],
]) {
  test(`pauses grow to a bound and are anything below it, with luck ${luck}`, () => {
    assert.deepEqual(loseAll(6, luck), pauses);
  });
}

test("a server that opens, answers once and fails does not bring short pauses back", () => {
  loseAll(5, 1);
  sockets.at(-1).open();
  sockets.at(-1).hear({ type: "refused" });

  assert.deepEqual(loseAll(1, 1), [8100]);
});

test("a connection that lasted does", () => {
  loseAll(5, 1);
  sockets.at(-1).open();
  clock.pass(7 * SECOND);
  sockets.at(-1).hear({ type: "heartbeat" });

  assert.deepEqual(loseAll(2, 1), [600, 1100]);
});

test("who comes back tries at once, and only once", () => {
  loseAll(6, 1);
  sockets.at(-1).lose();
  const tries = sockets.length;

  socket.wake();
  socket.wake();
  assert.equal(sockets.length, tries + 1);
  clock.pass(10 * SECOND);

  assert.equal(sockets.length, tries + 1);
});

test("who comes back after a long sleep finds a dead line at once", () => {
  sockets[0].open();
  clock.now += 60 * SECOND; // timers sleep too
  socket.wake();

  assert.deepEqual(told.at(-1), ["lost", 1006]);
});

for (const code of [SESSION_ENDED, 4403, 4404, TOO_MANY_SOCKETS]) {
  test(`${code} ends it`, () => {
    sockets[0].open();
    sockets[0].lose(code);
    socket.wake();

    assert.deepEqual(told, [["open", undefined], ["ended", code]]);
    assert.equal(pauseBefore() >= 20 * SECOND, true);
  });
}

for (const code of [1006, 1009, 1012, 4000, 4400, 4408, 4429, 4503]) {
  test(`after ${code} it comes back`, () => {
    sockets[0].open();
    sockets[0].lose(code);

    assert.deepEqual(told.at(-1), ["lost", code]);
    assert.equal(pauseBefore() <= 600, true);
  });
}
