// Who is here, as the server tells: a list once, then who came and who went.

import { cloneTemplate } from "../lib/dom.js";

export class PresenceList extends HTMLElement {
  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.room = this.closest("chat-room");
    this.list = this.querySelector("[data-people]");
    this.room.addEventListener("presence.listed", (e) => this.#listed(e.detail), { signal });
    this.room.addEventListener("presence", (e) => this.#changed(e.detail), { signal });
    this.room.addEventListener("room.offline", () => this.#count(0), { signal });
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  #listed({ here, count }) {
    this.list.replaceChildren();
    this.#add(this.#myself());
    here.forEach((person) => this.#add(person));
    this.#count(Math.max(count, this.list.children.length));
  }

  #changed({ came, went, count }) {
    came.forEach((person) => this.#add(person));
    const me = this.#myself().id;
    went.filter((id) => id !== me).forEach((id) => this.#find(id)?.remove());
    this.#count(Math.max(count, 1));
  }

  #myself() {
    const name = this.room.querySelector(".room-header__member bdi").textContent;
    return { id: this.room.dataset.memberId, name };
  }

  #find(id) {
    return this.list.querySelector(`[data-person-id="${CSS.escape(id)}"]`);
  }

  #add({ id, name }) {
    let person = this.#find(id);
    if (!person) {
      person = cloneTemplate("person");
      person.dataset.personId = id;
      this.list.append(person);
    }
    person.querySelector("bdi").textContent = name;
  }

  #count(number) {
    for (const shown of this.room.querySelectorAll("[data-here-count]")) {
      shown.textContent = number || "–";
    }
  }
}
