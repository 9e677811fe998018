// The only doors from text to elements.

export function fragmentFrom(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // drawn and escaped by the server
  return template.content;
}

export function documentFrom(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

export function cloneTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

export function emit(element, type, detail = {}) {
  element.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
}
