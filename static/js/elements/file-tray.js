// The files of the next message: chosen, dropped or pasted, looked over, removed. What
// cannot be sent is told here at once, and stays behind when the others go.

import { cloneTemplate } from "../lib/dom.js";
import { formatSize, splitName } from "../lib/formats.js";

const THUMBNAILS = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);
const THUMBNAIL_BYTES = 10 * 1024 * 1024; // larger ones cost the browser too much

export class FileTray extends HTMLElement {
  #items = new Map(); // by file

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.input = this.querySelector("input");
    this.list = this.querySelector("[data-list]");
    const browse = this.querySelector("[data-browse]");
    browse.hidden = false;
    this.input.hidden = true;
    this.querySelector("[data-limit]").hidden = false;
    this.querySelector("[data-form-limit]").hidden = true;
    browse.addEventListener("click", () => this.input.click(), { signal });
    this.input.addEventListener("change", () => this.#chosen(), { signal });
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  add(files) {
    for (const file of files) {
      const item = this.#item(file);
      this.#items.set(file, item);
      this.list.append(item);
    }
    this.#judge();
  }

  // Give the good files away and keep the others, to be seen.
  take() {
    const good = [...this.#items.keys()].filter((file) => !this.#items.get(file).dataset.problem);
    good.forEach((file) => this.#drop(file));
    this.#judge();
    return good;
  }

  #chosen() {
    this.add([...this.input.files]);
    this.input.value = "";
  }

  #remove(file) {
    this.#drop(file);
    this.#judge();
    this.querySelector("[data-browse]").focus();
  }

  #drop(file) {
    const item = this.#items.get(file);
    const { src } = item.querySelector("img");
    if (src) URL.revokeObjectURL(src);
    item.remove();
    this.#items.delete(file);
  }

  #judge() {
    let count = 0;
    for (const [file, item] of this.#items) {
      let problem = this.#problem(file);
      if (!problem && (count += 1) > Number(this.dataset.mostFiles)) problem = "many";
      item.dataset.problem = problem;
      for (const line of item.querySelectorAll("[data-says]")) {
        line.hidden = line.dataset.says !== problem;
      }
    }
  }

  #problem({ size }) {
    if (size > Number(this.dataset.mostFileBytes)) return "large";
    return size ? "" : "empty";
  }

  #item(file) {
    const item = cloneTemplate("tray-item");
    const [stem, ending] = splitName(file.name);
    item.querySelector("[data-stem]").textContent = stem;
    item.querySelector("[data-ending]").textContent = ending;
    item.querySelector("[data-name]").title = file.name;
    item.querySelector("[data-size]").textContent = formatSize(file.size);
    const remove = item.querySelector("[data-remove]");
    remove.setAttribute("aria-label", `${remove.getAttribute("aria-label")} ${file.name}`);
    remove.addEventListener("click", () => this.#remove(file));
    iconOf(item, file).hidden = false;
    showThumbnail(item, file);
    return item;
  }
}

function iconOf(item, { type }) {
  const kind = type.split("/")[0];
  return item.querySelector(`[data-icon="${CSS.escape(kind)}"]`) ?? item.querySelector("[data-icon=other]");
}

// Small pictures only; what the browser cannot draw keeps its icon.
function showThumbnail(item, file) {
  if (!THUMBNAILS.has(file.type) || file.size > THUMBNAIL_BYTES) return;
  const [image, icon] = [item.querySelector("img"), iconOf(item, file)];
  image.addEventListener("load", () => { image.hidden = false; icon.hidden = true; });
  image.src = URL.createObjectURL(file);
}
