// The reader's own messages that are not confirmed yet, after all others in the log:
// waiting, or failed with what to do about it.

import { cloneTemplate, emit } from "./dom.js";
import { formatSize } from "./formats.js";

export class PendingMessages {
  #log;

  constructor(log, signal) {
    this.#log = log;
    log.addEventListener("click", (event) => this.#clicked(event), { signal });
  }

  get all() {
    return [...this.#log.querySelectorAll(":scope > [data-pending]")];
  }

  // Tells whether it is new; what is in the log already is not shown again.
  show({ clientId, body, files = [] }) {
    if (this.#isConfirmed(clientId)) return false;
    const shown = this.#find(clientId);
    const entry = shown ?? cloneTemplate("pending-message");
    entry.dataset.pending = clientId;
    entry.querySelector("[data-body]").textContent = body;
    entry.querySelector("[data-files]").replaceChildren(...files.map(fileItem));
    setState(entry, "pending");
    if (!shown) this.#log.append(entry);
    return !shown;
  }

  fail({ clientId, reason }) {
    const entry = this.#find(clientId);
    if (!entry) return;
    setState(entry, "failed");
    entry.querySelector("[data-reason]").textContent = reason;
    entry.querySelector("[data-no-answer]").hidden = Boolean(reason);
  }

  remove(clientId) {
    this.#find(clientId)?.remove();
  }

  // After another history was put into the log.
  removeConfirmed() {
    for (const entry of this.all) {
      if (this.#isConfirmed(entry.dataset.pending)) entry.remove();
    }
  }

  #find(clientId) {
    return this.#log.querySelector(`:scope > [data-pending="${CSS.escape(clientId)}"]`);
  }

  #isConfirmed(clientId) {
    const sent = `.is-mine > article[data-client-id="${CSS.escape(clientId)}"]`;
    return this.#log.querySelector(sent) !== null;
  }

  #clicked({ target }) {
    const entry = target.closest("[data-pending]");
    if (!entry) return;
    const detail = { clientId: entry.dataset.pending };
    if (target.closest("[data-retry]")) {
      setState(entry, "pending");
      emit(this.#log, "message.retry", detail);
    } else if (target.closest("[data-discard]")) {
      entry.remove();
      emit(this.#log, "message.discard", detail);
    }
  }
}

function fileItem(file) {
  const item = cloneTemplate("pending-file");
  item.querySelector("[data-name]").textContent = file.name;
  item.querySelector("[data-size]").textContent = formatSize(file.size);
  return item;
}

function setState(entry, state) {
  entry.querySelector("article").dataset.state = state;
  entry.querySelector("[data-failure]").hidden = state !== "failed";
}
