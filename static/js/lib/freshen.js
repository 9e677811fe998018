// Brings shown HTML to a fresh drawing of the same thing and touches only what differs: a
// playing video plays on, focus and open details stay, and nothing is read out again.

const PAGES_OWN = "[data-live], time"; // filled or changed by the page
const WHOLE = "svg, pre, bdi, .message__body"; // text with elements in it

export function freshen(shown, fresh) {
  if (shown.matches(PAGES_OWN) || shown.isEqualNode(fresh)) return;
  for (const { name, value } of fresh.attributes) {
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
  if (shown.matches(WHOLE) || !fresh.children.length) shown.replaceChildren(...fresh.childNodes);
  else freshenParts(shown, fresh);
}

function freshenParts(shown, fresh) {
  const wanted = keyed(fresh);
  const known = keyed(shown);
  for (const [key, part] of known) if (!wanted.has(key)) part.remove();
  let place = null;
  for (const [key, part] of wanted) {
    const stays = known.get(key);
    if (stays) freshen(stays, part);
    else if (place) place.after(part);
    else shown.prepend(part);
    place = stays ?? part;
  }
}

// Parts are the same by what they are and which of those.
function keyed(parent) {
  const parts = new Map();
  for (const part of parent.children) {
    const kind = part.dataset.attachmentId ?? `${part.tagName} ${part.classList[0] ?? ""}`;
    let count = 0;
    while (parts.has(`${kind} ${count}`)) count += 1;
    parts.set(`${kind} ${count}`, part);
  }
  return parts;
}
