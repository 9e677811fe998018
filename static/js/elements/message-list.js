// The conversation: puts messages in their place, loads older ones, keeps the reader's
// place. What a message looks like is the server's; what depends on the reader is here.

import { cloneTemplate, documentFrom, emit, fragmentFrom } from "../lib/dom.js";
import { dress } from "../lib/dressing.js";

const NEAR = 100; // px from the end that still count as the end
const AHEAD = 600; // px above the screen that are loaded before they are reached
const KEPT = 400; // entries, while reading at the end
const MESSAGE_EVENTS = [
  "message.posted", "message.edited", "message.deleted", "member.joined", "member.left",
  "member.removed", "room.created", "room.renamed",
];

export class MessageList extends HTMLElement {
  #dressing = false;
  #height = 0;
  #loading = false;
  #unseen = 0;
  #shownAtEnd = true;

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.room = this.closest("chat-room");
    this.scroller = this.querySelector("[data-scroll]");
    this.log = this.querySelector("[data-log]");
    this.older = this.querySelector("[data-older]");
    this.latest = this.querySelector("[data-latest]");
    const on = (target, type, act) => target.addEventListener(type, act, { signal });
    for (const type of MESSAGE_EVENTS) on(this.room, type, (e) => this.#put(e.detail));
    on(this.room, "room.renamed", (e) => this.#renamed(e.detail.name));
    on(this.room, "message.pending", (e) => this.#pending(e.detail));
    on(this.room, "message.failed", (e) => this.#failed(e.detail));
    on(this.room, "upload.progress", (e) => this.#progressed(e.detail));
    on(this.room, "history.reloaded", (e) => this.#reloaded(e.detail.page));
    on(this.scroller, "scroll", () => this.#scrolled());
    on(this.latest, "click", () => this.#toEnd());
    on(this.older, "click", (event) => this.#olderClicked(event));
    on(this.log, "click", (event) => this.#clicked(event));
    this.watch = new IntersectionObserver((seen) => this.#olderSeen(seen), { root: this.scroller, rootMargin: `${AHEAD}px` });
    this.resize = new ResizeObserver(() => this.#shownAtEnd && this.#toEnd());
    dress(this.log);
    this.#toEnd();
    this.watch.observe(this.older);
    this.resize.observe(this.scroller);
  }

  disconnectedCallback() {
    this.controller.abort();
    this.watch.disconnect();
    this.resize.disconnect();
  }

  get #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  get #articles() {
    return [...this.log.querySelectorAll("article[data-position]")];
  }

  // Insert or replace by position; an older state never replaces a newer one.
  #put(event) {
    const stick = this.#shownAtEnd;
    const entry = this.#entry(event);
    const shown = this.log.querySelector(`#message-${event.position}`);
    if (shown && Number(shown.dataset.change) > event.change) return;
    if (shown) shown.closest(".entry").replaceWith(entry);
    else this.#insert(entry, event);
    if (!shown && !stick) this.#countUnseen();
    this.#dressSoon();
  }

  // Once for all events of a frame.
  #dressSoon() {
    if (this.#dressing) return;
    this.#dressing = true;
    queueMicrotask(() => {
      this.#dressing = false;
      dress(this.log);
      if (this.#shownAtEnd) this.#toEnd();
    });
  }

  #entry(event) {
    const entry = document.createElement("div");
    entry.className = "entry";
    entry.classList.toggle("is-mine", event.author === this.room.dataset.memberId);
    entry.append(fragmentFrom(event.html));
    return entry;
  }

  #insert(entry, event) {
    if (entry.classList.contains("is-mine")) this.#findPending(event.client_id)?.remove();
    const first = this.#articles[0];
    if (first && event.position < Number(first.dataset.position) && !this.older.hidden) return;
    const after = this.#articles.reverse().find((a) => Number(a.dataset.position) < event.position);
    if (after) after.closest(".entry").after(entry);
    else this.log.prepend(entry);
  }

  #findPending(clientId) {
    return this.log.querySelector(`.entry[data-pending="${CSS.escape(clientId)}"]`);
  }

  #renamed(name) {
    this.room.querySelector("[data-room-name]").textContent = name;
  }

  #pending({ clientId, body, files }) {
    const entry = this.#findPending(clientId) ?? cloneTemplate("pending-message");
    entry.dataset.pending = clientId;
    entry.querySelector("[data-body]").textContent = body;
    entry.querySelector("[data-upload]").hidden = !files.length;
    entry.querySelector("[data-files]").replaceChildren(...files.map((file) => {
      const item = document.createElement("li");
      item.textContent = file.name;
      return item;
    }));
    this.log.append(entry);
    this.#toEnd();
  }

  #failed({ clientId, reason }) {
    const entry = this.#findPending(clientId);
    if (!entry) return;
    this.#setState(entry, "failed");
    entry.querySelector("[data-reason]").textContent = reason;
    entry.querySelector("[data-no-answer]").hidden = Boolean(reason?.trim());
    if (this.#shownAtEnd) this.#toEnd();
  }

  #setState(entry, state) {
    entry.querySelector("article").dataset.state = state;
    entry.querySelector("[data-failure]").hidden = state !== "failed";
    const hasFiles = entry.querySelector("[data-files]").children.length > 0;
    entry.querySelector("[data-upload]").hidden = state === "failed" || !hasFiles;
  }

  #progressed({ clientId, percent }) {
    const entry = this.#findPending(clientId);
    if (!entry) return;
    entry.querySelector("[data-progress]").value = percent;
    entry.querySelector("[data-percent]").textContent = `${percent} %`;
  }

  #clicked(event) {
    const entry = event.target.closest("[data-pending]");
    if (!entry) return;
    const detail = { clientId: entry.dataset.pending };
    if (event.target.closest("[data-retry]")) {
      this.#setState(entry, "pending");
      emit(this, "message.retry", detail);
    } else if (event.target.closest("[data-discard], [data-cancel]")) {
      entry.remove();
      emit(this, "message.discard", detail);
    }
  }

  // A reflow is no wish of the reader: at the end stays at the end.
  #scrolled() {
    if (this.scroller.scrollTop < AHEAD) this.#loadOlder();
    if (this.#shownAtEnd && this.scroller.scrollHeight !== this.#height) return this.#toEnd();
    this.#shownAtEnd = this.#isAtEnd;
    if (this.#shownAtEnd) this.#seen();
    else this.latest.hidden = false;
  }

  #countUnseen() {
    this.#unseen += 1;
    this.latest.hidden = false;
    this.querySelector("[data-unseen]").textContent = this.#unseen;
  }

  #seen() {
    this.#unseen = 0;
    this.latest.hidden = true;
    this.querySelector("[data-unseen]").textContent = "";
  }

  #toEnd() {
    this.#trim();
    this.#height = this.scroller.scrollHeight;
    this.scroller.scrollTop = this.#height;
    this.#shownAtEnd = true;
    this.#seen();
  }

