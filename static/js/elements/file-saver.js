// "Save what arrives": files of others, once they are whole, into a folder where the
// browser offers that, else as plain downloads. Off until somebody turns it on.

import { recall, remember } from "../lib/recall.js";
import { openStore } from "../lib/store.js";
import { Folder } from "../models/folder.js";

const REMEMBERED = 200; // files that another tab or a reload must not save again

export class FileSaver extends HTMLElement {
  #work = Promise.resolve(); // one file after the other

  connectedCallback() {
    this.controller = new AbortController();
    this.room = this.closest("chat-room");
    this.key = `save:${this.room.dataset.pagePath}`;
    this.folder = new Folder(this.key, openStore("folders", "key", "key"), this.room.dataset.hashingPath);
    this.choice = this.querySelector("[data-save]");
    this.choice.checked = recall(this.key) === "on";
    this.#listen(this.controller.signal);
    this.hidden = false;
    this.folder.load().then(() => this.#draw());
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  #listen(signal) {
    const on = (target, type, act) => target.addEventListener(type, (e) => act(e.detail), { signal });
    on(this.room, "file.arrived", (file) => this.#arrived(file));
    on(this.choice, "change", () => this.#switched());
    on(this.querySelector("[data-choose]"), "click", () => this.#choose());
    on(this.querySelector("[data-allow]"), "click", () => this.#allow());
  }

  #switched() {
    remember(this.key, this.choice.checked ? "on" : "");
    this.#draw();
  }

  async #choose() {
    await this.folder.choose();
    this.#draw();
  }

  async #allow() {
    await this.folder.allow();
    this.#draw();
  }

  #draw() {
    this.querySelector("[data-folder]").hidden = !(this.choice.checked && Folder.isOffered);
    this.querySelector("[data-chosen]").hidden = !this.folder.name;
    this.querySelector("[data-folder-name]").textContent = this.folder.name;
    this.querySelector("[data-allow]").hidden = !this.folder.name || this.folder.isAllowed;
  }

  #arrived(file) {
    if (!this.choice.checked || !this.#isFirst(file.attachmentId)) return;
    this.#work = this.#work.then(() => this.#save(file));
  }

  async #save(file) {
    try {
      if (this.folder.isAllowed) await this.#saveInFolder(file);
      else download(file);
      this.#tell("saved", file.name);
    } catch {
      this.#tell("failure", file.name);
      this.folder.load().then(() => this.#draw());
    }
  }

  // The server counts plain downloads itself; here only the page knows what was kept.
  async #saveInFolder(file) {
    await this.folder.save(file);
    const token = this.room.querySelector("[name=csrfmiddlewaretoken]").value;
    await fetch(`${file.path}received/`, { method: "POST", headers: { "X-CSRFToken": token } });
  }

  #tell(what, name) {
    for (const line of ["saved", "failure"]) this.querySelector(`[data-${line}]`).hidden = line !== what;
    this.querySelector(what === "saved" ? "[data-saved-name]" : "[data-failed-name]").textContent = name;
  }

  #isFirst(attachmentId) {
    const key = `${this.key}:files`;
    const known = recall(key).split(" ").filter(Boolean);
    if (known.includes(attachmentId)) return false;
    remember(key, [...known, attachmentId].slice(-REMEMBERED).join(" "));
    return true;
  }
}

function download({ name, path }) {
  const link = document.createElement("a");
  link.href = path;
  link.download = name;
  link.click();
}
