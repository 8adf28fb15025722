// The server that the browser visits: the release build with three thousand open orders and a room of four hundred people who talk when
// they are told to. The load program fills and starts it.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Starts it: `url`, `token`, `nickname`, `region`, `room` and `party` say what is there. */
export async function start(program) {
  const child = spawn(program, ['world'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the server ended');
    return value;
  };
  const world = JSON.parse(await next());
  return {
    ...world,
    /** Lets people say so much in the room, and waits until all of it is stored; the number of the last. */
    talk: async (count) => {
      child.stdin.write(`talk ${count}\n`);
      return Number(await next());
    },
    // Without input it ends, and its server with it.
    stop: () => child.stdin.end(),
  };
}
