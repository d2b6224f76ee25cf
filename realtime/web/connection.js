// WebSocket to the gauge that comes back by itself.

import { text } from "./words.js";

const FIRST_WAIT_S = 0.5,
  LONGEST_WAIT_S = 5,
  REFUSED_WAIT_S = 10;
const SILENCE_S = 6; // a connection that says nothing for so long is dead
const token = new URLSearchParams(location.search).get("token");

// The address of `path` on the gauge, with the token where the page has one.
export function address(path, extra = {}) {
  const query = new URLSearchParams({ ...(token ? { token } : {}), ...extra }).toString();
  return query ? `${path}?${query}` : path;
}

export class Connection {
  // `onMessage` gets each message; `onLink` gets (link, words): live, connecting, lost, ended, refused.
  constructor(onMessage, onLink) {
    this.onMessage = onMessage;
    this.onLink = onLink;
    this.wait_s = FIRST_WAIT_S;
    this.retry = 0;
    this.heard = performance.now();
    setInterval(() => this.dropSilent(), 1000);
    addEventListener("online", () => this.connect());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.retry) this.connect();
    });
  }

  connect() {
    clearTimeout(this.retry);
    this.retry = 0;
    this.leave();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${address("/ws")}`);
    this.socket = socket;
    this.heard = performance.now();
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.heard = performance.now();
      this.wait_s = FIRST_WAIT_S;
      this.onMessage(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code);
    };
  }

  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  leave() {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close();
  }

  dropSilent() {
    if (this.socket && performance.now() - this.heard > SILENCE_S * 1000) {
      this.leave();
      this.lost(1006);
    }
  }

  async lost(code) {
    this.socket = null;
    this.retry = -1; // known to be lost while the reason is looked up
    this.onLink("lost", text("page.lost"));
    const [link, words, least_s] = code === 1001 ? ENDED : await whyRefused();
    if (this.socket) return;
    const wait_s = Math.max(this.wait_s, least_s);
    this.wait_s = Math.min(2 * this.wait_s, LONGEST_WAIT_S);
    this.onLink(link, words);
    this.retry = setTimeout(() => this.connect(), 1000 * wait_s * (0.8 + 0.4 * Math.random()));
  }
}

const ENDED = ["ended", text("page.ended"), 0];

// A browser hides why a WebSocket was refused; an ordinary request tells.
async function whyRefused() {
  try {
    const answer = await fetch(address("/status"), { signal: AbortSignal.timeout(3000) });
    if (answer.status === 401) {
      return ["refused", text("page.refused"), REFUSED_WAIT_S];
    }
    if (answer.status === 503) return ["refused", text("page.full"), 2];
    return ["lost", text("page.trying"), 0];
  } catch {
    return ["lost", text("page.gone"), 0];
  }
}
