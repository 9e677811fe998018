// Records that outlive the browser: IndexedDB with promises, one kind of record per
// database, looked up by one field. Everything here may be refused (private windows,
// blocked site data, a full disk): callers go on without.

const NAME = "records";

export async function openStore(database, key, field) {
  const request = indexedDB.open(database, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(NAME, { keyPath: key }).createIndex(field, field);
  };
  const opened = await outcome(request, "success");
  opened.onversionchange = () => opened.close();
  return new Store(opened, field);
}

class Store {
  #database;
  #field;

  constructor(database, field) {
    this.#database = database;
    this.#field = field;
  }

  async allWith(value) {
    const records = this.#database.transaction(NAME).objectStore(NAME);
    const request = records.index(this.#field).getAll(value);
    await outcome(request, "success");
    return request.result;
  }

  put(record) {
    return this.#write((records) => records.put(record));
  }

  delete(key) {
    return this.#write((records) => records.delete(key));
  }

  // Committed at once: the page may be closed right after.
  async #write(act) {
    const transaction = this.#database.transaction(NAME, "readwrite");
    act(transaction.objectStore(NAME));
    transaction.commit?.();
    await outcome(transaction, "complete");
  }
}

function outcome(target, success) {
  return new Promise((resolve, reject) => {
    target.addEventListener(success, () => resolve(target.result));
    for (const type of ["error", "abort"]) {
      target.addEventListener(type, () => reject(target.error));
    }
  });
}
