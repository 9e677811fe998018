// The files this person sends from this tab: a few at a time, each by an Upload of its
// own, so one that fails stops no other. It tells "changed" for each step of each.

import { Hashing } from "../lib/hashing.js";
import { Pace } from "../lib/pace.js";
import { recall, remember } from "../lib/recall.js";
import { Tus } from "./tus.js";
import { Upload } from "./upload.js";

const AT_ONCE = 3;
const ENDS = new Set(["done", "gone"]);

export class Uploads extends EventTarget {
  #files = new Map(); // of messages that are not posted yet, by client id
  #uploads = new Map(); // by attachment id
  #options;

  // `path` of the room's uploads, `chunkBytes` a request may carry, `hashingPath` of the
  // worker, `token` returns the page's CSRF token, `isDraft` tells whether a message still
  // waits to be posted.
  constructor(options) {
    super();
    this.#options = options;
  }

  get isBusy() {
    const drafts = [...this.#files.keys()].filter(this.#options.isDraft);
    return drafts.length > 0 || [...this.#uploads.values()].some(({ isBusy }) => isBusy);
  }

  // Files of a message that will be posted under this client id.
  keep(clientId, files) {
    if (files.length) this.#files.set(clientId, [...files]);
  }

  drop(clientId) {
    this.#files.delete(clientId);
  }

  // An own card waits for bytes: from here, or from wherever its file is.
  take(card) {
    const { attachmentId } = card;
    if (this.#uploads.has(attachmentId)) return this.#tell(attachmentId);
    const file = this.#claim(card);
    if (file) remember(nameKey(attachmentId), file.name);
    const upload = this.#make(attachmentId, file);
    upload.card = card;
    if (!file) upload.look();
    this.#next();
    this.#tell(attachmentId);
  }

  // What the person wants of a card: pause, cancel, continue with a file, or go on.
  ask({ attachmentId, wish, file }) {
    const upload = this.#uploads.get(attachmentId);
    if (!upload) return;
    if (wish === "pause") upload.pause();
    else if (wish === "cancel") upload.cancel();
    else if (wish === "continue") this.#continue(upload, file);
    else upload.goOn();
  }

  // Of a posted message only these are still on their way.
  keepOnly({ clientId, uploading }) {
    for (const [attachmentId, upload] of this.#uploads) {
      const isIts = upload.card.clientId === clientId;
      if (isIts && !uploading.includes(attachmentId)) upload.over();
    }
  }

  wake() {
    for (const upload of this.#uploads.values()) upload.wake();
  }

  end() {
    for (const upload of this.#uploads.values()) upload.end();
  }

  #claim({ clientId, place }) {
    const files = this.#files.get(clientId);
    const file = files?.[place] ?? null;
    if (file) files[place] = null;
    if (files && !files.some(Boolean)) this.#files.delete(clientId);
    return file;
  }

  #make(attachmentId, file) {
    const { path, token, chunkBytes, hashingPath } = this.#options;
    const tus = new Tus(`${path}${attachmentId}/`, token);
    const hash = (chosen) => new Hashing(hashingPath, chosen);
    const upload = new Upload({ tus, file, pace: new Pace(chunkBytes), hash });
    this.#uploads.set(attachmentId, upload);
    upload.addEventListener("changed", () => this.#changed(attachmentId, upload));
    return upload;
  }

  // Name and size must be the same: another file would only be found out at its end. The
  // server may have tidied the name.
  #continue(upload, file) {
    const { attachmentId, name, size } = upload.card;
    const names = [name, recall(nameKey(attachmentId))].map((known) => known.normalize());
    const isSame = file.size === size && names.includes(file.name.normalize());
    if (isSame) upload.goOnWith(file);
    else upload.refuse();
  }

  #changed(attachmentId, upload) {
    this.#tell(attachmentId);
    if (ENDS.has(upload.state)) {
      remember(nameKey(attachmentId), "");
      upload.end();
    }
    this.#next();
  }

  // Who waits for the line, or for the person, lets others try.
  #next() {
    const uploads = [...this.#uploads.values()];
    const running = uploads.filter(({ state }) => state === "running").length;
    const next = uploads.find(({ state }) => state === "waiting");
    if (next && running < AT_ONCE) next.start(); // it tells, and so the one after it starts
  }

  #tell(attachmentId) {
    const { state, offset, problem, reason, pace, card } = this.#uploads.get(attachmentId);
    const { speed } = pace;
    const seconds = pace.seconds(card.size - offset);
    const detail = { attachmentId, state, offset, problem, reason, speed, seconds };
    this.dispatchEvent(new CustomEvent("changed", { detail }));
  }
}

function nameKey(attachmentId) {
  return `file:${attachmentId}`;
}
