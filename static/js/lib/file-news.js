// What messages say of their files when they come or change: "file.arrived" for each file
// of others that is there now, "message.uploading" with what is left of own uploads.

import { emit } from "./dom.js";

export class FileNews {
  #list;
  #awaited = new Set(); // ids of files that were on their way when last seen

  constructor(list) {
    this.#list = list;
    this.look();
  }

  // Whatever the log shows as on its way is awaited.
  look(root = this.#list.log) {
    for (const { attachmentId } of files(root, "uploading")) this.#awaited.add(attachmentId);
  }

  // A message that was not there before: every file of it is news.
  came(entry) {
    for (const { attachmentId } of files(entry, "ready")) this.#awaited.add(attachmentId);
    this.changed(entry);
  }

  // Further up than the page reaches anything may have happened to it. Files that somebody
  // has were there before; a file that nobody has is taken for a new one.
  changedAbove(entry) {
    if (entry.querySelector(".attachment__receivers")) this.changed(entry);
    else this.came(entry);
  }

  changed(entry) {
    this.look(entry);
    if (entry.classList.contains("is-mine")) return this.tellUploading(entry.querySelector("article"));
    for (const file of files(entry, "ready")) {
      if (this.#awaited.delete(file.attachmentId)) emit(this.#list, "file.arrived", file);
    }
  }

  tellUploading(article) {
    const { clientId, position } = article.dataset;
    const uploading = files(article, "uploading").map(({ attachmentId }) => attachmentId);
    emit(this.#list, "message.uploading", { clientId, position: Number(position), uploading });
  }

  tellGone(position) {
    emit(this.#list, "message.uploading", { position, uploading: [] });
  }
}

// What their cards know of the files in this state.
function files(root, state) {
  const cards = root.querySelectorAll(`.attachment[data-state=${state}]`);
  return [...cards].map((card) => ({ ...card.dataset }));
}
