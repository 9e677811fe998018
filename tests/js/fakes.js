// A store like lib/store.js without a browser, and a turn that is given by hand.

globalThis.CustomEvent ??= class extends Event { // Node 18
  constructor(type, { detail }) {
    super(type);
    this.detail = detail;
  }
};

export class FakeStore {
  records = new Map();

  async allWith(outbox) {
    return [...this.records.values()].filter((record) => record.outbox === outbox);
  }

  async put(record) {
    this.records.set(record.clientId, record);
  }

  async delete(clientId) {
    this.records.delete(clientId);
  }
}

export class FakeTurn extends EventTarget {
  isMine = false;
  asked = [];

  ask({ first }) {
    this.asked.push(first ? "first" : "in line");
  }

  begin() {
    this.isMine = true;
    this.dispatchEvent(new Event("began"));
  }

  leave() {
    this.isMine = false;
  }
}

// Time that passes when a test says so. (Node 18's own mock of timers does not hold.)
export class FakeClock {
  now = 0;
  #timers = new Map();
  #count = 0;

  constructor(mock) {
    const clear = (id) => this.#timers.delete(id);
    mock.method(Date, "now", () => this.now);
    mock.method(globalThis, "setTimeout", (act, after) => this.#add({ act, after }));
    mock.method(globalThis, "setInterval", (act, after) => this.#add({ act, after, repeats: true }));
    mock.method(globalThis, "clearTimeout", clear);
    mock.method(globalThis, "clearInterval", clear);
  }

  pass(milliseconds) {
    const end = this.now + milliseconds;
    for (let due; (due = this.#due(end)); ) this.#ring(...due);
    this.now = end;
  }

  #add(timer) {
    this.#count += 1;
    this.#timers.set(this.#count, { ...timer, at: this.now + timer.after });
    return this.#count;
  }

  #due(end) {
    const due = [...this.#timers].filter(([, { at }]) => at <= end);
    return due.sort(([, one], [, other]) => one.at - other.at)[0];
  }

  #ring(id, timer) {
    this.now = Math.max(this.now, timer.at);
    if (timer.repeats) timer.at += timer.after;
    else this.#timers.delete(id);
    timer.act();
  }
}

export const pause = (milliseconds = 20) => new Promise((resolve) => setTimeout(resolve, milliseconds));