  // A page that stays open for days stays small: old entries can be loaded again.
  #trim() {
    const surplus = this.#articles.slice(0, -KEPT);
    if (!surplus.length) return;
    surplus.forEach((article) => article.closest(".entry").remove());
    this.#setOlder(this.#articles[0].dataset.position);
  }

  #setOlder(before) {
    this.older.hidden = before === null;
    const link = this.older.querySelector("a");
    if (before !== null) link.href = `${this.room.dataset.pagePath}?before=${before}`;
  }

  #olderClicked(event) {
    event.preventDefault();
    this.#loadOlder();
  }

  #olderSeen(entries) {
    if (entries.some((entry) => entry.isIntersecting)) this.#loadOlder();
  }

  async #loadOlder() {
    if (this.#loading || this.older.hidden) return;
    this.#loading = true;
    this.log.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(this.older.querySelector("a").href);
      if (answer.ok) this.#prepend(documentFrom(await answer.text()));
    } catch {
      // Offline: the link stays, the next scroll tries again.
    } finally {
      this.log.removeAttribute("aria-busy");
      this.#loading = false;
    }
  }

  #prepend(page) {
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    const entries = [...page.querySelectorAll("[data-log] > .entry")];
    const known = (entry) => document.getElementById(entry.querySelector("article").id);
    this.log.prepend(...entries.filter((entry) => !known(entry)));
    const older = page.querySelector("[data-older]");
    this.#setOlder(older.hidden ? null : this.#articles[0].dataset.position);
    dress(this.log);
    this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
  }

  #reloaded(page) {
    const pending = [...this.log.querySelectorAll("[data-pending]")];
    this.log.replaceChildren(...page.querySelectorAll("[data-log] > .entry"), ...pending);
    const older = page.querySelector("[data-older]");
    this.#setOlder(older.hidden ? null : this.#articles[0].dataset.position);
    dress(this.log);
    this.#toEnd();
  }
}
