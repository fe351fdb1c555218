// A made-up cluster: what /api/v1/cluster says of three members.
import type { Cluster, Endpoint, Member } from '../src/cluster/state.ts';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

const member = (node: string, m: Partial<Member>): Member => ({
  node, self: false, joined: true, silent: false, unlike: false, gone: false, draining: false, version: '1.4.0', since: ago(93_000), heard: ago(0), reads: 4, revision: 12, revision_note: '', copy_behind_samples: 0, copy_behind_seconds: 0, ...m,
});

const endpoint = (n: number, e: Partial<Endpoint>): Endpoint => ({
  endpoint: `tcp://10.0.3.${n}:502`, owner: 'pc-a', also: [], only: [], devices: [`drive-${n}`], here: false, epoch: 3, since: ago(7200 + n * 60), would: 'pc-b', ...e,
});

/** sound is a cluster in which all is well. */
export function sound(): Cluster {
  const reader = (n: number): Partial<Endpoint> => (n % 3 === 0 ? { owner: 'pc-a', here: true, would: n % 2 ? 'pc-b' : 'pc-c' } : n % 3 === 1 ? { owner: 'pc-b', would: 'pc-a' } : { owner: 'pc-c', would: n === 11 ? '' : 'pc-b', only: n === 11 ? ['pc-c'] : [] });
  return {
    node: 'pc-a', attached: true, joined: true, problem: '', stops: false, draining: false,
    servers: ['nats-1:4222', 'nats-2:4222', 'nats-3:4222'].map((server) => ({ server, connected: true, since: ago(93_000), error: '', beats_lost: 0 })),
    members: [member('pc-a', { self: true }), member('pc-b', {}), member('pc-c', {})],
    endpoints: Array.from({ length: 12 }, (_, i) => endpoint(i + 1, { ...reader(i + 1), ...(i === 4 ? { devices: Array.from({ length: 9 }, (_, n) => `press-${n + 1}`) } : {}) })),
    warnings: [], revision: { applied: 12, newest: 12, refused: 0, why: '' },
    copy: { stream: 'tagbridge-line-3-records-pc-a', behind_samples: 0, behind_seconds: 0, copied: 182_345_678, bytes: 1_094_074_068, missed: {}, error: '', since: ago(93_000), cursors_error: '' },
    inherited: [], inherited_error: '',
  };
}

/** broken is one in which a member is gone, one endpoint has no reader, and one has two. */
export function broken(): Cluster {
  const c = sound();
  Object.assign(c.members[2]!, { gone: true, silent: true, heard: ago(754), reads: 0, revision: 11 });
  Object.assign(c.members[1]!, { version: '1.3.2', revision_note: 'refused revision 13: plant.yaml:14: unknown key' });
  for (const e of c.endpoints) {
    if (e.owner === 'pc-c') Object.assign(e, { owner: 'pc-b', would: 'pc-a', epoch: 4, since: ago(752) });
    else if (e.would === 'pc-c') e.would = 'pc-b';
  }
  Object.assign(c.endpoints[10]!, { owner: '', would: '', since: ago(752) });
  Object.assign(c.endpoints[5]!, { also: ['pc-b'] });
  Object.assign(c.servers[2]!, { connected: false, error: 'dial tcp 10.0.9.3:4222: connect: no route to host', beats_lost: 12 });
  c.revision.newest = 13;
  c.warnings = ['members are of two releases: 1.3.2 (pc-b), 1.4.0 (pc-a)'];
  Object.assign(c.copy!, { behind_samples: 48_213, behind_seconds: 41, error: 'JetStream has no leader for the stream', since: ago(41), missed: { 'the journal was full': 1200 } });
  c.inherited = [
    { node: 'pc-c', sink: 'historian', by: 'pc-b', waits: 12_480, copied: 12_400, delivered: 90_120, missing: 0, finished: false, no_sink: false },
    { node: 'pc-c', sink: 'broker', by: '', waits: 80, copied: 0, delivered: 102_600, missing: 0, finished: true, no_sink: false },
  ];
  return c;
}
