import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";

import { pause } from "./fakes.js";
import { Pace } from "../../static/js/lib/pace.js";
import { Tus } from "../../static/js/models/tus.js";
import { Upload } from "../../static/js/models/upload.js";

const KIB = 1024;
const digest = (bytes) => createHash("sha256").update(bytes).digest("base64");

// A server that speaks tus 1.0, and fails as it is told to.
class FakeServer {
  bytes = Buffer.alloc(0);
  faults = []; // of the next requests: a status, "damaged", or "lost" before or "late" after it
  heard = [];

  constructor(size) {
    this.size = size;
  }

  async fetch(path, { method, headers, body, signal }) {
    this.heard.push(method === "PATCH" ? `PATCH ${headers["Upload-Offset"]}` : method);
    const fault = this.faults.shift();
    signal?.throwIfAborted();
    if (fault === "lost") throw new TypeError("no line");
    if (typeof fault === "number") return answer(fault, {}, { code: "told", reason: "As told." });
    const sent = body && fault === "damaged" ? new Blob([Buffer.alloc(body.size)]) : body;
    const done = await this.#do(method, headers, sent);
    if (fault === "late") throw new TypeError("no line");
    return done;
  }

  async #do(method, headers, body) {
    if (method === "HEAD") return answer(200, { "Upload-Offset": this.bytes.length });
    if (method === "DELETE") return answer(204);
    if (Number(headers["Upload-Offset"]) !== this.bytes.length) return answer(409);
    const piece = Buffer.from(await body.arrayBuffer());
    if (headers["Upload-Checksum"] !== `sha256 ${digest(piece)}`) return answer(460);
    this.bytes = Buffer.concat([this.bytes, piece]);
    const whole = headers["Upload-File-Checksum"];
    if (whole && whole !== `sha256 ${digest(this.bytes)}`) {
      this.bytes = Buffer.alloc(0);
      return answer(460);
    }
    return answer(204, { "Upload-Offset": this.bytes.length });
  }
}

function answer(status, headers = {}, body) {
  const text = status === 204 ? null : JSON.stringify(body ?? {});
  return new Response(text, { status, headers });
}

class FakeHashing {
  constructor(file) {
    this.file = file;
  }

  async digests(start, end) {
    const bytes = Buffer.from(await this.file.arrayBuffer());
    const whole = end === bytes.length ? digest(bytes) : null;
    return { piece: digest(bytes.subarray(start, end)), whole };
  }

  end() {}
}

let file;
let server;
let uploads;
const original = globalThis.fetch;

beforeEach(() => {
  file = new Blob([Buffer.alloc(300 * KIB, "abc")]);
  server = new FakeServer(file.size);
  uploads = [];
  globalThis.fetch = (path, options) => server.fetch(path, options);
});

afterEach(() => {
  globalThis.fetch = original;
  uploads.forEach((upload) => upload.end());
});

function makeUpload({ chosen = file, hash = (one) => new FakeHashing(one) } = {}) {
  const tus = new Tus("/rooms/r/uploads/a/", () => "token");
  const upload = new Upload({ tus, file: chosen, pace: new Pace(100 * KIB), hash });
  uploads.push(upload);
  return upload;
}

async function until(upload, ...states) {
  for (let n = 0; n < 400 && !states.includes(upload.state); n += 1) await pause(10);
  assert.ok(states.includes(upload.state), upload.state);
}

const arrived = async () => assert.deepEqual(server.bytes, Buffer.from(await file.arrayBuffer()));

test("a file goes in parts, one after the other", async () => {
  const upload = makeUpload();
  upload.start();
  await until(upload, "done");

  assert.deepEqual(server.heard, ["HEAD", "PATCH 0", "PATCH 102400", "PATCH 204800"]);
  await arrived();
});

test("it goes on from what the server has", async () => {
  server.bytes = Buffer.from(await file.slice(0, 250 * KIB).arrayBuffer());
  const upload = makeUpload();
  upload.start();
  await until(upload, "done");

  assert.deepEqual(server.heard, ["HEAD", `PATCH ${250 * KIB}`]);
  await arrived();
});

for (const fault of ["lost", "late", 409, 423, 429, 460, 502, 503]) {
  test(`after ${fault} it asks where the server is and goes on`, async () => {
    server.faults = [undefined, undefined, fault];
    const upload = makeUpload();
    upload.start();
    await until(upload, "retrying");
    upload.wake();
    await until(upload, "done");

    const next = fault === "late" ? "PATCH 204800" : "PATCH 102400";
    assert.deepEqual(server.heard.slice(0, 5), ["HEAD", "PATCH 0", "PATCH 102400", "HEAD", next]);
    await arrived();
  });
}

