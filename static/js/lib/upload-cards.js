// The cards of files that are on their way: what their sender can do about it, and how
// far they are for everybody. Cards are the server's; what is put into them is the page's.

import { cloneTemplate, emit } from "./dom.js";
import { formatSeconds, formatSize } from "./formats.js";

const QUIET = 10000; // ms without news from the tab that sends
const FRESH = ".attachment[data-state=uploading]:not([data-upload])";

export class UploadCards {
  #log;
  #timers = new Map();

  constructor(log, signal) {
    this.#log = log;
    log.addEventListener("click", (event) => this.#clicked(event), { signal });
    log.addEventListener("change", (event) => this.#chosen(event), { signal });
  }

  // Own cards that are new here ask for their bytes.
  look() {
    for (const card of this.#log.querySelectorAll(FRESH)) {
      card.dataset.upload = "theirs";
      fill(card);
      if (card.closest(".is-mine")) emit(this.#log, "upload.shown", describe(card));
    }
  }

  // A step of an upload in this tab.
  show({ attachmentId, ...step }) {
    const card = this.#find(attachmentId);
    if (!card || (step.state === "away" && card.dataset.upload === "elsewhere")) return;
    setState(card, step.state, step);
    setSent(card, step.offset);
    setPace(card, step);
  }

  // What the server tells of everybody's.
  progress({ files }) {
    for (const [attachmentId, bytes] of Object.entries(files)) {
      const card = this.#find(attachmentId);
      if (card) this.#heard(card, bytes);
    }
  }

  #heard(card, bytes) {
    const { upload, attachmentId } = card.dataset;
    if (!["theirs", "away", "elsewhere"].includes(upload)) return;
    setSent(card, bytes);
    if (upload === "theirs") return;
    setState(card, "elsewhere");
    clearTimeout(this.#timers.get(attachmentId));
    this.#timers.set(attachmentId, setTimeout(() => setState(card, "away"), QUIET));
  }

  #find(attachmentId) {
    const id = CSS.escape(attachmentId);
    return this.#log.querySelector(`[data-attachment-id="${id}"][data-state=uploading]`);
  }

  #clicked({ target }) {
    const wish = target.closest("[data-wish]")?.dataset.wish;
    if (!wish) return;
    const card = target.closest(".attachment");
    emit(this.#log, "upload.asked", { attachmentId: card.dataset.attachmentId, wish });
    if (!card.contains(document.activeElement)) focusOn(card);
  }

  #chosen({ target }) {
    if (!target.matches("[data-same-file]") || !target.files.length) return;
    const { attachmentId } = target.closest(".attachment").dataset;
    const [file] = target.files;
    target.value = "";
    emit(this.#log, "upload.asked", { attachmentId, wish: "continue", file });
  }
}

function describe(card) {
  const { attachmentId, place, name, size } = card.dataset;
  const { clientId } = card.closest("article").dataset;
  return { attachmentId, clientId, place: Number(place), name, size: Number(size) };
}

function fill(card) {
  const controls = cloneTemplate("upload");
  for (const labelled of controls.querySelectorAll("[data-names-file]")) {
    const label = labelled.getAttribute("aria-label");
    labelled.setAttribute("aria-label", `${label}: ${card.dataset.name}`);
  }
  card.querySelector("[data-upload-controls]").replaceChildren(controls);
  setState(card, "theirs");
}

// Every part says in which states it is shown, and of which problem it speaks.
function setState(card, state, { problem = "", reason = "" } = {}) {
  card.dataset.upload = state;
  for (const part of card.querySelectorAll("[data-when]")) {
    const isProblem = !part.dataset.problem || part.dataset.problem === problem;
    part.hidden = !part.dataset.when.split(" ").includes(state) || !isProblem;
  }
  card.querySelector("[data-reason]").textContent = reason;
}

function setSent(card, bytes) {
  const { size } = card.dataset;
  const percent = size > 0 ? Math.min(100, Math.floor((100 * bytes) / size)) : 0;
  card.querySelector("[data-bar]").value = percent;
  card.querySelector("[data-percent]").textContent = `${percent} %`;
}

function setPace(card, { speed, seconds }) {
  const pace = card.querySelector("[data-pace]");
  pace.hidden ||= !speed;
  if (!speed) return;
  card.querySelector("[data-speed]").textContent = formatSize(speed);
  card.querySelector("[data-left]").textContent = formatSeconds(seconds);
}

// The button that was pressed is gone: its counterpart, or the card.
function focusOn(card) {
  const button = [...card.querySelectorAll("button")].find((one) => one.offsetParent);
  (button ?? card).focus();
}
