// What is known of the gauge: newest status and verdict, 60 s of history, and whether it is of now.

export const SPAN_S = 60;
const FRESH_MS = 850; // with a look each 100 ms, what is old is grey within 1 s

export class Model {
  constructor() {
    this.hello = null;
    this.status = null;
    this.verdict = null;
    this.history = [];
    this.emotion = "";
    this.stride_s = 0.1;
    this.heardAt = -Infinity;
    this.judgedAt = -Infinity;
  }

  // Take a message; return whether the headline's verdict is new.
  take(message, now_ms) {
    if (message.type !== "hello" && message.type !== "run" && message.type !== "history") {
      this.heardAt = now_ms;
    }
    const handler = HANDLERS[message.type];
    return handler ? handler(this, message, now_ms) === true : false;
  }

  // Whether messages come, and whether the verdict is renewed as often as it should be.
  isLive(now_ms) {
    const slowest_ms = Math.max(FRESH_MS, 2500 * this.stride_s);
    return (
      now_ms - this.heardAt < FRESH_MS &&
      (this.verdict === null || now_ms - this.judgedAt < slowest_ms)
    );
  }

  forget() {
    this.heardAt = this.judgedAt = -Infinity;
  }

  // Whether `verdict` is the one that the needle shows.
  isHeadline(verdict) {
    const first = this.status?.faces?.[0]?.id;
    if (verdict.face !== undefined && first !== undefined && verdict.face !== first) return false;
    if (this.emotion === "auto" || this.emotion === "") return true;
    return verdict.emotion === (this.emotion === "all" ? "any" : this.emotion);
  }

  clear() {
    this.history = [];
    this.verdict = null;
  }

  add(verdict) {
    const last = this.history.at(-1);
    if (last && verdict.at_s < last.at_s) this.history = []; // another run, or a loop's start
    if (last && verdict.at_s === last.at_s) this.history.pop();
    this.history.push(verdict);
    const oldest_s = verdict.at_s - SPAN_S;
    while (this.history[0].at_s < oldest_s) this.history.shift();
  }
}

const HANDLERS = {
  hello(model, message) {
    model.hello = message;
  },
  run(model, message) {
    model.clear();
    model.emotion = message.emotion;
    model.stride_s = message.stride_s ?? model.stride_s;
  },
  history(model, message) {
    model.history = [];
    message.verdicts
      .filter((verdict) => model.isHeadline(verdict))
      .forEach((verdict) => model.add(verdict));
  },
  verdict(model, message, now_ms) {
    if (!model.isHeadline(message)) return false;
    model.verdict = message;
    model.judgedAt = now_ms;
    model.add(message);
    return true;
  },
  status(model, message, now_ms) {
    const { emotion, stride_s } = message.setting;
    if (model.emotion && emotion !== model.emotion) model.clear();
    model.emotion = emotion;
    model.stride_s = stride_s ?? model.stride_s;
    model.status = message;
    const verdict = message.verdict;
    if (verdict && verdict.at_s > (model.verdict?.at_s ?? -Infinity)) {
      model.verdict = verdict; // the page has just connected, or a verdict message was dropped
      model.judgedAt = now_ms;
      return true;
    }
    return false;
  }
};