test("when the last answer was lost, nothing is sent again", async () => {
  server.faults = [undefined, undefined, undefined, "late"];
  const upload = makeUpload();
  upload.start();
  await until(upload, "retrying");
  upload.wake();
  await until(upload, "done");

  assert.deepEqual(server.heard.slice(3), ["PATCH 204800", "HEAD"]);
});

test("a damaged last piece is sent again", async () => {
  server.faults = [undefined, undefined, undefined, "damaged"];
  const upload = makeUpload();
  upload.start();
  await until(upload, "retrying", "failed");
  upload.wake();
  await until(upload, "done", "failed");

  assert.equal(upload.state, "done");
  assert.deepEqual(server.heard.slice(3), ["PATCH 204800", "HEAD", "HEAD", "PATCH 204800"]);
  await arrived();
});

test("what is damaged each time is a mismatch in the end, also in one piece", async (t) => {
  file = new Blob([Buffer.alloc(10 * KIB, "abc")]);
  server.faults = Array(99).fill("damaged");
  const timers = t.mock.method(globalThis, "setTimeout", (act) => queueMicrotask(act));
  const upload = makeUpload();
  upload.start();
  while (upload.state !== "failed") await new Promise(setImmediate);
  timers.mock.restore();

  assert.equal(upload.problem, "mismatch");
  assert.equal(server.heard.filter((one) => one === "PATCH 0").length, 6);
});

test("pauses grow, are never equal for all, and end when somebody is back", async (t) => {
  server.faults = Array(6).fill("lost");
  const pauses = [];
  const timers = t.mock.method(globalThis, "setTimeout", (act, milliseconds) => {
    pauses.push(milliseconds);
    queueMicrotask(act);
  });
  const upload = makeUpload();
  upload.start();
  while (pauses.length < 6) await new Promise(setImmediate);
  timers.mock.restore();
  await until(upload, "done");

  pauses.forEach((milliseconds, n) => {
    assert.ok(milliseconds >= 250 * 2 ** n && milliseconds <= 500 * 2 ** n, String(pauses));
  });
});

for (const status of [400, 413, 415, 403]) {
  test(`a refusal (${status}) is told in the server's words and can be tried again`, async () => {
    server.faults = [undefined, status];
    const upload = makeUpload();
    upload.start();
    await until(upload, "failed");
    assert.deepEqual([upload.problem, upload.reason], ["refused", "As told."]);

    upload.goOn();
    upload.start();
    await until(upload, "done");
    await arrived();
  });
}

test("what is not there any more is given up", async () => {
  server.faults = [404];
  const upload = makeUpload();
  upload.start();

  await until(upload, "gone");
});

test("other bytes than before are found out at the end, and sent anew", async () => {
  server.bytes = Buffer.alloc(100 * KIB, "x");
  const upload = makeUpload();
  upload.start();
  await until(upload, "failed");
  assert.equal(upload.problem, "mismatch");

  upload.goOn();
  upload.start();
  await until(upload, "done");
  await arrived();
});

test("a file that cannot be read any more is told", async () => {
  const unreadable = Object.assign(new Error(), { name: "Unreadable" });
  const hash = () => ({ digests: () => Promise.reject(unreadable), end() {} });
  const upload = makeUpload({ hash });
  upload.start();
  await until(upload, "failed");

  assert.equal(upload.problem, "unreadable");
});

test("paused it sends nothing; resumed it goes on", async () => {
  const upload = makeUpload();
  upload.addEventListener("changed", () => {
    if (upload.state === "running" && upload.offset === 100 * KIB) upload.pause();
  });
  upload.start();
  await until(upload, "paused");
  await pause(50);
  assert.deepEqual(server.heard, ["HEAD", "PATCH 0"]);

  upload.goOn();
  assert.equal(upload.state, "waiting");
});

test("cancelled it is taken off the server, also when the line comes back later", async () => {
  server.faults = ["lost"];
  const upload = makeUpload({ chosen: null });
  upload.cancel();
  await pause(10);
  upload.wake();
  await until(upload, "gone");

  assert.deepEqual(server.heard, ["DELETE", "DELETE"]);
});

test("without its file it only tells how far it came, until the file is there", async () => {
  server.bytes = Buffer.from(await file.slice(0, 100 * KIB).arrayBuffer());
  const upload = makeUpload({ chosen: null });
  upload.look();
  while (!upload.offset) await pause(5);
  assert.deepEqual([upload.state, upload.offset, server.heard], ["away", 100 * KIB, ["HEAD"]]);

  upload.goOnWith(file);
  upload.start();
  await until(upload, "done");
  await arrived();
});
