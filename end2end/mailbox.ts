// A real mail server for tests: what Moim sends arrives here.

import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
}

export class Mailbox {
  private readonly mails: Mail[] = [];
  private constructor(private readonly server: SMTPServer) {}

  /** Listens on a free port of this machine. */
  static async start(): Promise<Mailbox> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          PostalMime.parse(Buffer.concat(chunks)).then(({ subject = '', text = '', html = '' }) => {
            for (const { address } of session.envelope.rcptTo) mailbox.mails.push({ to: address, subject, text, html });
            done();
          }, done);
        });
      },
    });
    const mailbox = new Mailbox(server);
    // A client that is killed in the middle of a conversation is no failure of this one.
    server.on('error', () => undefined);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return mailbox;
  }

  /** The value for SMTP_URL. */
  get url(): string {
    const address = this.server.server.address();
    if (address === null || typeof address === 'string') throw new Error('the mail server does not listen');
    return `smtp://127.0.0.1:${address.port}`;
  }

  /** The first mail to somebody that the test wants, as soon as it is there. */
  async to(address: string, wanted: (mail: Mail) => boolean = () => true): Promise<Mail> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const found = this.mails.find((mail) => mail.to === address && wanted(mail));
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`no such mail arrived for ${address}; there are ${this.mails.map(({ to, subject }) => `${to}: ${subject}`).join(', ')}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** The end of the link in a mail that proves an address (`verify`) or a school (`school`), or replaces a password (`reset`). */
  async token(address: string, purpose: 'verify' | 'reset' | 'school'): Promise<string> {
    const pattern = new RegExp(`/${purpose}(?:/|\\?token=)([0-9a-f]{64})`);
    const { text } = await this.to(address, (mail) => pattern.test(mail.text));
    return pattern.exec(text)![1]!;
  }

  async stop(): Promise<void> {
    await new Promise<void>((done) => this.server.close(done));
  }
}
