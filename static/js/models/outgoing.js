// Everything this person says, over the outbox. It tells what becomes of it:
// "message.pending", "message.failed" and "message.settled".

import { openStore } from "../lib/store.js";
import { Turn } from "../lib/turn.js";
import { Delivery } from "./delivery.js";
import { Outbox } from "./outbox.js";

export class Outgoing extends EventTarget {
  #outbox;

  constructor(name, send) {
    super();
    this.#outbox = new Outbox(name, openStore("outbox", "clientId", "outbox"));
    this.delivery = new Delivery(this.#outbox, new Turn(name), send);
    this.#outbox.addEventListener("changed", ({ detail }) => this.#changed(detail));
    this.#outbox.addEventListener("removed", ({ detail }) => this.#tell("message.settled", detail));
  }

  // What waits from before a reload is told as pending; never fails.
  load() {
    return this.#outbox.load();
  }

  close() {
    this.delivery.offline();
    this.#outbox.close();
  }

  has(clientId) {
    return this.#outbox.has(clientId);
  }

  // Confirmed, or given up.
  remove(clientId) {
    this.#outbox.remove(clientId);
  }

  // A draft was written, failed or tried again, in this tab or in another.
  #changed(draft) {
    this.#tell("message.pending", draft);
    if (draft.state === "failed") this.#tell("message.failed", draft);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
