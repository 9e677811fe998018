// Registers the elements; each enhances HTML that the server drew.

import { ChatRoom } from "./elements/chat-room.js";
import { ConnectionBanner } from "./elements/connection-banner.js";
import { FileSaver } from "./elements/file-saver.js";
import { FileTray } from "./elements/file-tray.js";
import { LocalTime } from "./elements/local-time.js";
import { MessageComposer } from "./elements/message-composer.js";
import { MessageList } from "./elements/message-list.js";
import { PictureViewer } from "./elements/picture-viewer.js";
import { PresenceList } from "./elements/presence-list.js";
import { RevealField } from "./elements/reveal-field.js";
import { TextPreview } from "./elements/text-preview.js";
import { UnfinishedUploads } from "./elements/unfinished-uploads.js";

// The room first: its children speak to it as soon as they are connected.
customElements.define("chat-room", ChatRoom);
customElements.define("connection-banner", ConnectionBanner);
customElements.define("file-saver", FileSaver);
customElements.define("file-tray", FileTray);
customElements.define("local-time", LocalTime);
customElements.define("message-composer", MessageComposer);
customElements.define("message-list", MessageList);
customElements.define("picture-viewer", PictureViewer);
customElements.define("presence-list", PresenceList);
customElements.define("reveal-field", RevealField);
customElements.define("text-preview", TextPreview);
customElements.define("unfinished-uploads", UnfinishedUploads);
