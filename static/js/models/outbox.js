// What was written and is not confirmed yet, in order. Kept in memory, so that nobody
// waits; in a store, so that it survives the browser; and told to the other tabs of the
// same person in the same room. It tells "changed" and "removed", whichever tab did it.

const PATIENCE = 2000; // ms for a store that does not answer

export class Outbox extends EventTarget {
  #name;
  #drafts = [];
  #opened;
  #tabs = null;

  // `opening` is a promise of a store of drafts by their `outbox`; it may be rejected.
  constructor(name, opening) {
    super();
    this.#name = name;
    this.#opened = opening.catch(() => null);
    if (!globalThis.BroadcastChannel) return;
    this.#tabs = new BroadcastChannel(name);
    this.#tabs.onmessage = ({ data }) => this.#hear(data);
  }

  // Take in what waits from before; never fails.
  async load() {
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, []));
    const reading = this.#opened.then((store) => store?.allWith(this.#name)).catch(() => []);
    const drafts = (await Promise.race([reading, late])) ?? [];
    const unknown = drafts.filter((draft) => !this.has(draft.clientId));
    for (const draft of unknown.sort(byTime)) this.#place(draft);
  }

  close() {
    this.#tabs?.close();
  }

  get next() {
    return this.#drafts.find((draft) => draft.state === "waiting");
  }

  get waiting() {
    return this.#drafts.filter((draft) => draft.state === "waiting");
  }

  has(clientId) {
    return this.#drafts.some((draft) => draft.clientId === clientId);
  }

  // Of files only names and sizes are kept; their bytes stay with the tab that has them.
  add({ clientId, body, files = [] }) {
    const last = this.#drafts.at(-1)?.writtenAt ?? 0;
    const writtenAt = Math.max(Date.now(), last + 1); // clocks are set back at times
    const known = files.map(({ name, size }) => ({ name, size }));
    const draft = { outbox: this.#name, clientId, body, files: known, writtenAt };
    this.#put({ ...draft, state: "waiting", reason: "" });
  }

  fail(clientId, reason) {
    this.#change(clientId, { state: "failed", reason: reason ?? "" });
  }

  retry(clientId) {
    this.#change(clientId, { state: "waiting", reason: "" });
  }

  remove(clientId) {
    if (!this.has(clientId)) return;
    this.#drop(clientId);
    this.#tabs?.postMessage({ removed: clientId });
    this.#write((store) => store.delete(clientId));
  }

  #change(clientId, values) {
    const draft = this.#drafts.find((other) => other.clientId === clientId);
    if (draft) this.#put({ ...draft, ...values });
  }

  #put(draft) {
    this.#place(draft);
    this.#tabs?.postMessage({ draft });
    this.#write((store) => store.put(draft));
  }

  #hear({ draft, removed }) {
    if (draft) this.#place(draft);
    else if (this.has(removed)) this.#drop(removed);
  }

  #place(draft) {
    const others = this.#drafts.filter((other) => other.clientId !== draft.clientId);
    this.#drafts = [...others, draft].sort(byTime);
    this.#tell("changed", draft);
  }

  #drop(clientId) {
    this.#drafts = this.#drafts.filter((draft) => draft.clientId !== clientId);
    this.#tell("removed", { clientId });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  // In order, and without a store: only in memory.
  #write(act) {
    this.#opened = this.#opened.then(async (store) => {
      if (store) await act(store).catch(() => {});
      return store;
    });
  }
}

function byTime(one, other) {
  return one.writtenAt - other.writtenAt || (one.clientId < other.clientId ? -1 : 1);
}
