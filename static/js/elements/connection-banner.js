// One line about the connection, only when there is something to say.

import { TOO_MANY_SOCKETS } from "../lib/socket.js";

const ONLINE_FOR = 4000; // ms
const PATIENCE = 1500; // a short hiccup is not worth a line

export class ConnectionBanner extends HTMLElement {
  #wasOffline = false;
  #timer = null;

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    const room = this.closest("chat-room");
    room.addEventListener("room.offline", () => this.#offline(), { signal });
    room.addEventListener("room.online", () => this.#online(), { signal });
    room.addEventListener("room.ended", (event) => this.#ended(event.detail.code), { signal });
    this.#hideLater("flash", 2 * ONLINE_FOR);
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  #offline() {
    if (this.#wasOffline) return;
    this.#wasOffline = true;
    this.#timer = setTimeout(() => this.#show("offline"), PATIENCE);
  }

  #online() {
    clearTimeout(this.#timer);
    if (this.#line("offline").hidden) this.#show(null);
    else {
      this.#show("online");
      this.#hideLater("online", ONLINE_FOR);
    }
    this.#wasOffline = false;
  }

  #ended(code) {
    clearTimeout(this.#timer);
    this.#show(code === TOO_MANY_SOCKETS ? "crowded" : "ended");
  }

  #line(name) {
    return this.querySelector(`[data-banner="${name}"]`);
  }

  #show(name) {
    for (const line of this.querySelectorAll("[data-banner]:not([data-banner=flash])")) {
      line.hidden = line.dataset.banner !== name;
    }
  }

  #hideLater(name, milliseconds) {
    setTimeout(() => {
      for (const line of this.querySelectorAll(`[data-banner="${name}"]`)) line.hidden = true;
    }, milliseconds);
  }
}
