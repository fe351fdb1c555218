import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, fits, memberState, movesOf, restState, since, worstFirst, type Cluster, type Copy, type Endpoint, type Member, type Rest, type Server } from './state.ts';

const now = new Date('2026-03-01T06:01:00Z');
const before = '2026-03-01T06:00:00Z';
const member = (m: Partial<Member>) => ({ node: 'pc-a', joined: true, silent: false, gone: false, unlike: false, draining: false, since: before, heard: before, revision_note: '', ...m }) as Member;
const endpoint = (e: Partial<Endpoint>) => ({ endpoint: 'tcp://10.0.0.1:502', owner: 'pc-a', also: [], only: [], devices: ['boiler'], since: before, would: '', ...e }) as Endpoint;
const rest = (r: Partial<Rest>) => ({ node: 'pc-b', sink: 'influx', by: '', waits: 0, copied: 0, missing: 0, finished: false, no_sink: false, ...r }) as Rest;
const cluster = (c: Partial<Cluster>) => ({
  node: 'pc-a', attached: true, joined: true, problem: '', stops: false, draining: false, servers: [], members: [member({})], endpoints: [endpoint({})],
  warnings: [], copy: null, inherited: [], inherited_error: '', ...c,
}) as unknown as Cluster;

test('each thing that is wrong is said, and nothing else', () => {
  assert.deepEqual(faultsOf(cluster({}), now), []);
  const only = (c: Partial<Cluster>) => {
    const found = faultsOf(cluster(c), now);
    assert.equal(found.length, 1, JSON.stringify(found));
    return `${found[0]!.kind}: ${found[0]!.text}`;
  };
  assert.equal(only({ problem: 'another one' }), 'bad: another one');
  assert.match(only({ attached: false }), /^bad: .*isolated: keep/);
  assert.match(only({ attached: false, stops: true }), /^bad: .*isolated: stop/);
  assert.equal(only({ servers: [{ connected: false } as Server, { connected: true } as Server] }), 'bad: 1 of 2 NATS servers is not reached');
  assert.equal(only({ members: [member({ node: 'pc-b', gone: true, silent: true })] }), 'bad: Member pc-b is not heard for 1 min 0 s: others read what it read');
  assert.equal(only({ endpoints: [endpoint({ owner: '' }), endpoint({})] }), 'bad: Nobody reads 1 of 2 endpoints');
  assert.equal(only({ endpoints: [endpoint({ also: ['pc-b'] })] }), 'bad: 1 of 1 endpoints is read by two at the same time');
  assert.match(only({ draining: true }), /^uncertain: pc-a gives away/);
  assert.match(only({ copy: { error: 'no room' } as Copy }), /^uncertain: .*no room$/);
  assert.match(only({ inherited_error: 'no answer' }), /^uncertain: .*no answer$/);
  assert.equal(only({ warnings: ['w'] }), 'uncertain: w');
  assert.equal(only({ members: [member({ revision_note: 'refused revision 3' })] }), 'uncertain: pc-a: refused revision 3');
});

test('an endpoint that moves is not read for a moment', () => {
  const moving = (at: string | null) => faultsOf(cluster({ endpoints: [endpoint({ owner: '', since: at })] }), now).length;
  assert.equal(moving('2026-03-01T06:00:51Z'), 0);
  assert.equal(moving('2026-03-01T06:00:50Z'), 1);
  assert.equal(moving(null), 0);
});

test('what is bad comes before what is to be known', () => {
  const found = faultsOf(cluster({ draining: true, warnings: ['w'], attached: false }), now);
  assert.deepEqual(found.map((f) => f.kind), ['bad', 'uncertain', 'uncertain']);
});

test('members are what they say and what is heard of them', () => {
  assert.deepEqual(memberState(member({})), { kind: 'good', word: 'cluster.state.in' });
  assert.equal(memberState(member({ gone: true, silent: true })).kind, 'bad');
  assert.equal(memberState(member({ silent: true, draining: true })).word, 'cluster.state.silent');
  assert.equal(memberState(member({ draining: true, joined: false })).word, 'cluster.state.leaves');
  assert.equal(memberState(member({ joined: false })).word, 'cluster.state.nothing');
  assert.equal(memberState(member({ unlike: true })).kind, 'uncertain');
});

test('what nobody and what two read is on top, else the order stays', () => {
  const list = [endpoint({ endpoint: 'a' }), endpoint({ endpoint: 'b', also: ['x'] }), endpoint({ endpoint: 'c', owner: '' }), endpoint({ endpoint: 'd' })];
  assert.deepEqual(worstFirst(list).map((e) => e.endpoint), ['c', 'b', 'a', 'd']);
});

test('where the endpoints of a member would go, nobody last', () => {
  const list = [endpoint({ would: '' }), endpoint({ would: 'pc-c' }), endpoint({ would: 'pc-b' }), endpoint({ would: 'pc-c' }), endpoint({ owner: 'pc-b', would: 'pc-a' })];
  assert.deepEqual(movesOf(list, 'pc-a'), [{ to: 'pc-b', n: 1 }, { to: 'pc-c', n: 2 }, { to: '', n: 1 }]);
  assert.deepEqual(movesOf(list, 'pc-z'), []);
});

test('what is left is done, under way, or lost', () => {
  assert.equal(restState(rest({ by: 'pc-a' })).word, 'cluster.rest.by');
  assert.equal(restState(rest({ waits: 3 })).word, 'cluster.rest.waits');
  assert.equal(restState(rest({ no_sink: true })).word, 'cluster.rest.nosink');
  assert.equal(restState(rest({ finished: true, missing: 1, waits: 1 })).kind, 'bad');
  assert.equal(restState(rest({ finished: true, waits: 1 })).word, 'cluster.rest.disk');
  assert.deepEqual(restState(rest({ finished: true })), { kind: 'good', word: 'cluster.rest.done' });
});

test('an endpoint is found by its address, its devices and its readers', () => {
  const e = endpoint({ also: ['pc-b'] });
  for (const word of ['0.0.1', 'BOIL', 'pc-a', 'pc-b']) assert.ok(fits(e, word), word);
  assert.ok(!fits(e, 'pc-c'));
  assert.equal(since(null, now), '–');
  assert.equal(since('nonsense', now), '–');
});
