// The checker as a process: node checker.js JSON, where JSON is {brokers: {name: port}, proxies: {name: broker}, hosts: {GROUP/NODE: host}}.
// It prints {"ports": {proxy: port}}, then answers each command on standard input, a JSON object a line, with a line.
"use strict";
const fs = require("fs");
const readline = require("readline");
const { Proxy } = require("./proxy");
const { Rules } = require("./rules");
const { Host } = require("./host");
const { account } = require("./account");

const options = JSON.parse(process.argv[2]);
const rules = new Rules({
  hosts: options.hosts || {},
  proxies: Object.keys(options.brokers).length,
  oldest: 900e3,
  patience: options.patience,
});
const hosts = new Map(),
  proxies = new Map();
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const say = (o) => process.stdout.write(JSON.stringify(o) + "\n");

// all are the hosts at one broker, or at each.
const all = (broker) => [...hosts].filter(([name]) => !broker || name === broker).map(([, h]) => h);
const some = (names) => [...proxies].filter(([name]) => !names || names.includes(name)).map(([, p]) => p);

const commands = {
  status: () => status(),
  rebirth: async ({ node, broker }) => {
    for (const h of all(broker)) await h.rebirth(node);
  },
  // storm asks for births, so many a second for so long, and says how many there were.
  storm: async ({ node, broker, rate = 100, ms = 2000 }) => {
    const n = rules.node(node),
      before = n.births;
    let asked = 0;
    for (const start = Date.now(); Date.now() - start < ms; asked++) {
      for (const h of all(broker)) await h.rebirth(node);
      await sleep(Math.max(0, start + ((asked + 1) * 1000) / rate - Date.now()));
    }
    await sleep(1000);
    const births = n.births - before;
    rules.v.check("contract-rebirth-joined", births > 0 && births <= asked / 2, `${births} births for ${asked} requests`);
    return { asked, births };
  },
  command: async ({ node, broker, verb, device, metrics }) => {
    for (const h of all(broker)) await h.command(node, metrics, verb, device);
  },
  garbage: async ({ node, broker }) => {
    const topic = `spBv1.0/${node.replace("/", "/NCMD/")}`;
    for (const h of all(broker)) {
      for (const bytes of [[], [0xff], [0x12, 0xff, 0xff, 0xff, 0xff, 0x0f], [0x12, 0x05, 0x0a, 0x10, 0x41]])
        await h.publish(topic, Buffer.from(bytes));
    }
  },
  state: async ({ id, broker, online, at, old, other }) => {
    if (other) rules.othersOnline = true;
    for (const h of all(broker)) await h.state(id, online, at, old);
  },
  plant: ({ device, is }) => rules.plant(device, is),
  cut: ({ proxies: names }) => some(names).forEach((p) => p.cut()),
  swallow: ({ proxies: names }) => some(names).forEach((p) => p.swallow()),
  refuse: async ({ proxies: names, on }) => {
    for (const p of some(names)) await p.refuse(on);
  },
  throttle: ({ proxies: names, bytes }) => some(names).forEach((p) => p.throttle(bytes)),
  // back waits until the host is at the broker again.
  back: async ({ broker }) => {
    for (const h of all(broker)) await h.back();
  },
  account: ({ node, broker, path, options: o }) => account(rules.v, merged(broker), node, path, o),
  forget: () => {
    for (const h of all()) h.heard = [];
  },
  end: async () => {
    for (const h of all()) await h.retained();
    await sleep(200);
    rules.end();
    return { verdicts: rules.v.report(), counts: rules.counts };
  },
};

// merged is what the hosts at all brokers have heard, in the order in which they did.
function merged(broker) {
  const list = all(broker);
  return list.length === 1 ? list[0] : { heard: list.flatMap((h) => h.heard).sort((a, b) => a.n - b.n) };
}

function status() {
  const nodes = {};
  for (const n of rules.nodes.values()) {
    const open = [...n.open].filter((s) => !s.link.hole);
    nodes[n.name] = {
      births: n.births,
      data: n.data,
      historical: n.historical,
      deaths: n.deaths,
      bdSeq: n.bdSeq,
      alive: [...n.alive].sort(),
      open: open.length,
      born: open.some((s) => s.born),
      at: open.map((s) => s.link.proxy),
      waiting: open.some((s) => s.subscribed.size > 0 && !s.born),
      metrics: Object.fromEntries(open.flatMap((s) => [...s.devices].map(([d, o]) => [d, [...o.metrics.keys()].sort()]))),
      heard: all().reduce((sum, h) => sum + (h.node(n.name).heard || 0), 0),
      answered: n.answered || 0,
    };
  }
  return { nodes, due: rules.due.length, failed: rules.v.failed() };
}

// trace has each packet on standard error: what the node says >, what the broker answers <.
function trace() {
  for (const [what, mark] of [
    ["sent", ">"],
    ["received", "<"],
  ]) {
    const judge = rules[what].bind(rules);
    rules[what] = (link, p) => {
      console.error(
        Date.now() % 1e6,
        link.proxy,
        mark,
        p.cmd,
        p.topic || "",
        p.payload ? p.payload.length : JSON.stringify(p).slice(0, 200),
      );
      judge(link, p);
    };
  }
}

async function main() {
  if (process.env.CHECKER_TRACE) trace();
  const to = process.env.CHECKER_SAYS; // a file that gets each offence
  if (to) rules.v.say = (id, evidence) => fs.appendFileSync(to, `${Date.now() % 1e6} ${id} ${evidence}\n`);
  let order = 0;
  for (const [name, port] of Object.entries(options.brokers)) {
    const host = new Host(port, rules.v);
    host.number = () => order++;
    hosts.set(name, host);
    await host.start();
  }
  const ports = {};
  for (const [name, broker] of Object.entries(options.proxies)) {
    const proxy = new Proxy(name, options.brokers[broker], rules);
    proxies.set(name, proxy);
    ports[name] = await proxy.listen();
  }
  setInterval(() => rules.tick(), 50);
  say({ ports });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const c = JSON.parse(line);
    try {
      say({ ok: true, ...(await commands[c.do](c)) });
    } catch (err) {
      say({ error: err.stack });
    }
  }
  process.exit(0);
}

main();
