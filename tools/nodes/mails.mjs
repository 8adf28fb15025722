// A mail server that keeps what arrives.

import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export class Mails {
  /** To whom, and what. */
  all = [];
  /** Done when it answers that it has a mail. */
  #answers = Promise.resolve();

  static async start() {
    const mails = new Mails();
    mails.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      onData(stream, session, done) {
        const chunks = [];
        stream.on('data', (chunk) => chunks.push(chunk));
        stream.on('end', () => {
          PostalMime.parse(Buffer.concat(chunks)).then(({ text = '' }) => {
            for (const { address } of session.envelope.rcptTo) mails.all.push({ to: address, text });
            return mails.#answers.then(() => done());
          }).catch(done);
        });
      },
    });
    // A node that is stopped in the middle of a conversation is no failure of this one.
    mails.server.on('error', () => undefined);
    await new Promise((listening) => mails.server.listen(0, '127.0.0.1', listening));
    mails.url = `smtp://127.0.0.1:${mails.server.server.address().port}`;
    return mails;
  }

  /** Keeps everybody waiting for the answer that their mail is there, until what this gives is called. */
  hold() {
    let answer;
    this.#answers = new Promise((done) => (answer = done));
    return answer;
  }

  to = (address) => this.all.filter((mail) => mail.to === address);

  /** The end of the link that proves an address, as soon as it is there. */
  async token(address) {
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
      const found = this.to(address).map(({ text }) => /\/verify(?:\/|\?token=)([0-9a-f]{64})/.exec(text)?.[1]).find(Boolean);
      if (found) return found;
      await new Promise((done) => setTimeout(done, 20));
    }
    throw new Error(`no mail arrived for ${address}`);
  }

  stop = () => new Promise((done) => this.server.close(done));
}
