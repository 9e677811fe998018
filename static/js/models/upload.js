// One file on its way: from where the server's bytes end to the last, however often the
// line is lost. It tells "changed" with each step.
//
// States: waiting (for its turn), running, retrying (by itself, soon), paused, failed,
// away (its bytes are not in this tab), cancelling, done, gone (not on the server any more).

const LONGEST_PAUSE = 30000; // ms
const FIRST_PAUSE = 500;
const PASSING = new Set([408, 409, 423, 425, 429, 460]);
const GONE = new Set([404, 410]);
const IDLE = new Set(["waiting", "retrying", "paused", "failed", "away"]);
const MISMATCH = 460;
const PATIENCE = 5; // times the same bytes may be refused

export class Upload extends EventTarget {
  state = "waiting";
  offset = 0;
  problem = ""; // what failed: unreadable, mismatch, refused, or other: a wrong file
  reason = ""; // in the server's words
  #parts;
  #run = new AbortController();
  #hashing = null;
  #failures = 0;
  #wake = () => {};

  // `tus` speaks to the server; `file` is null when this tab has none; `pace` knows how
  // much to send at once; `hash(file)` begins to hash it.
  constructor({ tus, file, pace, hash }) {
    super();
    this.#parts = { tus, pace, hash };
    this.pace = pace;
    this.file = file;
    if (!file) this.state = "away";
  }

  get isBusy() {
    return ["waiting", "running", "retrying", "paused"].includes(this.state);
  }

  start() {
    this.#begin("running", (signal) => this.#sendAll(signal));
  }

  pause() {
    this.#stop("paused");
  }

  // Take it off the server; what was sent is lost.
  cancel() {
    this.#begin("cancelling", (signal) => this.#parts.tus.terminate(signal));
  }

  // Only ask how far it came, in another tab or before a reload.
  look() {
    this.#begin("away", async (signal) => this.#moved(await this.#parts.tus.offset(signal)));
  }

  // The same file again, in this tab.
  goOnWith(file) {
    this.file = file;
    this.#forget();
    this.#stop("waiting");
  }

  // That was another file.
  refuse() {
    this.problem = "other";
    this.#set("away");
  }

  // Paused and failed ones wait for their turn like new ones.
  goOn() {
    if (this.state === "failed") this.#forget();
    this.#stop("waiting");
  }

  // Its bytes are there, or not wanted any more. Who asks the server hears that himself.
  over() {
    if (IDLE.has(this.state)) this.#stop("done");
  }

  // The line, the server or the person is back.
  wake() {
    this.#failures = 0;
    this.#wake();
  }

  end() {
    this.#run.abort();
    this.#wake();
    this.#hashing?.end();
  }

  #forget() {
    this.#hashing?.end();
    this.#hashing = null;
    this.problem = "";
  }

  #begin(state, act) {
    this.#stop(state);
    this.#repeat(act, state, this.#run.signal);
  }

  #stop(state) {
    this.#run.abort();
    this.#wake();
    this.#run = new AbortController();
    this.#failures = 0;
    this.#set(state);
  }

  async #repeat(act, state, signal) {
    while (!signal.aborted) {
      try {
        if (this.state === "retrying") this.#set(state);
        await act(signal);
        return this.#finished(state, signal);
      } catch (failure) {
        if (signal.aborted) return;
        if (!this.#isPassing(failure)) return this.#fail(failure);
        await this.#rest(failure, state);
      }
    }
  }

  #finished(state, signal) {
    if (signal.aborted) return;
    const ends = { running: "done", cancelling: "gone" };
    this.#set(ends[state] ?? state);
  }

  // What is hashed while the piece before is still on the line costs no time.
  async #sendAll(signal) {
    this.#moved(await this.#parts.tus.offset(signal));
    let next = this.#prepare();
    while (this.offset < this.file.size) {
      const { start, end, digests } = next;
      const known = await digests;
      signal.throwIfAborted();
      next = end < this.file.size ? this.#prepare(end) : null;
      await this.#append(start, end, known, signal);
      if (this.offset !== end) next = this.#prepare();
    }
  }

  #prepare(start = this.offset) {
    this.#hashing ??= this.#parts.hash(this.file);
    const end = Math.min(this.file.size, start + this.pace.bytes);
    const digests = this.#hashing.digests(start, end);
    digests.catch(() => {}); // it is waited for later, or not any more
    return { start, end, digests };
  }

  async #append(start, end, digests, signal) {
    const before = performance.now();
    try {
      this.#moved(await this.#parts.tus.append(start, this.file.slice(start, end), digests, signal));
    } catch (failure) {
      const isLast = failure.status === MISMATCH && digests.whole;
      failure.isWhole = isLast && (await this.#beganAgain(start, signal));
      throw failure;
    }
    this.#failures = 0;
    this.pace.took(end - start, performance.now() - before);
  }

  // A piece that was damaged on its way is only not added; of a whole nothing is kept.
  async #beganAgain(start, signal) {
    return (await this.#parts.tus.offset(signal)) < start;
  }

  #moved(offset) {
    this.offset = offset;
    this.#tell();
  }

  // Whatever is no answer of the server, the next try may get one.
  #isPassing(failure) {
    if (failure.isWhole || failure.name === "Unreadable") return false;
    if (failure.status === MISMATCH && this.#failures >= PATIENCE) return false;
    return !failure.status || failure.status >= 500 || PASSING.has(failure.status);
  }

  #fail(failure) {
    if (GONE.has(failure.status)) return this.#set("gone");
    if (this.state === "away") return;
    this.problem = failure.isWhole || failure.status === MISMATCH ? "mismatch" : "refused";
    if (!failure.status) this.problem = "unreadable";
    this.#set("failed", this.problem === "refused" ? failure.reason : "");
  }

  // A growing, random pause; somebody who comes back need not wait for its end.
  async #rest(failure, state) {
    const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#failures);
    this.#failures += 1;
    if (state === "running") this.#set("retrying", failure.reason);
    const milliseconds = 1000 * (failure.seconds ?? 0) || most * (0.5 + Math.random() / 2);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  #set(state, reason = "") {
    this.reason = reason ?? "";
    this.state = state;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("changed"));
  }
}
