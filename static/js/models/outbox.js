// What was written and is not confirmed yet, in order, kept across reloads.

export class Outbox {
  #key;

  constructor(room, member) {
    this.#key = `outbox:${room}:${member}`;
  }

  get all() {
    try {
      return JSON.parse(localStorage.getItem(this.#key)) ?? [];
    } catch {
      return [];
    }
  }

  get next() {
    return this.all.find((draft) => !draft.failure);
  }

  add(draft) {
    this.#save([...this.all.filter((other) => other.clientId !== draft.clientId), draft]);
  }

  remove(clientId) {
    this.#save(this.all.filter((draft) => draft.clientId !== clientId));
  }

  fail(clientId, reason) {
    this.#change(clientId, { failure: reason || " " });
  }

  retry(clientId) {
    this.#change(clientId, { failure: undefined });
  }

  has(clientId) {
    return this.all.some((draft) => draft.clientId === clientId);
  }

  #change(clientId, values) {
    this.#save(this.all.map((d) => (d.clientId === clientId ? { ...d, ...values } : d)));
  }

  #save(drafts) {
    if (drafts.length) localStorage.setItem(this.#key, JSON.stringify(drafts));
    else localStorage.removeItem(this.#key);
  }
}
