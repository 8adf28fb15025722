// Somebody who asks the nodes, through nginx or one by itself, and keeps their cookies.

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { Socket } from './socket.mjs';

const PATIENCE = 15_000;
/** 연남동. */
const REGION = '11440124';
let people = 0;

/** One request as it goes over the wire; fails when there is no answer. */
function send(url, { method, headers, body, certificate, agent }) {
  return new Promise((done, failed) => {
    const { request } = url.startsWith('https:') ? https : http;
    const asked = request(url, { method, headers, ca: certificate, agent, timeout: PATIENCE }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    // A connection that was used before may have been closed at the other end just now. Who only reads then asks again, as browsers do.
    const again = (error) => method === 'GET' && asked.reusedSocket && error.code === 'ECONNRESET';
    asked.on('error', (error) => failed(Object.assign(error, { again: again(error) })));
    asked.end(body);
  });
}

export class Visitor {
  cookies = new Map();

  /** `at`: whom they ask when nothing else is said. */
  constructor(at, certificate) {
    this.at = at;
    this.certificate = certificate;
  }

  get headers() {
    return { Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  /**
   * A page, or anything else; `agent` keeps connections for what is read. What changes something has a connection of its own and is sent
   * once: of one that was used before, nobody could say whether it was cut in the middle or closed before anything arrived.
   */
  async ask(path, { at = this.at, method = 'GET', fields, agent } = {}) {
    const body = fields && new URLSearchParams(fields).toString();
    const headers = { ...this.headers, Accept: fields ? 'application/json' : 'text/html' };
    if (body !== undefined) Object.assign(headers, { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body) });
    const options = { method, headers, body, certificate: this.certificate, agent: method === 'GET' ? agent : false };
    const answer = await send(at + path, options).catch((error) => {
      if (error.again) return send(at + path, options);
      throw error;
    });
    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (/Max-Age=0\b/.test(cookie)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** A server function that changes something; its answer is the caller's to judge. */
  post = (name, fields, options) => this.ask(`/api/${name}`, { method: 'POST', fields, ...options });

  /** The same, and it has to work. */
  call = async (name, fields, options) => answered(name, await this.post(name, fields, options));

  /** A server function that only reads. */
  read = async (name, fields = {}, { at } = {}) => answered(name, await this.ask(`/api/${name}?${new URLSearchParams(fields)}`, { at }));

  /** A live connection; it waits until it works. */
  listen = (at = this.at) => Socket.open(`${at.replace(/^http/, 'ws')}`, this.headers, this.certificate);
}

function answered(name, { status, text }) {
  if (status !== 200) throw new Error(`${name} was answered with ${status} ${text.slice(0, 200)}`);
  return text === '' ? undefined : JSON.parse(text);
}

export class Person extends Visitor {
  constructor(at, certificate) {
    super(at, certificate);
    people += 1;
    // 호 behind the number, so that no name is the beginning of another.
    Object.assign(this, { name: `이웃${people}호`, email: `neighbour-${people}@moim.example`, password: `일곱 마리 백로와 지붕 ${people}` });
  }

  async signUp(options) {
    await this.call('sign_up', {
      'form[email]': this.email, 'form[nickname]': this.name, 'form[password]': this.password, 'form[password_again]': this.password,
      'form[birth_date]': '1999-12-31', 'form[gender]': 'unsaid', 'form[region]': REGION, 'form[terms]': 'true', 'form[privacy]': 'true',
    }, options);
  }

  /** The same person on another device. */
  async elsewhere(at) {
    const device = new Visitor(this.at, this.certificate);
    await device.call('sign_in', { 'form[email]': this.email, 'form[password]': this.password }, { at });
    return device;
  }

  /** Opens an order with ten seats; which party that is. */
  async opensMeal() {
    // As the page makes it: a UUID whose beginning is the time.
    const time = Date.now().toString(16).padStart(12, '0');
    const key = `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
    await this.call('open_meal', {
      'form[key]': key, 'form[title]': '반반 치킨 같이 시켜요', 'form[category]': 'chicken', 'form[shop]': '온동네치킨', 'form[link]': '',
      'form[fee]': '3500', 'form[minimum]': '18000', 'form[due]': '60', 'form[due_at]': '', 'form[seats]': '10', 'form[outside]': '0',
      'form[pickup]': '경의선숲길 3번 벤치', 'form[body]': '', 'form[joining]': 'direct',
    });
    return key;
  }

  /** The room of the only party they are in. */
  room = async () => (await this.read('chat_rooms')).rooms[0].room;
}
