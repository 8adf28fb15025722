// One Moim server for tests: its own port, its own data directory, its own database.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChatModel } from './peers/model.ts';
import { CLIENT, startProvider, type TestProvider } from './peers/oidc.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const READY_WITHIN = 20_000;
const STOP_WITHIN = 10_000;

export class Server {
  readonly url: string;
  /** Where the server's log goes; kept after the run. */
  readonly log: string;
  readonly dataDir: string;
  /** Where people may have accounts of elsewhere. */
  private provider: TestProvider | undefined;
  private chatModel: ChatModel | undefined;
  private child: ChildProcess | undefined;
  private logRead = 0;

  private constructor(
    private readonly port: number,
    name: string,
    private readonly database: Database | undefined,
    private readonly smtp: string,
    private readonly weather: string,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = mkdtempSync(join(tmpdir(), 'moim-e2e-'));
    const logs = join(root, 'target/end2end/logs');
    mkdirSync(logs, { recursive: true });
    this.log = join(logs, `${name}.log`);
    rmSync(this.log, { force: true });
  }

  /**
   * Makes a database and a data directory and starts the server. `name` names its log, `smtp` where its mail goes, `weather` where it
   * asks for the weather.
   */
  static async create(name: string, smtp: string, weather: string): Promise<Server> {
    const admin = process.env.MOIM_E2E_POSTGRES;
    const server = new Server(await freePort(), name, admin ? Database.create(admin) : undefined, smtp, weather);
    try {
      server.provider = await startProvider({ callbacks: [`${server.url}/oidc/callback/campus`] });
      server.chatModel = await ChatModel.start();
      await server.start();
    } catch (error) {
      await server.destroy();
      throw error;
    }
    return server;
  }

  /** The address of the sign-in provider. */
  get issuer(): string {
    if (!this.provider) throw new Error('the sign-in provider was not started');
    return this.provider.issuer;
  }

  /** The model that answers what to eat. */
  get model(): ChatModel {
    if (!this.chatModel) throw new Error('the model was not started');
    return this.chatModel;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts the server and waits until it is ready. */
  async start(): Promise<void> {
    if (this.running) throw new Error('the server runs already');
    const bin = resolve(root, process.env.MOIM_BIN ?? 'target/release/moim');
    if (!existsSync(bin)) throw new Error(`${bin} is missing: run \`make build\` first`);
    const site = resolve(root, process.env.MOIM_SITE_DIR ?? 'target/site');
    // Only what is named here: settings of whoever runs the tests must not leak in.
    const env: NodeJS.ProcessEnv = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      RUST_BACKTRACE: '1',
      NO_COLOR: '1',
      MOIM_ADDR: `127.0.0.1:${this.port}`,
      MOIM_URL: this.url,
      MOIM_DATA_DIR: this.dataDir,
      MOIM_SITE_DIR: site,
      // The tests play the proxy: each person's browser comes from its own address, so that one test's sign-ins do not
      // use up another's attempts.
      MOIM_PROXIES: '1',
      SMTP_URL: this.smtp,
      MOIM_WEATHER_URL: this.weather,
      MOIM_OIDC: 'campus',
      MOIM_OIDC_CAMPUS_ISSUER: this.issuer,
      MOIM_OIDC_CAMPUS_LABEL: '우리 학교',
      MOIM_OIDC_CAMPUS_ID: CLIENT.id,
      MOIM_OIDC_CAMPUS_SECRET: CLIENT.secret,
      MOIM_SUGGEST_URL: this.model.url,
      MOIM_SUGGEST_MODEL: 'small',
    };
    if (this.database) env.DATABASE_URL = this.database.url;

    const log = openSync(this.log, 'a');
    // The kernel ends the server with this process, however that ends: no test run leaves one behind.
    const tied = spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0;
    const [program, ...args] = tied ? ['setpriv', '--pdeathsig', 'KILL', bin] : [bin];
    const child = spawn(program, args, { cwd: this.dataDir, env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.child = child;
    let problem: Error | undefined;
    child.on('error', (error) => (problem = error));

    const deadline = Date.now() + READY_WITHIN;
    for (;;) {
      if (problem) throw problem;
      if (!this.running) throw new Error(`the server ended with ${child.exitCode ?? child.signalCode}:\n${this.tail()}`);
      const ready = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      if (Date.now() > deadline) {
        await this.kill9();
        throw new Error(`the server was not ready within ${READY_WITHIN} ms:\n${this.tail()}`);
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Stops the server as an operator would; false when it had to be killed in the end. */
  async stop(): Promise<boolean> {
    return this.end('SIGTERM');
  }

  /** Ends the server without a chance to say goodbye. `start()` brings it back with the same data at the same address. */
  async kill9(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Stops and starts the server. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Stops the server and removes its data. */
  async destroy(): Promise<void> {
    await this.stop();
    await this.provider?.stop();
    await this.chatModel?.stop();
    this.database?.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** What the server has logged since the last time this was asked. */
  newLog(): string {
    const all = existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
    const fresh = all.slice(this.logRead);
    this.logRead = all.length;
    return fresh;
  }

  private tail(): string {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').split('\n').slice(-30).join('\n') : '(no log)';
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
    const child = this.child;
    if (!child || !this.running) return true;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    let gently = true;
    child.kill(signal);
    const timer = setTimeout(() => {
      gently = false;
      child.kill('SIGKILL');
    }, STOP_WITHIN);
    await ended;
    clearTimeout(timer);
    this.child = undefined;
    return gently;
  }
}

/** A database of its own on a PostgreSQL server. */
class Database {
  private constructor(
    private readonly admin: string,
    private readonly name: string,
    readonly url: string,
  ) {}

  static create(admin: string): Database {
    const name = `moim_e2e_${randomBytes(6).toString('hex')}`;
    psql(admin, `create database ${name}`);
    const url = new URL(admin);
    url.pathname = `/${name}`;
    return new Database(admin, name, url.href);
  }

  drop(): void {
    psql(this.admin, `drop database if exists ${this.name} with (force)`);
  }
}

function psql(url: string, sql: string): void {
  const { status, stderr, error } = spawnSync('psql', [url, '-qX', '-v', 'ON_ERROR_STOP=1', '-c', sql], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`psql: ${error?.message ?? stderr}`);
}

/** A port that is free now and that the system does not hand out by itself, so that a restarted server finds it free again. */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const free = await new Promise<boolean>((done) => {
      const probe = createServer();
      probe.once('error', () => done(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
    });
    if (free) return port;
  }
  throw new Error('no free port was found');
}
