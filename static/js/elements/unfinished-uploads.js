// Own uploads whose cards are further up than the page reaches: the way to each of them.

import { emit } from "../lib/dom.js";

const ENDS = new Set(["done", "gone"]);

export class UnfinishedUploads extends HTMLElement {
  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.addEventListener("click", (event) => this.#clicked(event), { signal });
    const room = this.closest("chat-room");
    room.addEventListener("upload.changed", ({ detail }) => this.#changed(detail), { signal });
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

  #changed({ attachmentId, state }) {
    if (!ENDS.has(state)) return;
    this.querySelector(`[data-attachment-id="${CSS.escape(attachmentId)}"]`)?.remove();
    if (!this.querySelector("li")) this.remove();
  }
}
