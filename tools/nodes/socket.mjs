// A live connection, as little of RFC 6455 as the nodes need. (The WebSocket of Node.js 20 has to be switched on, and none takes
// cookies and a certificate of ours.)

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { root } from './cluster.mjs';

const VERSION = /VERSION: u32 = (\d+)/.exec(readFileSync(join(root, 'src/live/protocol.rs'), 'utf8'))[1];
const PATIENCE = 10_000;
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];

export class Socket {
  /** Everything that was heard, in order. */
  frames = [];
  /** The code with which it was closed; 1006 when it just ended. */
  code = undefined;
  #wire;
  #rest = Buffer.alloc(0);
  #waiting = new Set();

  /** Opens one at `ws(s)://host`; it fails when the first frame does not come. */
  static async open(at, headers, ca) {
    const { request } = at.startsWith('wss:') ? https : http;
    const wire = await new Promise((done, failed) => {
      const asked = request(`${at.replace(/^ws/, 'http')}/ws?v=${VERSION}`, {
        ca, agent: false, timeout: PATIENCE,
        headers: { ...headers, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': randomBytes(16).toString('base64') },
      });
      asked.on('upgrade', (_, wire, head) => done([wire, head]));
      asked.on('response', ({ statusCode }) => (asked.destroy(), failed(new Error(`the upgrade was answered with ${statusCode}`))));
      asked.on('timeout', () => asked.destroy(new Error('no upgrade in time')));
      asked.on('error', failed);
      asked.end();
    });
    const socket = new Socket(...wire);
    await socket.hears((frame) => frame.ready);
    return socket;
  }

  constructor(wire, head) {
    this.#wire = wire;
    wire.setTimeout(0);
    wire.on('data', (chunk) => this.#take(chunk));
    wire.on('error', () => undefined);
    wire.on('close', () => this.#end(1006));
    this.#take(head);
  }

  /** Says something; it is nothing when the connection is gone. */
  say = (frame) => this.#write(TEXT, Buffer.from(JSON.stringify(frame)));

  /** The first frame, from the `from`th on, for which `pick` says something: what it says. */
  hears(pick, from = 0) {
    let seen = from;
    return this.#until(() => {
      while (seen < this.frames.length) {
        const found = pick(this.frames[seen++]);
        if (found) return found;
      }
      if (this.code !== undefined) throw new Error(`the connection was closed with ${this.code}`);
    });
  }

  /** The code with which it is closed. */
  closed = () => this.#until(() => this.code);

  close() {
    this.#write(CLOSE, Buffer.from([0x03, 0xe8]));
    this.#wire.end();
  }

  #until(look) {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => end(failed, new Error('nothing came in time')), PATIENCE);
      const end = (how, what) => (clearTimeout(timer), this.#waiting.delete(again), how(what));
      const again = () => {
        try {
          const found = look();
          if (found !== undefined) end(done, found);
        } catch (error) {
          end(failed, error);
        }
      };
      this.#waiting.add(again);
      again();
    });
  }

  #end(code) {
    this.code ??= code;
    this.#wire.destroy();
    for (const again of [...this.#waiting]) again();
  }

  #write(kind, body) {
    if (this.code !== undefined) return;
    const mask = randomBytes(4);
    const head = body.length < 126 ? Buffer.from([0x80 | kind, 0x80 | body.length]) : Buffer.from([0x80 | kind, 0xfe, body.length >> 8, body.length & 255]);
    this.#wire.write(Buffer.concat([head, mask, body.map((byte, i) => byte ^ mask[i % 4])]));
  }

  #take(chunk) {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const rest = this.#rest;
      if (rest.length < 2) return;
      const short = rest[1] & 127;
      const at = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (rest.length < at) return;
      const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
      if (rest.length < at + length) return;
      this.#rest = rest.subarray(at + length);
      this.#hear(rest[0] & 15, rest.subarray(at, at + length));
    }
  }

  #hear(kind, body) {
    if (kind === PING) this.#write(PONG, body);
    if (kind === CLOSE) this.#end(body.length < 2 ? 1005 : body.readUInt16BE(0));
    if (kind !== TEXT) return;
    this.frames.push(JSON.parse(body.toString()));
    for (const again of [...this.#waiting]) again();
  }
}
