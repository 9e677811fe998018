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
  #loading = false;

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
    this.#load();
  }

  #seen(entries) {
    if (entries.some((entry) => entry.isIntersecting)) this.#load();
  }

  #scrolled() {
    if (this.#scroller.scrollTop < AHEAD) this.#load();
  }

  async #load() {
    if (this.#loading || !this.exist) return;
    this.#loading = true;
    this.#log.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(this.#link.href);
      if (answer.ok) this.#prepend(documentFrom(await answer.text()));
    } catch {
      // Offline: the link stays, the next scroll tries again.
    } finally {
      this.#log.removeAttribute("aria-busy");
      this.#loading = false;
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
