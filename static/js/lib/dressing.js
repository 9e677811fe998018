// What the reader's own clock and eyes add to the server's messages: local times, a line
// for each new day, and one name over consecutive messages of a person.

import { cloneTemplate } from "./dom.js";
import { formatClock, formatDay, formatFull } from "./formats.js";

const TOGETHER = 5 * 60 * 1000; // ms

export function dress(log) {
  let before = null;
  for (const entry of [...log.querySelectorAll(":scope > .entry:not([data-pending])")]) {
    const here = describe(entry);
    localize(here);
    placeDayLine(entry, here, before);
    const together = before && here.author === before.author && !here.isNotice &&
      !before.isNotice && here.day === before.day && here.date - before.date < TOGETHER;
    entry.classList.toggle("is-continued", Boolean(together));
    before = here;
  }
}

function describe(entry) {
  const article = entry.querySelector("article");
  const time = entry.querySelector("time");
  const date = new Date(time.dateTime);
  const isNotice = article.classList.contains("notice");
  return { date, time, isNotice, author: article.dataset.authorId, day: date.toDateString() };
}

function localize({ time, date }) {
  if (time.title) return;
  time.textContent = formatClock(date);
  time.title = formatFull(date);
}

function placeDayLine(entry, here, before) {
  const shown = entry.previousElementSibling;
  const hasLine = shown?.matches("[data-day]");
  if (before?.day === here.day) {
    if (hasLine) shown.remove();
    return;
  }
  const line = hasLine ? shown : cloneTemplate("day-line");
  const label = line.querySelector("[data-label]");
  const words = formatDay(here.date);
  if (label.textContent !== words) label.textContent = words; // else it would be read out again
  if (!hasLine) entry.before(line);
}
