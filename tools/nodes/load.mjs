// Readers and writers who do not stop while something happens to the nodes, and count what they were not given.

import assert from 'node:assert/strict';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** Between two requests of one of them: there are two cores for everything. */
const PACE = 15;
const MOST_SECONDS = 40;

const PAGE = /<\/html>(<!>)*<script[^>]*>[^<]*<\/script>$/;
/**
 * What is asked for, and how a whole answer ends: pages for everybody and for members, a file, an answer of the API. One of any two in a
 * row is a page, so that each change is seen before the next.
 */
const ASKED = [
  ['/', PAGE], ['/icons.svg', /<\/svg>\n$/], ['/meals', PAGE], ['/api/chat_rooms', /,"now":\d+\}$/],
  ['/sign-in', PAGE], ['/chat', PAGE], ['/readyz', /^ready$/], ['/me/sessions', PAGE],
];
/** What changes something. */
const THEMES = ['dark', 'light', 'system'];

/** An answer is whole and, when it is a page, the visitor's own and in the colours that they chose last. */
function judge({ status, text }, end, { name }, theme) {
  assert.ok(status === 200, `${status} ${text.slice(0, 80)}`);
  assert.ok(end.test(text), `it ends with ${text.slice(-80)}`);
  if (end !== PAGE) return;
  assert.ok(text.includes(`"nickname":"${name}"`), `it is drawn for somebody who is not ${name}`);
  const shown = /<html[^>]* data-theme="(\w+)"/.exec(text)?.[1] ?? 'system';
  assert.ok(shown === (theme ?? shown), `it is ${shown} after ${theme} was chosen`);
}

/** Asks until `work` is done; fails when one request was not answered as it should be. */
export async function underLoad({ visitors, posts }, work) {
  let [done, asked, written] = [false, 0, 0];
  const lost = [];
  const deadline = Date.now() + MOST_SECONDS * 1_000;

  const visit = async (visitor, i) => {
    // Every other one keeps connections for what they read, as browsers do.
    const agent = i % 2 === 0 ? new https.Agent({ keepAlive: true, maxSockets: 2 }) : false;
    let theme;
    const look = async ([path, end]) => judge(await visitor.ask(path, { agent }), end, visitor, theme);
    const choose = async (chosen) => {
      // Which one it is if there is no answer, nobody knows.
      theme = undefined;
      judge(await visitor.post('set_theme', { theme: chosen }), /^null$/, visitor);
      theme = chosen;
      written += 1;
      // The account has to know it by itself.
      visitor.cookies.delete('moim_theme');
    };
    const count = (what, answer) => {
      asked += 1;
      return answer.catch((error) => lost.push(`${visitor.name}, ${what}: ${error.message}`));
    };
    for (let turn = i; !done && Date.now() < deadline; turn += 1) {
      if (posts && turn % 3 === 0) await count('POST set_theme', choose(THEMES[turn / 3 % THEMES.length]));
      else await count(`GET ${ASKED[turn % ASKED.length][0]}`, look(ASKED[turn % ASKED.length]));
      await sleep(PACE);
    }
    // Also what was chosen last of all.
    await count('GET / at the end', look(ASKED[0]));
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
  assert.deepEqual(lost, [], `${lost.length} of ${asked} requests were lost`);
  return posts ? `${asked} requests, ${written} of them changes` : `${asked} requests`;
}
