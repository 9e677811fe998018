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

export const pause = (milliseconds = 20) => new Promise((resolve) => setTimeout(resolve, milliseconds));
