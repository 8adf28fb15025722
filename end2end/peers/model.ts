// A model that says what to eat, as OpenAI's chat completions do. What is asked decides how it answers:
//
//   …고장…      it refuses
//   …천천히…    it says the first line, and the rest when `goOn` is called
//   …끊겨…      it says the first line and is gone
//   else        it says everything

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const FIRST = '이런 메뉴는 어때요?\n';
const REST = '1. 칼국수 — 국물이 뜨끈해요\n2. 할머니 손두부 — 고소해요\n';

export class ChatModel {
  private readonly held: ServerResponse[] = [];

  private constructor(private readonly server: Server) {}

  /** Listens on a free port of this machine. */
  static async start(): Promise<ChatModel> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as { messages: { content: string }[] };
        model.answer(messages.at(-1)?.content ?? '', response);
      });
    });
    const model = new ChatModel(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return model;
  }

  /** What a server is told of it. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** Says the rest of everything that is held back. */
  goOn(): void {
    for (const response of this.held.splice(0)) this.finish(response);
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((closed) => this.server.close(() => closed()));
  }

  private answer(question: string, response: ServerResponse): void {
    if (question.includes('고장')) {
      response.writeHead(500).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    this.say(response, FIRST);
    // What was said goes out before.
    if (question.includes('끊겨')) setTimeout(() => response.destroy(), 200);
    else if (question.includes('천천히')) this.held.push(response);
    else this.finish(response);
  }

  private finish(response: ServerResponse): void {
    this.say(response, REST);
    response.end('data: [DONE]\n\n');
  }

  private say(response: ServerResponse, content: string): void {
    response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
  }
}
