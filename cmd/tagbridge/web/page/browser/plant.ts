// A simulated plant and the real program that reads it, in a folder of its own, on ports that were free.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** program is the one that make built. */
export const program = process.env['TAGBRIDGE'] ?? join(process.env['PAGE'] ?? '.', '../../../../bin/tagbridge');

const patience = 30_000;

export interface Device {
  name: string;
  /** Rows of its map, with the header. */
  map: string;
  /** More lines of its configuration, such as poll: 100ms. */
  more?: string[];
  /** Default: modbus. */
  driver?: 'opcua';
  /** false: nobody answers there. */
  served?: boolean;
}

export interface PlantOptions {
  name?: string;
  devices: Device[];
  /** Lines below sinks:; default: one that writes into a file. */
  sinks?: string;
  /** What follows listen in bridge.http, such as users: users, edit: true. */
  http?: string;
  /** More lines below bridge:. */
  bridge?: string[];
  /** More files, by name. */
  files?: Record<string, string>;
}

/** freePort is one that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const s = createServer();
    s.once('error', reject);
    s.listen(0, '127.0.0.1', () => {
      const a = s.address();
      s.close(() => (a && typeof a === 'object' ? resolve(a.port) : reject(new Error('no port'))));
    });
  });
}

/** until waits for done to be true; what says what for. */
export async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + patience;
  while (!(await done())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((r) => setTimeout(r, 25));
  }
}

/** Plant is made by Plant.start and ended by stop. */
export class Plant {
  readonly dir = mkdtempSync(join(tmpdir(), 'tagbridge-page-'));
  readonly config = join(this.dir, 'plant.yaml');
  port = 0;
  private sim: ChildProcess | undefined;
  private bridge: ChildProcess | undefined;
  private said = '';

  private constructor(private readonly options: PlantOptions) {}

  static async start(options: PlantOptions): Promise<Plant> {
    const p = new Plant(options);
    try {
      p.port = await freePort();
      await p.write();
      await p.startSim();
      await p.startBridge();
    } catch (err) {
      await p.stop();
      throw err;
    }
    return p;
  }

  /** url is where the page is. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** log is what the bridge has logged. */
  get log(): string {
    return this.said;
  }

  /** file writes one into the plant's folder. */
  file(name: string, text: string): void {
    const at = join(this.dir, name);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
  }

  private async write(): Promise<void> {
    const o = this.options;
    const lines = [
      'bridge:',
      `  name: ${JSON.stringify(o.name ?? 'test')}`,
      '  data_dir: data',
      `  http: {listen: "127.0.0.1:${this.port}"${o.http ? `, ${o.http}` : ''}}`,
      ...(o.bridge ?? []).map((l) => `  ${l}`),
      'devices:',
    ];
    const served: string[] = [];
    for (const d of o.devices) {
      const entry = [
        `  - name: ${d.name}`,
        `    driver: ${d.driver ?? 'modbus'}`,
        `    url: ${d.driver ? 'opc.tcp' : 'tcp'}://127.0.0.1:${await freePort()}`,
        ...(d.more ?? ['poll: 200ms']).map((l) => `    ${l}`),
        `    tags: [tags/${d.name}.csv]`,
      ];
      lines.push(...entry);
      if (d.served !== false) served.push(...entry);
      this.file(`tags/${d.name}.csv`, d.map);
    }
    const sinks = ['sinks:', o.sinks ?? '  - {name: file, type: file, path: out.jsonl, format: json}'];
    this.file('plant.yaml', [...lines, ...sinks, ''].join('\n'));
    this.file('sim.yaml', ['bridge: {name: sim, data_dir: simdata, http: ""}', 'devices:', ...served, ''].join('\n'));
    for (const [name, text] of Object.entries(o.files ?? {})) this.file(name, text);
  }

  private async startSim(): Promise<void> {
    if (!this.options.devices.some((d) => d.served !== false)) return;
    const sim = spawn(program, ['sim', join(this.dir, 'sim.yaml')], { cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'] });
    this.sim = sim;
    let out = '';
    for (const s of [sim.stdout, sim.stderr]) s?.on('data', (b: Buffer) => (out += b.toString()));
    const served = this.options.devices.filter((d) => d.served !== false);
    await until(`the simulator to serve all devices; it said ${out}`, () => {
      if (sim.exitCode !== null) throw new Error(`the simulator ended: ${out}`);
      return served.every((d) => out.includes(d.name));
    });
  }

  /** startBridge starts it, again too, and returns once it answers. */
  async startBridge(): Promise<void> {
    const b = spawn(program, ['run', this.config], { cwd: this.dir, stdio: ['ignore', 'ignore', 'pipe'] });
    this.bridge = b;
    b.stderr?.on('data', (text: Buffer) => (this.said += text.toString()));
    await until('the bridge to answer', async () => {
      if (b.exitCode !== null) throw new Error(`the bridge ended: ${this.said}`);
      try {
        return (await fetch(`${this.url}/healthz`)).ok;
      } catch {
        return false;
      }
    });
  }

  /** stopBridge ends it by a signal and waits. */
  stopBridge(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return ended(this.bridge, signal);
  }

  /** stopSim has no device answer any more. */
  stopSim(): Promise<void> {
    return ended(this.sim, 'SIGKILL');
  }

  /** reload has the bridge read its configuration again. */
  reload(): void {
    this.bridge?.kill('SIGHUP');
  }

  async stop(): Promise<void> {
    await Promise.all([this.stopBridge(), this.stopSim()]);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function ended(p: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!p || p.exitCode !== null || p.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    p.once('exit', () => resolve());
    p.kill(signal);
  });
}
