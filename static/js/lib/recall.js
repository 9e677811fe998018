// A few words under a key, kept in the browser where it allows that.

export function recall(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

export function remember(key, words) {
  try {
    if (words) localStorage.setItem(key, words);
    else localStorage.removeItem(key);
  } catch {
    // Site data is blocked, or full: nothing is kept.
  }
}
