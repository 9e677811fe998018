// The pictures of the page, one at a time and large, in a dialog: the browser itself keeps
// the focus inside, closes on Esc and gives the focus back. Before the first one of the page
// come those of older messages.

import { emit } from "../lib/dom.js";
import { Zoom } from "../lib/zoom.js";

const KEYS = { ArrowLeft: -1, ArrowRight: 1 };
const PAGES = 20; // of older messages that one press looks through
const ZOOM_KEYS = { "+": 1, "=": 1, "-": -1, "0": 0 };

export class PictureViewer extends HTMLElement {
  #order = 0; // of the shown picture among all of the room
  #pages = 0; // that may still be loaded for a press; none: nothing is looked for

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.dialog = this.querySelector("dialog");
    this.stage = this.querySelector("[data-stage]");
    this.image = this.querySelector("[data-image]");
    this.zoom = new Zoom(this.stage, this.image, signal);
    document.addEventListener("click", (event) => this.#opened(event), { signal });
    document.addEventListener("history.grown", () => this.#grown(), { signal });
    document.addEventListener("history.stayed", () => this.#stayed(), { signal });
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
    const next = this.#next(by);
    if (next) this.#show(next);
    else if (by < 0 && !this.#pages) this.#look(PAGES);
  }

  // The nearest on one side of the shown one, which itself may be gone from the page.
  #next(by) {
    const there = this.#links.filter((link) => Math.sign(orderOf(link) - this.#order) === by);
    return there.at(by < 0 ? -1 : 0);
  }

  // Older messages page by page: what comes may have no picture.
  #look(pages) {
    this.#pages = haveOlder() ? pages : 0;
    this.#count();
    if (this.#pages) emit(this, "history.wanted");
  }

  #grown() {
    if (!this.#pages) return;
    const previous = this.#next(-1);
    if (previous) this.#show(previous);
    else this.#look(this.#pages - 1);
  }

  #stayed() {
    if (this.#pages) this.#look(0);
  }

  #show(link) {
    const { name, path } = link.closest("[data-name]").dataset;
    this.#order = orderOf(link);
    this.#pages = 0;
    this.zoom.reset();
    this.image.src = link.href;
    this.image.alt = name;
    this.querySelector("[data-name]").textContent = name;
    this.querySelector("[data-download]").href = path;
    this.#count();
  }

  #count() {
    const orders = this.#links.map(orderOf);
    const place = orders.filter((order) => order <= this.#order).length;
    const all = haveOlder() ? `${orders.length}+` : orders.length;
    this.querySelector("[data-count]").textContent = `${place} / ${this.#pages ? "…" : all}`;
    this.#allow("-1", this.#next(-1) || haveOlder());
    this.#allow("1", this.#next(1));
  }

  // A disabled button would lose the focus; the arrow keys must go on working.
  #allow(step, isPossible) {
    const button = this.querySelector(`[data-step="${step}"]`);
    button.setAttribute("aria-disabled", String(!isPossible));
  }

  #closed() {
    this.image.removeAttribute("src");
    this.#pages = 0;
  }
}

// Of messages in the room, and of files in their message.
function orderOf(link) {
  const { position } = link.closest("[data-position]").dataset;
  const { place } = link.closest("[data-place]").dataset;
  return Number(position) + Number(place) / 1000;
}

function haveOlder() {
  return Boolean(document.querySelector("[data-older]:not([hidden])"));
}
