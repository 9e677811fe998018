// Everything this person sends: text over the outbox, files by uploads. It tells what
// becomes of it: "message.pending", "message.failed", "message.settled", "upload.progress",
// and "posted" with the answer to an upload.

import { openStore } from "../lib/store.js";
import { Turn } from "../lib/turn.js";
import { Delivery } from "./delivery.js";
import { Outbox } from "./outbox.js";
import { Upload } from "./upload.js";

export class Outgoing extends EventTarget {
  #outbox;
  #uploads = new Map();

  constructor(name, send) {
    super();
    this.#outbox = new Outbox(name, openStore("outbox", "clientId", "outbox"));
    this.delivery = new Delivery(this.#outbox, new Turn(name), send);
    this.#outbox.addEventListener("changed", ({ detail }) => this.#changed(detail));
    this.#outbox.addEventListener("removed", ({ detail }) => this.#tell("message.settled", detail));
  }

  get isUploading() {
    return this.#uploads.size > 0;
  }

  // What waits from before a reload is told as pending; never fails.
  load() {
    return this.#outbox.load();
  }

  close() {
    this.delivery.offline();
    this.#outbox.close();
  }

  write(draft, form) {
    if (draft.files.length) this.#upload(new Upload(form, draft), draft);
    else this.delivery.add(draft);
  }

  retry(clientId) {
    const upload = this.#uploads.get(clientId);
    if (upload) upload.start();
    else this.delivery.retry(clientId);
  }

  // Confirmed, or given up.
  remove(clientId) {
    this.#uploads.get(clientId)?.cancel();
    this.#uploads.delete(clientId);
    this.#outbox.remove(clientId);
  }

  // A draft was written, failed or tried again, in this tab or in another.
  #changed(draft) {
    this.#tell("message.pending", draft);
    if (draft.state === "failed") this.#tell("message.failed", draft);
  }

  #upload(upload, draft) {
    const { clientId } = draft;
    this.#uploads.set(clientId, upload);
    this.#tell("message.pending", draft);
    const pass = (type, as) => upload.addEventListener(type, ({ detail }) => this.#tell(as, { clientId, ...detail }));
    pass("progress", "upload.progress");
    pass("posted", "posted");
    pass("failed", "message.failed");
    upload.start();
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
