// The far end of the log: older messages are loaded before the reader gets there, and
// taken away again while the reader stays at the other end.

import { documentFrom, emit } from "./dom.js";
import { dress } from "./dressing.js";

const AHEAD = 600; // px above the screen that are loaded before they are reached
const KEPT = 400; // messages, while reading at the end

export class OlderMessages {
  #log;
  #scroller;
  #line;
  #link;
  #loading = null;

  constructor(list, signal) {
    this.#log = list.log;
    this.#scroller = list.scroller;
    this.#line = list.querySelector("[data-older]");
    this.#link = this.#line.querySelector("a");
    const options = { root: this.#scroller, rootMargin: `${AHEAD}px` };
    const watch = new IntersectionObserver((seen) => this.#seen(seen), options);
    watch.observe(this.#line);
    signal.addEventListener("abort", () => watch.disconnect());
    this.#line.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { signal });
  }

  get exist() {
    return !this.#line.hidden;
  }

  // The log was filled from this page.
  follow(page) {
    const line = page.querySelector("[data-older]");
    this.#lead(line.hidden ? null : positions(this.#log)[0].dataset.position);
  }

  // A page that stays open for days stays small: old messages can be loaded again.
  trim() {
    const articles = positions(this.#log);
    if (articles.length <= KEPT) return;
    const [first] = articles.slice(-KEPT);
    const entry = first.closest(".entry");
    while (entry.previousElementSibling) entry.previousElementSibling.remove(); // day lines too
    this.#lead(first.dataset.position);
  }

  #lead(before) {
    this.#line.hidden = before === null;
    if (before !== null) this.#link.search = `?before=${before}`;
  }

  #clicked(event) {
    event.preventDefault();
    this.load();
  }

  #seen(entries) {
    if (entries.some((entry) => entry.isIntersecting)) this.load();
  }

  #scrolled() {
    if (this.#scroller.scrollTop < AHEAD) this.load();
  }

  // Load one page more, if there is one; resolves to whether it came.
  load() {
    this.#loading ??= this.#loadPage().finally(() => { this.#loading = null; });
    return this.#loading;
  }

  // Load back to a message; resolves to its article, or null when it can't be reached.
  async loadUntil(position) {
    const find = () => this.#log.querySelector(`#message-${position}`);
    const isAbove = () => Number(positions(this.#log)[0].dataset.position) > position;
    while (!find() && isAbove() && (await this.load()));
    return find();
  }

  async #loadPage() {
    if (!this.exist) return false;
    this.#log.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(this.#link.href);
      if (answer.ok) this.#prepend(documentFrom(await answer.text()));
      return answer.ok;
    } catch {
      return false; // offline: the link stays, the next scroll tries again
    } finally {
      this.#log.removeAttribute("aria-busy");
    }
  }

  // Without moving what is being read.
  #prepend(page) {
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    const entries = [...page.querySelectorAll("[data-log] > .entry")];
    const isNew = (entry) => !document.getElementById(entry.querySelector("article").id);
    this.#log.prepend(...entries.filter(isNew));
    this.follow(page);
    dress(this.#log);
    emit(this.#log, "history.loaded");
    this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
  }
}

export function positions(log) {
  return [...log.querySelectorAll("article[data-position]")];
}
