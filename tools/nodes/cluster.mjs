// The nodes that scripts/nodes.sh starts.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const run = promisify(execFile);
const script = (...words) => run(join(root, 'scripts/nodes.sh'), words, { timeout: 120_000 });

export class Cluster {
  /** Where each node can be asked by itself. */
  nodes = [];
  #underWay = [];
  #stopped = undefined;

  constructor(around) {
    this.around = around;
    this.dir = join(around, 'nodes');
  }

  /** Starts so many nodes with these settings beside their own. */
  static async start(count, settings) {
    // PostgreSQL runs as a user of its own and must be able to pass through.
    const around = mkdtempSync(join(tmpdir(), 'moim-nodes.'));
    await run('chmod', ['711', around]);
    const cluster = new Cluster(around);
    try {
      const given = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
      await script('start', cluster.dir, String(count), ...given);
    } catch (error) {
      rmSync(around, { recursive: true, force: true });
      throw error;
    }
    cluster.front = cluster.read('address');
    cluster.certificate = cluster.read('tls/moim.pem');
    cluster.nodes = Array.from({ length: count }, (_, i) => `http://${cluster.read(`${i + 1}/address`)}`);
    return cluster;
  }

  /** Stops the node at an index as an operator does and starts it again; nginx is told nothing. */
  restart = (index) => this.#run('restart', String(index + 1));

  /** Restarts all of them as deploy/README.md says. */
  roll = () => this.#run('roll');

  /** Runs a subcommand beside them. */
  moim = (...words) => this.#run('moim', ...words);

  /** Says something to their database, all of it or nothing; what it answers, a line for each row. */
  sql = async (text) => (await this.#run('sql', text)).stdout.trim();

  /** What a node has logged. */
  log = (index) => this.read(`${index + 1}/log`);

  /** Stops everything, once. */
  stop() {
    this.#stopped ??= this.#halt();
    return this.#stopped;
  }

  async #halt() {
    // What starts a node must not be overtaken by what stops it.
    await Promise.allSettled(this.#underWay);
    await script('stop', this.dir);
    rmSync(this.around, { recursive: true, force: true });
  }

  #run(action, ...words) {
    // What is started now would stay.
    if (this.#stopped) return Promise.reject(new Error('the nodes are stopped'));
    const done = script(action, this.dir, ...words);
    this.#underWay.push(done);
    return done;
  }

  read(file) {
    return readFileSync(join(this.dir, file), 'utf8').trim();
  }
}
