// Own uploads whose cards are further up than the page reaches: the way to each of them.

import { emit } from "../lib/dom.js";

export class UnfinishedUploads extends HTMLElement {
  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.addEventListener("click", (event) => this.#clicked(event), { signal });
    const room = this.closest("chat-room");
    room.addEventListener("message.uploading", ({ detail }) => this.#keep(detail), { signal });
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  #clicked(event) {
    const link = event.target.closest("a[data-position]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { attachmentId } = link.closest("li").dataset;
    emit(this, "history.sought", { position: Number(link.dataset.position), attachmentId });
  }

  // Of this message only these.
  #keep({ position, uploading }) {
    for (const link of this.querySelectorAll(`a[data-position="${position}"]`)) {
      const line = link.closest("li");
      if (!uploading.includes(line.dataset.attachmentId)) line.remove();
    }
    if (!this.querySelector("li")) this.remove();
  }
}
