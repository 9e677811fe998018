"""The line between a browser and the server, for tests to cut and to listen to."""

import json
import re

CUT = "chat-room[data-state=offline]"
SOCKET = re.compile(r"/socket/")
DOUBLES = """
  window.doubled = new Set();
  new MutationObserver(() => {
    const texts = [...document.querySelectorAll(".message .message__body")]
      .map((body) => body.textContent.trim());
    texts.filter((text, at) => texts.indexOf(text) !== at)
      .forEach((text) => doubled.add(text));
  }).observe(document, {childList: true, subtree: true});
"""


class Line:
    """The sockets of a page, or of all pages of a browser. Cut, pages still load."""

    def __init__(self, pages):
        self.is_cut = False
        self.drops = ()  # types of frames that get lost, both ways
        self.posted = []  # client ids, as often as they were sent
        self._open = []
        pages.route_web_socket(SOCKET, self._connect)

    def cut(self, code=4000):
        self.is_cut = True
        for socket in self._open:
            socket.close(code=code)
        self._open.clear()

    def mend(self):
        self.is_cut = False

    def _connect(self, socket):
        if self.is_cut:
            socket.close(code=4000)
            return
        self._open.append(socket)
        server = socket.connect_to_server()
        socket.on_message(lambda text: self._pass(text, server))
        server.on_message(lambda text: self._pass(text, socket))

    def _pass(self, text, receiver):
        frame = json.loads(text)
        if frame["type"] == "post":
            self.posted.append(frame["client_id"])
        if frame["type"] not in self.drops:
            receiver.send(text)


def load_history_again(page):
    """As after a restored backup: the page knows another history than the server."""
    page.evaluate("""() => {
      const room = document.querySelector("chat-room");
      document.querySelector("[data-log] > .entry").dataset.isOld = "";
      room.changes.epoch = "another";
      room.socket.send({type: "resume", change: 1, epoch: "another"});
    }""")
    page.locator("[data-is-old]").wait_for(state="detached")


def reload_with(page, script):
    """Load the page again with a script that runs before its own."""
    page.context.add_init_script(script)
    page.reload()
    return page


def cut(*pages):
    pages[0].line.cut()
    for page in pages:
        page.wait_for_selector(CUT)


def pending(page):
    return page.locator("[data-pending] [data-body]").all_inner_texts()


def failed(page):
    return page.locator(".message[data-state=failed]")


def stored(page):
    """What the browser keeps of the outbox."""
    return page.evaluate("""() => new Promise((resolve) => {
      const opening = indexedDB.open("outbox");
      opening.onsuccess = () => {
        const records = opening.result.transaction("records").objectStore("records");
        records.getAll().onsuccess = ({target}) => {
          opening.result.close();
          resolve(target.result.map((draft) => draft.body));
        };
      };
    })""")
