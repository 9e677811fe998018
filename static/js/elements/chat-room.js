// The room: frames from the server become events on this element, events from its
// children become frames. Children never speak to each other.

import { documentFrom, emit } from "../lib/dom.js";
import { SESSION_ENDED, Socket, TOO_MANY_SOCKETS } from "../lib/socket.js";
import { Changes } from "../models/changes.js";
import { Outgoing } from "../models/outgoing.js";
import { Uploads } from "../models/uploads.js";

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
    on(this, "upload.asked", (wish) => this.uploads.ask(wish));
    on(window, "online", () => this.#wake());
    on(window, "beforeunload", (_, event) => this.uploads.isBusy && event.preventDefault());
    on(document, "visibilitychange", () => this.#shown());
  }

  #makeUploads() {
    const { uploadsPath, chunkBytes, hashingPath } = this.dataset;
    const token = () => this.querySelector("[name=csrfmiddlewaretoken]").value;
    return new Uploads({ path: uploadsPath, chunkBytes: Number(chunkBytes), hashingPath, token });
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

  // Too much was missed: take the newest page instead.
  async #reloadHistory() {
    if (this.#reloading) return;
    this.#reloading = true;
    try {
      const answer = await fetch(this.dataset.pagePath, { headers: { Accept: "text/html" } });
      const room = documentFrom(await answer.text()).querySelector("chat-room");
      if (!answer.ok || !room) return location.reload();
      this.changes.change = Number(room.dataset.change);
      this.changes.epoch = room.dataset.epoch;
      emit(this, "history.reloaded", { page: room });
      this.#resume();
    } catch {
      setTimeout(() => this.#resume(), 2000);
    } finally {
      this.#reloading = false;
    }
  }
}
