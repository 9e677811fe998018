// The masked room number and its button to look at it.

export class RevealField extends HTMLElement {
  connectedCallback() {
    this.controller = new AbortController();
    this.button = this.querySelector("[data-reveal]");
    this.input = this.querySelector("input");
    this.button.hidden = false;
    this.#tell();
    this.button.addEventListener("click", () => this.#toggle(), { signal: this.controller.signal });
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  #toggle() {
    this.input.type = this.input.type === "password" ? "text" : "password";
    this.#tell();
    this.input.focus();
  }

  #tell() {
    this.button.setAttribute("aria-pressed", String(this.input.type === "text"));
  }
}
