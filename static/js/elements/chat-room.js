// The room: frames from the server become events on this element, events from its
// children become frames. Children never speak to each other.

import { documentFrom, emit } from "../lib/dom.js";
import { SESSION_ENDED, Socket, TOO_MANY_SOCKETS } from "../lib/socket.js";
import { Changes } from "../models/changes.js";
import { Outgoing } from "../models/outgoing.js";
import { Uploads } from "../models/uploads.js";

const ANSWER_WITHIN = 20000; // ms
const AGAIN_AFTER = 2000;
const OUTGOING = ["message.pending", "message.failed", "message.settled"];

export class ChatRoom extends HTMLElement {
  #reloading = false;

  connectedCallback() {
    const { memberId, change, epoch, socketPath, pagePath, before } = this.dataset;
    if (before) return location.replace(`${pagePath}#latest`); // live is the newest page
    this.changes = new Changes(Number(change), epoch);
    this.socket = new Socket(socketPath);
    this.outgoing = new Outgoing(`outbox:${pagePath}:${memberId}`, (frame) => this.socket.send(frame));
    this.delivery = this.outgoing.delivery;
    this.uploads = this.#makeUploads();
    this.controller = new AbortController();
    this.#listen(this.controller.signal);
    queueMicrotask(() => this.#start());
  }

  disconnectedCallback() {
    this.controller?.abort();
    this.socket?.end();
    this.outgoing?.close();
    this.uploads?.end();
  }

  #listen(signal) {
    const on = (target, type, act) => target.addEventListener(type, (e) => act(e.detail, e), { signal });
    on(this.socket, "open", () => this.#resume());
    on(this.socket, "frame", (frame) => this.#take(frame));
    on(this.socket, "lost", () => this.#lost());
    on(this.socket, "ended", (detail) => this.#ended(detail));
    for (const type of OUTGOING) on(this.outgoing, type, (detail) => emit(this, type, detail));
    on(this.uploads, "changed", (step) => emit(this, "upload.changed", step));
    on(this, "message.written", (draft) => this.#write(draft));
    on(this, "message.retry", ({ clientId }) => this.delivery.retry(clientId));
    on(this, "message.discard", ({ clientId }) => this.#discard(clientId));
    on(this, "upload.shown", (card) => this.uploads.take(card));
    on(this, "message.uploading", (message) => this.uploads.keepOnly(message));
    on(this, "upload.asked", (wish) => this.uploads.ask(wish));
    on(window, "online", () => this.#wake());
    on(window, "beforeunload", (_, event) => this.uploads.isBusy && event.preventDefault());
    on(document, "visibilitychange", () => this.#shown());
  }

  #makeUploads() {
    const { uploadsPath, chunkBytes, hashingPath } = this.dataset;
    const token = () => this.querySelector("[name=csrfmiddlewaretoken]").value;
    const isDraft = (clientId) => this.outgoing.has(clientId);
    const options = { path: uploadsPath, chunkBytes: Number(chunkBytes), hashingPath };
    return new Uploads({ ...options, token, isDraft });
  }

  #write(draft) {
    this.uploads.keep(draft.clientId, draft.files);
    this.delivery.add(draft);
  }

  #discard(clientId) {
    this.uploads.drop(clientId);
    this.outgoing.remove(clientId);
  }

  // What waits from before a reload is shown again, then the socket opens.
  async #start() {
    await this.outgoing.load();
    if (this.isConnected) this.socket.connect();
  }

  #resume() {
    const { change, epoch } = this.changes;
    this.socket.send({ type: "resume", change, epoch });
  }

  #take(frame) {
    switch (frame.type) {
      case "changes": return this.#applyChanges(frame);
      case "state": return this.#apply(frame.events);
      case "resumed": return this.#resumed(frame);
      case "presence": return emit(this, "presence", frame);
      case "heartbeat": return this.#heartbeat(frame);
      case "progress": return emit(this, "upload.progress", frame);
      case "refused": return this.delivery.refused(frame);
      case "reload": return this.#reloadHistory();
    }
  }

  #applyChanges(frame) {
    const events = this.changes.take(frame);
    if (events === null) this.#resume();
    else this.#apply(events);
  }

  #apply(events) {
    for (const event of events) {
      emit(this, event.type, event);
      if (event.author === this.dataset.memberId) this.outgoing.remove(event.client_id);
    }
  }

  #resumed(frame) {
    this.dataset.state = "online";
    emit(this, "presence.listed", frame);
    emit(this, "room.online");
    this.delivery.online({ first: document.visibilityState === "visible" });
    this.uploads.wake();
  }

  #heartbeat(frame) {
    this.socket.send({ type: "heartbeat" });
    if (frame.head > this.changes.change) this.#resume();
  }

  #lost() {
    this.dataset.state = "offline";
    this.delivery.offline();
    emit(this, "room.offline");
  }

  // With too many tabs the others still send; with no room any more nobody does. After
  // the session the server decides what this browser may see now.
  #ended(detail) {
    if (detail.code === SESSION_ENDED) return location.reload();
    this.dataset.state = "ended";
    if (detail.code === TOO_MANY_SOCKETS) this.delivery.offline();
    else this.delivery.end();
    emit(this, "room.ended", detail);
  }

  #shown() {
    if (document.visibilityState !== "visible") return;
    this.#wake();
    this.delivery.wake();
  }

  #wake() {
    this.socket.wake();
    this.uploads.wake();
  }

  // Too much was missed: take the newest page instead, as soon as the server has it.
  async #reloadHistory() {
    if (this.#reloading) return;
    this.#reloading = true;
    try {
      const page = await this.#newestPage();
      if (!page) return location.reload();
      this.#follow(page);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER));
    }
    this.#reloading = false;
    this.#resume();
  }

  // Its chat-room; null when there is none for this browser any more.
  async #newestPage() {
    const signal = AbortSignal.timeout(ANSWER_WITHIN);
    const answer = await fetch(this.dataset.pagePath, { headers: { Accept: "text/html" }, signal });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(String(answer.status));
    return documentFrom(await answer.text()).querySelector("chat-room");
  }

  #follow(page) {
    this.changes.change = Number(page.dataset.change);
    this.changes.epoch = page.dataset.epoch;
    emit(this, "history.reloaded", { page });
  }
}
