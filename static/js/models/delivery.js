// Sends the outbox over the socket, one message at a time, until each is confirmed. A
// message without an answer is sent again under the same client id: the server keeps one.
// The tab whose turn it is sends for all; a message goes only when the one before it is
// settled, so even two tabs that send at once cannot change the order.

const ANSWER_WITHIN = 10000; // ms

export class Delivery {
  #outbox;
  #turn;
  #send;
  #online = false;
  #waiting = null;
  #timer = null;

  constructor(outbox, turn, send) {
    this.#outbox = outbox;
    this.#turn = turn;
    this.#send = send;
    outbox.addEventListener("changed", () => this.#next());
    outbox.addEventListener("removed", () => this.#next());
    turn.addEventListener("began", () => this.#again());
  }

  add(draft) {
    this.#outbox.add(draft);
    this.wake();
  }

  retry(clientId) {
    this.#outbox.retry(clientId);
    this.wake();
  }

  online({ first }) {
    if (this.#online) return;
    this.#online = true;
    this.#waiting = null;
    this.#turn.ask({ first });
    this.#next();
  }

  offline() {
    this.#online = false;
    this.#turn.leave();
    clearTimeout(this.#timer);
  }

  // The person is here: what waits is sent from here.
  wake() {
    if (this.#online && this.#outbox.next) this.#turn.ask({ first: true });
  }

  // Nothing is ever sent again: what waits is kept, as failed.
  end() {
    this.offline();
    for (const { clientId } of this.#outbox.waiting) this.#outbox.fail(clientId);
  }

  refused({ client_id: clientId, reason, retry_after: seconds }) {
    if (!seconds) return this.#outbox.fail(clientId, reason);
    if (clientId === this.#waiting) this.#againIn(seconds * 1000);
  }

  #again() {
    this.#waiting = null;
    this.#next();
  }

  #againIn(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), milliseconds);
  }

  // The turn is held only while online.
  #next() {
    const draft = this.#outbox.next;
    if (!this.#turn.isMine || draft?.clientId === this.#waiting) return;
    clearTimeout(this.#timer);
    this.#waiting = draft?.clientId ?? null;
    if (!draft) return;
    this.#send(frameOf(draft));
    this.#againIn(ANSWER_WITHIN);
  }
}

function frameOf({ clientId, body, files }) {
  const frame = { type: "post", client_id: clientId, body };
  return files?.length ? { ...frame, files } : frame;
}
