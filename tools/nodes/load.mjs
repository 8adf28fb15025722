// Readers and writers who do not stop while something happens to the nodes, and count what they were not given.

import assert from 'node:assert/strict';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** Between two requests of one of them: there are two cores for everything. */
const PACE = 15;
const MOST_SECONDS = 40;

/** What is asked for: pages for everybody and for members, a file, an answer of the API; and what changes something. */
const PAGES = ['/', '/meals', '/sign-in', '/chat', '/me/sessions', '/icons.svg', '/api/chat_rooms', '/readyz'];
const THEMES = ['dark', 'light', 'system'];

/** Asks until `work` is done; fails when one request was not answered as it should be. */
export async function underLoad({ visitors, posts }, work) {
  let [done, answered, written] = [false, 0, 0];
  const lost = [];
  const deadline = Date.now() + MOST_SECONDS * 1_000;

  const visit = async (visitor, i) => {
    // Every other one keeps connections for what they read, as browsers do.
    const agent = i % 2 === 0 ? new https.Agent({ keepAlive: true, maxSockets: 2 }) : false;
    for (let turn = i; !done && Date.now() < deadline; turn += 1) {
      const writes = posts && turn % 3 === 0;
      const what = writes ? 'POST set_theme' : `GET ${PAGES[turn % PAGES.length]}`;
      const asked = writes
        ? visitor.post('set_theme', { theme: THEMES[turn % THEMES.length] })
        : visitor.ask(PAGES[turn % PAGES.length], { agent });
      await asked.then(
        ({ status, text }) => {
          answered += 1;
          written += writes;
          if (status >= 400) lost.push(`${what}: ${status} ${text.slice(0, 80)}`);
        },
        (error) => lost.push(`${what}: ${error.message}`),
      );
      await sleep(PACE);
    }
    if (agent) agent.destroy();
  };

  const all = Promise.all(visitors.map(visit));
  try {
    await sleep(300);
    await work();
    await sleep(300);
  } finally {
    done = true;
    await all;
  }
  assert.ok(Date.now() < deadline, 'it was done before the load ended');
  assert.deepEqual(lost, [], `${lost.length} of ${answered} requests were lost`);
  return posts ? `${answered} requests, ${written} of them changes` : `${answered} requests`;
}
