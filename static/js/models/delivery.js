// Sends the outbox over the socket, one message at a time, until each is confirmed. A
// message without an answer is sent again under the same client id: the server keeps one.

const ANSWER_WITHIN = 10000; // ms

export class Delivery extends EventTarget {
  #outbox;
  #send;
  #online = false;
  #waiting = null;
  #timer = null;

  constructor(outbox, send) {
    super();
    this.#outbox = outbox;
    this.#send = send;
  }

  add(draft) {
    this.#outbox.add(draft);
    this.#next();
  }

  online() {
    this.#online = true;
    this.#waiting = null;
    this.#next();
  }

  offline() {
    this.#online = false;
    clearTimeout(this.#timer);
  }

  confirmed(clientId) {
    this.#outbox.remove(clientId);
    this.#settle(clientId);
  }

  refused({ client_id: clientId, reason, retry_after: seconds }) {
    if (!this.#outbox.has(clientId)) return;
    if (seconds) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#settle(clientId), seconds * 1000);
      return;
    }
    this.#outbox.fail(clientId, reason);
    this.dispatchEvent(new CustomEvent("failed", { detail: { clientId, reason } }));
    this.#settle(clientId);
  }

  retry(clientId) {
    this.#outbox.retry(clientId);
    this.#next();
  }

  discard(clientId) {
    this.confirmed(clientId);
  }

  #settle(clientId) {
    if (this.#waiting === clientId) this.#waiting = null;
    this.#next();
  }

  #next() {
    const draft = this.#outbox.next;
    if (!this.#online || this.#waiting || !draft) return;
    clearTimeout(this.#timer);
    this.#waiting = draft.clientId;
    this.#send({ type: "post", client_id: draft.clientId, body: draft.body });
    this.#timer = setTimeout(() => this.#settle(draft.clientId), ANSWER_WITHIN);
  }
}
