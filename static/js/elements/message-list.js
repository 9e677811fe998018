// The conversation: puts messages in their place and keeps the reader's place. What a
// message looks like is the server's; what depends on the reader is here.

import { emit, fragmentFrom } from "../lib/dom.js";
import { dress } from "../lib/dressing.js";
import { FileNews } from "../lib/file-news.js";
import { freshen } from "../lib/freshen.js";
import { OlderMessages, positions } from "../lib/older-messages.js";
import { PendingMessages } from "../lib/pending-messages.js";
import { UploadCards } from "../lib/upload-cards.js";

const NEAR = 100; // px from the end that still count as the end
const MESSAGE_EVENTS = [
  "message.posted", "message.edited", "message.deleted", "member.joined", "member.left",
  "member.removed", "room.created", "room.renamed",
];

export class MessageList extends HTMLElement {
  #isTidying = false;
  #unseen = 0;
  #shownAtEnd = true;

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.room = this.closest("chat-room");
    this.scroller = this.querySelector("[data-scroll]");
    this.log = this.querySelector("[data-log]");
    this.latest = this.querySelector("[data-latest]");
    dress(this.log);
    this.#toEnd();
    this.pending = new PendingMessages(this.log, signal);
    this.older = new OlderMessages(this, signal);
    this.uploads = new UploadCards(this.log, signal);
    this.news = new FileNews(this);
    this.#listen(signal);
    // What grows or gets less room is no wish of the reader: at the end stays at the end.
    this.resize = new ResizeObserver(() => this.#shownAtEnd && this.#toEnd());
    this.resize.observe(this.scroller);
    this.resize.observe(this.log);
  }

  disconnectedCallback() {
    this.controller.abort();
    this.resize.disconnect();
  }

  #listen(signal) {
    const on = (target, type, act) => target.addEventListener(type, (e) => act(e.detail), { signal });
    for (const type of MESSAGE_EVENTS) on(this.room, type, (event) => this.#put(event));
    on(this.room, "room.renamed", ({ name }) => this.#renamed(name));
    on(this.room, "message.pending", (draft) => this.#written(draft));
    on(this.room, "message.failed", (draft) => this.#failed(draft));
    on(this.room, "message.settled", ({ clientId }) => this.pending.remove(clientId));
    on(this.room, "upload.changed", (step) => this.uploads.show(step));
    on(this.room, "upload.progress", (frame) => this.uploads.progress(frame));
    on(this.room, "room.online", () => this.#lookAtFiles());
    on(this.log, "history.loaded", () => this.#lookAtFiles());
    on(this.room, "history.reloaded", ({ page }) => this.#reloaded(page));
    on(this.room, "history.wanted", () => this.#loadOlder());
    on(this.room, "history.sought", (place) => this.#goTo(place));
    on(this.scroller, "scroll", () => this.#scrolled());
    on(this.latest, "click", () => this.#toEnd());
  }

  get #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  // Insert or freshen by position; an older state never replaces a newer one.
  #put(event) {
    const entry = this.#entry(event);
    if (entry.classList.contains("is-mine")) this.pending.remove(event.client_id);
    const shown = this.log.querySelector(`#message-${event.position}`);
    if (shown && Number(shown.dataset.change) > event.change) return;
    if (shown) this.#freshen(shown, entry);
    else if (this.older.reaches(event.position)) this.#insert(entry, event);
    else this.news.changedAbove(entry);
    this.#tidySoon();
  }

  // Once for all events of a frame.
  #tidySoon() {
    if (!this.#isTidying) queueMicrotask(() => this.#tidy());
    this.#isTidying = true;
  }

  #tidy() {
    this.#isTidying = false;
    if (this.#shownAtEnd) this.older.trim();
    dress(this.log);
    this.#lookAtFiles();
    if (this.#shownAtEnd) this.#toEnd();
  }

  #lookAtFiles() {
    this.uploads.look();
    this.news.look();
  }

  #freshen(shown, entry) {
    this.news.changed(entry);
    const focused = shown.contains(document.activeElement);
    freshen(shown, entry.firstElementChild);
    if (focused && document.activeElement === document.body) this.scroller.focus();
  }

  #entry(event) {
    const entry = document.createElement("div");
    entry.className = "entry";
    entry.classList.toggle("is-mine", event.author === this.room.dataset.memberId);
    entry.append(fragmentFrom(event.html));
    return entry;
  }

  #insert(entry, { position }) {
    this.news.came(entry);
    const isBefore = (article) => Number(article.dataset.position) < position;
    const after = positions(this.log).findLast(isBefore);
    if (after) after.closest(".entry").after(entry);
    else this.log.prepend(entry);
    if (!this.#shownAtEnd) this.#countUnseen();
  }

  #renamed(name) {
    this.room.querySelector("[data-room-name]").textContent = name;
  }

  #written(draft) {
    if (this.pending.show(draft)) this.#toEnd();
  }

  #failed(draft) {
    this.pending.fail(draft);
    if (this.#shownAtEnd) this.#toEnd();
  }

  #reloaded(page) {
    const entries = [...page.querySelectorAll("[data-log] > .entry")];
    this.log.replaceChildren(...entries, ...this.pending.all);
    this.pending.removeConfirmed();
    this.older.follow(page);
    this.#takeUnfinished(page);
    for (const entry of entries) this.news.changed(entry);
    dress(this.log);
    this.#lookAtFiles();
    this.#toEnd();
  }

  #takeUnfinished(page) {
    this.querySelector("unfinished-uploads")?.remove();
    this.prepend(...page.querySelectorAll("unfinished-uploads"));
  }

  async #loadOlder() {
    emit(this, (await this.older.load()) ? "history.grown" : "history.stayed");
  }

  async #goTo({ position, attachmentId }) {
    const article = await this.older.loadUntil(position);
    if (!article) return this.older.reaches(position) && this.news.tellGone(position);
    this.news.tellUploading(article);
    article.scrollIntoView({ block: "center" });
    this.#scrolled(); // before a message comes and leads back to the end
    const card = article.querySelector(`[data-attachment-id="${CSS.escape(attachmentId)}"]`);
    (card ?? this.scroller).focus();
  }

  #scrolled() {
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
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#shownAtEnd = true;
    this.#seen();
  }
}
