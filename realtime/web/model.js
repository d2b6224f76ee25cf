// What is known of the gauge: newest status and verdict, 60 s of history, and whether it is of now.

export const SPAN_S = 60;
const FRESH_MS = 850; // with a look each 100 ms, what is old is grey within 1 s

export class Model {
  constructor() {
    this.hello = null;
    this.status = null;
    this.verdict = null;
    this.seen = []; // verdicts on every face in the last 60 s
    this.history = []; // those of the first face
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

  // The face that the needle shows, where several may be followed.
  get first() {
    return this.status?.setting?.faces > 1 ? this.status.faces[0]?.id : undefined;
  }

  // Whether `verdict` is of the face and the emotion that the needle shows.
  isHeadline(verdict) {
    return (this.first ?? verdict.face) === verdict.face && this.isAsked(verdict);
  }

  isAsked(verdict) {
    if (this.emotion === "auto" || this.emotion === "") return true;
    return verdict.emotion === (this.emotion === "all" ? "any" : this.emotion);
  }

  clear() {
    this.seen = [];
    this.history = [];
    this.verdict = null;
  }

  // Keep a verdict on any face; return whether the needle shows it.
  add(verdict) {
    if (!this.isAsked(verdict)) return false;
    if (verdict.at_s < this.seen.at(-1)?.at_s) this.seen = []; // another run, or a loop's start
    this.seen.push(verdict);
    while (this.seen[0].at_s < verdict.at_s - SPAN_S) this.seen.shift();
    return this.show(verdict);
  }

  show(verdict) {
    if (!this.isHeadline(verdict)) return false;
    const last = this.history.at(-1);
    if (last && verdict.at_s < last.at_s) this.history = [];
    if (last && verdict.at_s === last.at_s) this.history.pop();
    this.history.push(verdict);
    while (this.history[0].at_s < verdict.at_s - SPAN_S) this.history.shift();
    return true;
  }

  // Show the history of the face that is now the first.
  followFirst() {
    this.history = [];
    for (const verdict of this.seen) this.show(verdict);
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
    model.seen = [];
    model.history = [];
    message.verdicts.forEach((verdict) => model.add(verdict));
  },
  verdict(model, message, now_ms) {
    if (!model.add(message)) return false;
    model.verdict = message;
    model.judgedAt = now_ms;
    return true;
  },
  status(model, message, now_ms) {
    const { emotion, stride_s } = message.setting;
    if (model.emotion && emotion !== model.emotion) model.clear();
    model.emotion = emotion;
    model.stride_s = stride_s ?? model.stride_s;
    const before = model.first;
    model.status = message;
    if (model.first !== before) model.followFirst();
    const verdict = message.verdict;
    if (verdict && verdict.at_s > (model.verdict?.at_s ?? -Infinity)) {
      model.verdict = verdict; // the page has just connected, or a verdict message was dropped
      model.judgedAt = now_ms;
      return true;
    }
    return false;
  }
};
