// People who talk in a room while nodes come and go, as the browser's program does: what was not acknowledged is sent again under
// its name, on the next connection. Half of them use live connections, half of them forms.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** Between two messages of a person, for a few seconds … */
const PACE = 400;
/** … and for as long as one likes: nodes take twenty in ten seconds from each. */
export const STEADY_PACE = 800;
/** Nothing is tried for longer. */
const PATIENCE = 20_000;

export class Conversation {
  /** Messages that were acknowledged: their names with their numbers. */
  acknowledged = new Map();
  /** How often something had to be sent again. */
  again = 0;
  /** With which codes connections were closed. */
  codes = [];
  #stop = false;

  /** Everybody begins to talk. */
  static async begin(room, people, pace = PACE) {
    const talk = new Conversation();
    Object.assign(talk, { room, pace });
    talk.reader = people[0];
    // What was there before they came is history and not told.
    talk.baseline = (await talk.#page(1_000_000)).messages.at(-1)?.seq ?? 0;
    talk.listeners = people.filter((_, i) => i % 2 === 0).map((person) => new Listener(talk, person));
    await Promise.all(talk.listeners.map((listener) => listener.connect()));
    const writers = people.filter((_, i) => i % 2 === 1).map((person) => talk.#writes(person));
    talk.running = Promise.all([...talk.listeners.map((listener) => listener.talks()), ...writers]);
    // It is waited for at the end; until then it is nobody's surprise.
    talk.running.catch(() => undefined);
    return talk;
  }

  /** Everybody stops when what they said has arrived. */
  async end() {
    this.#stop = true;
    await this.running;
    return `${this.acknowledged.size} messages, ${this.again} sent again`;
  }

  /** Names of messages to send, one after the other. */
  async *turns() {
    while (!this.#stop) {
      yield randomUUID();
      await sleep(this.pace * (0.8 + 0.4 * Math.random()));
    }
  }

  /** Tries until it works; `attempt` says the number under which a message is stored, or nothing. */
  async insist(send_id, attempt) {
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; this.again += 1) {
      const seq = await attempt().catch(() => undefined);
      if (seq !== undefined) {
        this.acknowledged.set(send_id, seq);
        return;
      }
      await sleep(50);
    }
    throw new Error('a message could not be sent');
  }

  async #writes(person) {
    for await (const send_id of this.turns()) {
      const fields = { 'form[room]': this.room, 'form[send_id]': send_id, 'form[text]': `양식으로 ${send_id}` };
      await this.insist(send_id, async () => (await person.call('send_message', fields)).seq);
    }
  }

  /** A page of what is stored before a number. */
  #page = (before, node) => this.reader.read('chat_history', { room: this.room, before }, { at: node });

  /** What is stored, read on one node, against what was acknowledged and what connections have heard. */
  async check(node) {
    const log = [];
    for (let more = { older: true }; more.older; ) {
      more = await this.#page(log[0]?.seq ?? 1_000_000, node);
      log.unshift(...more.messages);
    }
    assert.deepEqual(log.map(({ seq }) => seq), log.map((_, i) => i + 1), 'numbers have no gaps');
    const stored = new Map();
    for (const { seq, content } of log) {
      if (!content.text) continue;
      assert.ok(!stored.has(content.text.send_id), `${content.text.send_id} is stored once`);
      stored.set(content.text.send_id, seq);
    }
    for (const [send_id, seq] of this.acknowledged) assert.equal(stored.get(send_id), seq, 'what was acknowledged is stored where that said');
    for (const listener of this.listeners) await listener.heardAll(log.length);
  }
}

/** Somebody with a live connection, who comes back when it is lost and asks for what they missed. */
class Listener {
  /** All connections, the present one at the end. */
  sockets = [];

  constructor(talk, person) {
    Object.assign(this, { talk, person });
  }

  async connect() {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const socket = await this.person.listen().catch(() => undefined);
      if (socket) {
        socket.say({ resume: { room: this.talk.room, after: this.#heard().at(-1) } });
        this.sockets.push(socket);
        return;
      }
      if (Date.now() > deadline) throw new Error('no connection could be made');
      await sleep(50);
    }
  }

  get socket() {
    return this.sockets.at(-1);
  }

  async talks() {
    for await (const send_id of this.talk.turns()) {
      await this.talk.insist(send_id, async () => {
        if (this.socket.code !== undefined) await this.#comeBack();
        const from = this.socket.frames.length;
        this.socket.say({ send: { room: this.talk.room, send_id, text: `바로 ${send_id}` } });
        return this.socket.hears((frame) => {
          if (frame.refused?.send_id === send_id) throw new Error('refused');
          return frame.ack?.send_id === send_id && frame.ack.seq;
        }, from);
      });
    }
  }

  /** Everything up to a number has come, at once or after coming back, once and in order. */
  async heardAll(last) {
    const { baseline } = this.talk;
    for (const deadline = Date.now() + PATIENCE; this.#heard().at(-1) < last && Date.now() < deadline; await sleep(50)) {
      if (this.socket.code !== undefined) await this.#comeBack();
    }
    const heard = this.#heard();
    const missing = Array.from({ length: last - baseline }, (_, i) => baseline + 1 + i).filter((seq) => !heard.includes(seq));
    assert.ok(missing.length === 0, `${this.person.name} never heard ${missing.join(', ')}`);
    for (const numbers of [...this.sockets.map(live), heard]) {
      const at = numbers.findIndex((seq, i) => seq <= numbers[i - 1]);
      assert.ok(at === -1, `${this.person.name} heard ${numbers[at]} after ${numbers[at - 1]}`);
    }
    assert.ok(heard.at(-1) === last, `${this.person.name} heard what is not stored`);
  }

  async #comeBack() {
    this.talk.codes.push(this.socket.code);
    await this.connect();
  }

  /** Numbers of everything that was heard, in that order, behind the last one of before. */
  #heard() {
    const heard = [this.talk.baseline];
    for (const socket of this.sockets) {
      const answers = socket.frames.flatMap(({ replay }) => replay ?? []);
      // Lost before it was answered: the next one was asked for the same, and for what came meanwhile.
      if (answers.length === 0) continue;
      heard.push(...answers.flatMap(({ messages }) => messages.map(({ seq }) => seq)));
      // A node tells everybody who is there what comes next, also when it stands in the answer, or another node has told it before.
      const known = heard.at(-1);
      heard.push(...live(socket).filter((seq) => seq > known));
    }
    return heard;
  }
}

/** Numbers that came by themselves. */
const live = ({ frames }) => frames.flatMap(({ message }) => message?.message.seq ?? []);
