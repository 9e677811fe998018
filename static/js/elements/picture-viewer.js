// The pictures of the page, one at a time and large, in a dialog: the browser itself keeps
// the focus inside, closes on Esc and gives the focus back. Before the first one of the page
// come those of older messages.

import { emit } from "../lib/dom.js";
import { Zoom } from "../lib/zoom.js";

const KEYS = { ArrowLeft: -1, ArrowRight: 1 };
const ZOOM_KEYS = { "+": 1, "=": 1, "-": -1, "0": 0 };

export class PictureViewer extends HTMLElement {
  #link = null;
  #wantsOlder = false;

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.dialog = this.querySelector("dialog");
    this.stage = this.querySelector("[data-stage]");
    this.image = this.querySelector("[data-image]");
    this.zoom = new Zoom(this.stage, this.image, signal);
    document.addEventListener("click", (event) => this.#opened(event), { signal });
    document.addEventListener("history.grown", () => this.#grown(), { signal });
    this.dialog.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.dialog.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.dialog.addEventListener("close", () => this.#closed(), { signal });
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  get #links() {
    return [...document.querySelectorAll("a[data-picture]")];
  }

  // With a modifier the link opens as any other.
  #opened(event) {
    const link = event.target.closest("a[data-picture]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    link.focus();
    this.#show(link);
    this.dialog.showModal();
  }

  #clicked({ target }) {
    const button = target.closest("button");
    if (button?.dataset.step) this.#step(Number(button.dataset.step));
    else if (button?.dataset.zoom) this.zoom.step(Number(button.dataset.zoom));
    else if (button?.matches("[data-close]")) this.dialog.close();
    else if (target === this.dialog || (target === this.stage && !this.zoom.wasMoved)) this.dialog.close();
  }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in KEYS) this.#step(KEYS[event.key]);
    else if (event.key in ZOOM_KEYS) this.zoom.step(ZOOM_KEYS[event.key]);
    else return;
    event.preventDefault();
  }

  #step(by) {
    const links = this.#links;
    const next = links[links.indexOf(this.#link) + by];
    this.#wantsOlder = !next && by < 0 && haveOlder();
    if (next) this.#show(next);
    else if (this.#wantsOlder) emit(this, "history.wanted");
  }

  // What came may have no picture: then once more.
  #grown() {
    if (this.#wantsOlder) this.#step(-1);
  }

  #show(link) {
    const { name, path } = link.closest("[data-name]").dataset;
    this.#link = link;
    this.zoom.reset();
    this.image.src = link.href;
    this.image.alt = name;
    this.querySelector("[data-name]").textContent = name;
    this.querySelector("[data-download]").href = path;
    this.#count();
  }

  #count() {
    const links = this.#links;
    const at = links.indexOf(this.#link);
    const all = haveOlder() ? `${links.length}+` : links.length;
    this.querySelector("[data-count]").textContent = `${at + 1} / ${all}`;
    this.#allow("-1", at > 0 || haveOlder());
    this.#allow("1", at < links.length - 1);
  }

  // A disabled button would lose the focus; the arrow keys must go on working.
  #allow(step, isPossible) {
    const button = this.querySelector(`[data-step="${step}"]`);
    button.setAttribute("aria-disabled", String(!isPossible));
  }

  #closed() {
    this.image.removeAttribute("src");
    this.#link = null;
    this.#wantsOlder = false;
  }
}

function haveOlder() {
  return Boolean(document.querySelector("[data-older]:not([hidden])"));
}
