// The far end of the log: older messages are loaded before the reader gets there, and
// taken away again while the reader stays at the other end.

import { documentFrom, emit } from "./dom.js";
import { dress } from "./dressing.js";

const AHEAD = 600; // px above the screen that are loaded before they are reached
const ANSWER_WITHIN = 20000; // ms
const KEPT = 400; // messages, while reading at the end

export class OlderMessages {
  #log;
  #scroller;
  #line;
  #link;
  #loading = null;
  #sought = 0;

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

  // A page that stays open for days stays small: old messages can be loaded again. But not
  // under somebody who is on the way to them, or looks at a picture of theirs.
  trim() {
    const articles = positions(this.#log);
    const isUsed = this.#loading || this.#sought || document.querySelector("dialog[open]");
    if (articles.length <= KEPT || isUsed) return;
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

  // Load one page more, if there is one; resolves to whether the server gave it.
  load() {
    this.#loading ??= this.#loadPage().finally(() => { this.#loading = null; });
    return this.#loading;
  }

  // Load back to a message; resolves to its article, or null when it can't be reached.
  async loadUntil(position) {
    const find = () => this.#log.querySelector(`#message-${position}`);
    this.#sought += 1;
    while (!find() && !this.reaches(position) && (await this.load()));
    this.#sought -= 1;
    return find();
  }

  // Tells whether a message would be in the log, were there one.
  reaches(position) {
    const [first] = positions(this.#log);
    return !this.exist || !first || Number(first.dataset.position) <= position;
  }

  async #loadPage() {
    if (!this.exist) return false;
    this.#log.setAttribute("aria-busy", "true");
    const { href } = this.#link;
    try {
      const answer = await fetch(href, { signal: AbortSignal.timeout(ANSWER_WITHIN) });
      const page = documentFrom(await answer.text());
      // The log may begin elsewhere by now: before that these would leave a hole.
      if (answer.ok && this.exist && this.#link.href === href) this.#prepend(page);
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
