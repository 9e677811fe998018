// The room: frames from the server become events on this element, events from its
// children become frames. Children never speak to each other.

import { documentFrom, emit } from "../lib/dom.js";
import { Socket } from "../lib/socket.js";
import { Changes } from "../models/changes.js";
import { Delivery } from "../models/delivery.js";
import { Outbox } from "../models/outbox.js";
import { Upload } from "../models/upload.js";

export class ChatRoom extends HTMLElement {
  #uploads = new Map();
  #reloading = false;

  connectedCallback() {
    const { memberId, change, epoch, socketPath, pagePath, before } = this.dataset;
    if (before) return location.replace(`${pagePath}#latest`); // live is the newest page
    this.changes = new Changes(Number(change), epoch);
    this.socket = new Socket(socketPath);
    this.outbox = new Outbox(pagePath, memberId);
    this.delivery = new Delivery(this.outbox, (frame) => this.socket.send(frame));
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.socket.addEventListener("open", () => this.#resume(), { signal });
    this.socket.addEventListener("frame", (event) => this.#take(event.detail), { signal });
    this.socket.addEventListener("lost", () => this.#lost(), { signal });
    this.socket.addEventListener("ended", (event) => this.#ended(event), { signal });
    this.delivery.addEventListener("failed", (e) => emit(this, "message.failed", e.detail), { signal });
    this.addEventListener("message.written", (event) => this.#written(event.detail), { signal });
    this.addEventListener("message.retry", (event) => this.#retry(event.detail), { signal });
    this.addEventListener("message.discard", (event) => this.#discard(event.detail), { signal });
    addEventListener("online", () => this.socket.wake(), { signal });
    addEventListener("beforeunload", (event) => this.#leaving(event), { signal });
    document.addEventListener("visibilitychange", () => this.#shown(), { signal });
    queueMicrotask(() => this.#start());
  }

  disconnectedCallback() {
    this.controller?.abort();
    this.socket?.end();
  }

  // What waits from before a reload is shown again, then the socket opens.
  #start() {
    for (const draft of this.outbox.all) {
      emit(this, "message.pending", { ...draft, files: [] });
      if (draft.failure) emit(this, "message.failed", { ...draft, reason: draft.failure });
    }
    this.socket.connect();
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
      if (event.author === this.dataset.memberId) this.#confirmed(event.client_id);
    }
  }

  #confirmed(clientId) {
    this.#uploads.delete(clientId);
    if (this.outbox.has(clientId)) this.delivery.confirmed(clientId);
  }

  #resumed(frame) {
    this.dataset.state = "online";
    emit(this, "presence.listed", frame);
    emit(this, "room.online");
    this.delivery.online();
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

  #ended(event) {
    this.dataset.state = "ended";
    this.delivery.offline();
    emit(this, "room.ended", event.detail);
  }

  #shown() {
    if (document.visibilityState === "visible") this.socket.wake();
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

  #written(draft) {
    emit(this, "message.pending", draft);
    if (draft.files.length) this.#upload(draft);
    else this.delivery.add({ clientId: draft.clientId, body: draft.body });
  }

  #upload(draft) {
    const { clientId } = draft;
    const upload = new Upload(this.querySelector("message-composer form"), draft);
    this.#uploads.set(clientId, { draft, upload });
    upload.addEventListener("progress", (e) => emit(this, "upload.progress", { clientId, ...e.detail }));
    upload.addEventListener("posted", (e) => this.#apply(e.detail.events));
    upload.addEventListener("failed", (e) => emit(this, "message.failed", { clientId, ...e.detail }));
    upload.start();
  }

  #retry({ clientId }) {
    const upload = this.#uploads.get(clientId);
    if (upload) this.#upload(upload.draft);
    else this.delivery.retry(clientId);
  }

  #discard({ clientId }) {
    this.#uploads.get(clientId)?.upload.cancel();
    this.#uploads.delete(clientId);
    this.delivery.discard(clientId);
  }

  #leaving(event) {
    if (this.#uploads.size) event.preventDefault();
  }
}
