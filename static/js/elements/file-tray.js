// The files of the next message: chosen, dropped or pasted, looked over, removed.

import { cloneTemplate } from "../lib/dom.js";
import { formatSize } from "../lib/formats.js";

export class FileTray extends HTMLElement {
  files = [];

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.input = this.querySelector("input");
    this.list = this.querySelector("[data-list]");
    const browse = this.querySelector("[data-browse]");
    browse.hidden = false;
    this.input.hidden = true;
    browse.addEventListener("click", () => this.input.click(), { signal });
    this.input.addEventListener("change", () => this.#chosen(), { signal });
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  get isAcceptable() {
    const { mostBytes, mostFiles } = this.dataset;
    const bytes = this.files.reduce((sum, file) => sum + file.size, 0);
    return this.files.length <= Number(mostFiles) && bytes <= Number(mostBytes);
  }

  add(files) {
    this.files.push(...files);
    this.#draw();
  }

  // Give the files away and be empty again.
  take() {
    const files = this.files;
    this.files = [];
    this.#draw();
    return files;
  }

  #chosen() {
    this.add(this.input.files);
    this.input.value = "";
  }

  #remove(file) {
    this.files = this.files.filter((other) => other !== file);
    this.#draw();
    this.querySelector("[data-browse]").focus();
  }

  #draw() {
    this.list.replaceChildren(...this.files.map((file) => this.#item(file)));
    const bytes = this.files.reduce((sum, file) => sum + file.size, 0);
    this.querySelector("[data-too-large]").hidden = bytes <= Number(this.dataset.mostBytes);
    this.querySelector("[data-too-many]").hidden = this.files.length <= Number(this.dataset.mostFiles);
  }

  #item(file) {
    const item = cloneTemplate("tray-item");
    item.querySelector("[data-name]").textContent = file.name;
    item.querySelector("[data-size]").textContent = formatSize(file.size);
    const remove = item.querySelector("[data-remove]");
    remove.setAttribute("aria-label", `${remove.getAttribute("aria-label")} ${file.name}`);
    remove.addEventListener("click", () => this.#remove(file));
    return item;
  }
}
