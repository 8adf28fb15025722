// Proves that several nodes are one server: `node tools/nodes/test.mjs`, with a release build. The last line is the sum.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import assert from 'node:assert/strict';
import { Cluster } from './cluster.mjs';
import { underLoad } from './load.mjs';
import { Mails } from './mails.mjs';
import { Conversation, STEADY_PACE } from './conversation.mjs';
import { bringBack, isUpToDate, migrations } from './schema.mjs';
import { Person } from './visitor.mjs';

const GOING_AWAY = 1001;
const SESSION_ENDED = 4001;
const PEOPLE = 10;
/** Letters that are due at once, and how many of them a node sends at a time. */
const LETTERS = 300;
const LETTERS_AT_ONCE = 6;
/** A bound on all of it. */
const MOST_SECONDS = 240;

let [passed, failed] = [0, 0];
/** Runs one fact and counts it. */
async function fact(name, prove) {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  try {
    const told = await prove();
    passed += 1;
    console.log(`ok      ${name} (${[told, seconds()].filter(Boolean).join(', ')})`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name} (${seconds()})\n${error.stack}`);
  }
}

const one = (list, i) => list[i % list.length];
/** Every two different ones, in both orders. */
const pairs = (list) => list.flatMap((a) => list.filter((b) => b !== a).map((b) => [a, b]));

/** Says something on one connection and waits until another one has heard it. */
async function passes(room, mouth, ear) {
  const [send_id, from] = [randomUUID(), ear.frames.length];
  mouth.say({ send: { room, send_id, text: '들려요?' } });
  const { seq } = await mouth.hears((frame) => frame.ack?.send_id === send_id && frame.ack);
  const heard = await ear.hears((frame) => frame.message?.message.content.text?.send_id === send_id && frame.message, from);
  assert.equal(heard.message.seq, seq, 'both know it by the same number');
}

/** Waits until it is so. */
async function becomes(what, isSo) {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(50)) if (await isSo()) return;
  throw new Error(`not within 15 s: ${what}`);
}

/** The nodes that there are, or will be. */
let current;
let leaving = false;

async function prove(count) {
  if (leaving) return;
  const mails = await Mails.start();
  try {
    current = Cluster.start(count, { SMTP_URL: mails.url, MOIM_LOG: 'info' });
    const cluster = await current;
    await proveOn(cluster, mails, (name) => `${count} nodes: ${name}`).finally(() => cluster.stop());
  } finally {
    await mails.stop();
  }
}

async function proveOn(cluster, mails, named) {
  const { front, nodes, certificate } = cluster;
  const people = Array.from({ length: PEOPLE }, () => new Person(front, certificate));
  const [mina, jun] = people;
  let room;

  await fact(named('a mail that is written on any of them goes out once'), async () => {
    await Promise.all(people.map((person, i) => person.signUp({ at: one(nodes, i) })));
    const tokens = await Promise.all(people.map((person) => mails.token(person.email)));
    // Another node may take it up within a second, if it took it up at all.
    await sleep(1_500);
    assert.deepEqual(people.map(({ email }) => mails.to(email).length), people.map(() => 1));
    assert.match((await cluster.moim('doctor')).stdout, /Nothing is stuck/);
    await Promise.all(people.map((person, i) => person.call('prove_address', { token: tokens[i] }, { at: one(nodes, i + 1) })));
    const party = await mina.opensMeal();
    for (const person of people.slice(1)) await person.call('join_party', { party });
    room = await mina.room();
    return `${people.length} mails`;
  });
  // Without people there is nothing more to see.
  if (!room) return;

  await fact(named('of hundreds of letters that are due at once each is sent by one of them, also when it is stopped meanwhile'), async () => {
    const answer = mails.hold();
    await cluster.sql(`with due as (select gen_random_uuid() as id, n, ${Date.now()} as now from generate_series(1, ${LETTERS}) n),
      written as (insert into mails (id, recipient, lang, letter, state, created_at)
        select id, 'letter-' || n || '@moim.test', 'ko', '{"about": "linked", "nickname": "미나", "provider": "누구"}', 'waiting', now from due)
      insert into jobs (id, kind, payload, run_at, created_at) select gen_random_uuid(), 'send_mail', json_build_object('mail', id), now, now from due`);
    const count = async (which) => Number(await cluster.sql(`select count(*) from jobs where kind = 'send_mail' and ${which}`));
    let stopped;
    try {
      await becomes('all nodes work', async () => (await count('taken_until is not null')) === nodes.length * LETTERS_AT_ONCE);
      stopped = cluster.restart(0);
      await becomes('it is asked to stop', () => /stopping: sockets are told/.test(cluster.log(0)));
      // It has nothing else to wait for.
      await sleep(500);
    } finally {
      answer();
      await stopped;
    }
    await becomes('nothing is due', async () => (await count('true')) === 0);
    const numbers = Array.from({ length: LETTERS }, (_, i) => mails.to(`letter-${i + 1}@moim.test`).length);
    assert.deepEqual(numbers, numbers.map(() => 1));
    return `${LETTERS} letters`;
  });

  await fact(named('what is said on one is heard on the others'), async () => {
    for (const [a, b] of pairs(nodes)) {
      const [mouth, ear] = [await mina.listen(a), await jun.listen(b)];
      await passes(room, mouth, ear);
      mouth.close();
      ear.close();
    }
  });

  await fact(named('the same through nginx, which gives connections to all of them'), async () => {
    const sockets = await Promise.all(Array.from({ length: nodes.length * 2 }, (_, i) => one(people, i).listen()));
    for (const node of nodes) {
      const open = /^sockets_open (\d+)/m.exec((await mina.ask('/metrics', { at: node })).text);
      assert.ok(Number(open?.[1]) > 0, `${node} has a connection`);
    }
    for (let i = 1; i < sockets.length; i += 1) await passes(room, sockets[i], sockets[i - 1]);
    sockets.forEach((socket) => socket.close());
    assert.equal((await mina.ask('/metrics')).status, 403, 'figures are not for everybody');
  });

  await fact(named('a session that is ended on one closes its connection on another'), async () => {
    for (const [a, b] of pairs(nodes)) {
      const [device, other] = [await jun.elsewhere(a), await jun.elsewhere(a)];
      const [gone, ended, stays] = [await device.listen(b), await other.listen(b), await jun.listen(b)];
      await device.call('sign_out', {}, { at: a });
      assert.equal(await gone.closed(), SESSION_ENDED);
      await jun.call('end_other_sessions', {}, { at: a });
      assert.equal(await ended.closed(), SESSION_ENDED);
      assert.equal(stays.code, undefined);
      stays.close();
    }
  });

  await fact(named('stopped one by one while people talk, they lose nothing'), async () => {
    const talk = await Conversation.begin(room, people);
    for (let i = 0; i < nodes.length; i += 1) {
      await sleep(300);
      await cluster.restart(i);
    }
    await sleep(300);
    const told = await talk.end();
    for (const node of nodes) await talk.check(node);
    assert.ok(talk.codes.includes(GOING_AWAY), 'connections are told to come back');
    return told;
  });

  await fact(named('stopped one by one, unannounced, they lose no page'), async () => {
    return underLoad({ visitors: people, posts: false }, async () => {
      for (let i = 0; i < nodes.length; i += 1) {
        await sleep(300);
        await cluster.restart(i);
      }
    });
  });

  await fact(named('a rolling restart that brings the schema up to date loses no request and no message'), async () => {
    const talk = await Conversation.begin(room, people, STEADY_PACE);
    const asked = await underLoad({ visitors: people, posts: true }, async () => {
      const before = await migrations(cluster);
      await bringBack(cluster);
      assert.equal(await isUpToDate(cluster), false, 'there is something to be brought up to date');
      // Whoever is first: the first node that starts anew, or the operator.
      await Promise.all([cluster.roll(), sleep(1_500).then(() => cluster.moim('migrate'))]);
      assert.ok(await isUpToDate(cluster), 'it was brought up to date');
      assert.equal(await migrations(cluster), before);
    });
    const said = await talk.end();
    for (const node of nodes) await talk.check(node);
    return `${asked}, ${said}`;
  });

  await fact(named('none of them panicked, and all stopped in time'), async () => {
    for (let i = 0; i < nodes.length; i += 1) {
      assert.doesNotMatch(cluster.log(i), /panicked|did not finish in time/, `node ${i + 1}`);
    }
  });
}

/** Whatever ends this leaves nothing behind. */
async function leave(why) {
  leaving = true;
  await current?.then((cluster) => cluster.stop(), () => undefined);
  console.log(`${why}\n\n${passed} passed, ${failed + 1} failed`);
  process.exit(1);
}
setTimeout(leave, MOST_SECONDS * 1_000, 'It took too long.').unref();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => leave(`It was ended by ${signal}.`));
process.once('uncaughtException', (error) => leave(error.stack));
// Whoever read this is gone: nothing more can be said.
process.stdout.on('error', () => {
  if (leaving) return;
  console.log = () => undefined;
  leave();
});

for (const count of [2, 3]) {
  await prove(count).catch((error) => {
    failed += 1;
    console.log(`FAILED  ${count} nodes\n${error.stack}`);
  });
}
if (!leaving) {
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
