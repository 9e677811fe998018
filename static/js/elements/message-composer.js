// The text box and its form: Enter sends, the text survives a reload, files join in.

import { makeClientId } from "../lib/client-id.js";
import { emit } from "../lib/dom.js";
import { recall, remember } from "../lib/recall.js";

export class MessageComposer extends HTMLElement {
  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.form = this.querySelector("form");
    this.body = this.querySelector("[data-body]");
    this.tray = this.querySelector("file-tray");
    this.room = this.closest("chat-room");
    this.draftKey = `draft:${this.room.dataset.pagePath}:${this.room.dataset.memberId}`;
    this.form.addEventListener("submit", (event) => this.#submit(event), { signal });
    this.body.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.body.addEventListener("input", () => this.#keepDraft(), { signal });
    this.body.addEventListener("paste", (event) => this.#pasted(event), { signal });
    for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
      addEventListener(type, (event) => this.#dragged(event), { signal });
    }
    this.room.addEventListener("room.ended", () => this.#ended(), { signal });
    if (!this.body.value) this.body.value = recall(this.draftKey);
    this.#grow();
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  #submit(event) {
    event.preventDefault();
    const body = this.body.value.trim();
    const files = this.tray.take();
    if (!body && !files.length) return this.body.focus();
    this.body.value = "";
    this.querySelector("[data-error]").hidden = true;
    this.#keepDraft();
    emit(this, "message.written", { clientId: makeClientId(), body, files });
    this.body.focus();
  }

  // 229 is what an input method reports while it composes (UI Events, 7.3).
  #pressed(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || event.altKey || composing) return;
    const always = event.ctrlKey || event.metaKey;
    if (!always && matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #pasted(event) {
    const { files } = event.clipboardData;
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    this.tray.add([...files].map(named));
  }

  #dragged(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const left = event.type === "dragleave" && !event.relatedTarget;
    this.querySelector("[data-drop-zone]").hidden = event.type === "drop" || left;
    if (event.type === "drop") this.tray.add(filesOf(event.dataTransfer));
  }

  #ended() {
    for (const element of this.form.elements) element.disabled = true;
  }

  #keepDraft() {
    remember(this.draftKey, this.body.value);
    this.#grow();
  }

  // Where the browser has no field-sizing yet.
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.body.rows = Math.min(8, this.body.value.split("\n").length);
  }
}

// Browsers call every picture of the clipboard image.png; on the files page those would
// be versions of one file.
function named(file) {
  if (file.name !== "image.png") return file;
  const time = new Date().toLocaleString("sv-SE").replace(/\D+/g, "-"); // as ISO 8601 has it
  return new File([file], `image-${time}.png`, { type: file.type });
}

// A folder looks like a file until it is read.
function filesOf({ files, items }) {
  const entries = [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.());
  return [...files].filter((_, at) => !entries[at]?.isDirectory);
}
