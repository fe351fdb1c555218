// Checks the checker: node selfcheck.js PORT [FAULT]... runs each faulty edge node against the broker at PORT and prints a JSON
// line for each: the fault, what was to be found, what was found, and what was missed. A node without a fault has to pass.
"use strict";
const { Proxy } = require("./proxy");
const { Rules } = require("./rules");
const { Host } = require("./host");
const { Edge } = require("./faulty");
const { HostedEdge } = require("./faultyhost");
const { ClientEdge } = require("./client");
const accounts = require("./accountcheck");
const { faults } = require("./faults");

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const patience = { death: 2000, rebirth: 2500, leave: 2500, stopped: 300, stay: 600, quiet: 300 };

// settle lets everything arrive that is on its way, on a busy machine too.
async function settle(host, ms = 30) {
  await host.ping();
  await sleep(ms);
  await host.ping();
}

// until waits for ok, but not for ever: a faulty node may never get there.
async function until(ok, ms = 10e3) {
  for (const end = Date.now() + ms; !ok() && Date.now() < end;) await sleep(10);
}

// story is what happens to a node: data, a request, another command, a device that goes and returns, a crash, a goodbye.
async function story(r, host, edge, name) {
  const births = () => (r.nodes.get(name) || {}).births || 0;
  await Promise.race([edge.connect(), sleep(10e3)]);
  await settle(host);
  for (let i = 0; i < 3; i++) {
    edge.data("boiler");
    edge.data("press");
    edge.nodeData(i % 2 === 1);
    await sleep(5);
  }
  edge.data("boiler", true);
  await host.command(name, [{ name: "Node Control/Reboot", type: "Boolean", value: true }]);
  await settle(host, patience.quiet + 50);
  await host.rebirth(name);
  await until(() => births() > 1, patience.rebirth + 200);
  await settle(host);
  edge.data("boiler");
  r.plant("press", "down");
  edge.deviceDeath("press");
  edge.data("boiler");
  await until(() => !r.node(name).alive.has("press"), patience.death + 200);
  await sleep(50);
  r.plant("press", "up");
  if (edge.dead.has("press")) edge.deviceBirth("press");
  for (let i = 0; i < 270; i++) edge.data("boiler");
  await settle(host);
  edge.crash();
  await settle(host);
  await Promise.race([edge.connect(), sleep(10e3)]);
  await settle(host);
  edge.data("press");
  edge.leave();
  await settle(host);
}

// hosted is what happens to a node that waits for its host.
async function hosted(r, host, edge, name) {
  const births = () => r.node(name).births;
  const say = async (online, at, ms) => {
    await host.state(edge.host, online, at);
    await settle(host, ms);
  };
  await say(false, 1000);
  await host.state(edge.host + "-not", true, 5000);
  r.othersOnline = true;
  edge.connect();
  await until(() => edge.waiting || births() > 0);
  await settle(host, 100);
  await say(true, 2000);
  await until(() => births() > 0);
  edge.data("press");
  await say(false, 1500, patience.stay + 100); // too old
  await say(false, 3000);
  await until(() => edge.waiting, patience.leave);
  await settle(host);
  await say(true, 2500); // too old
  await say(true, 4000);
  await until(() => births() > 1, 1000);
  edge.data("press");
  await until(() => !r.due.length, patience.leave + 500);
  await say(false, 9000);
}

async function run(port, fault, index) {
  const primary = fault.startsWith("host: "),
    old = fault.endsWith(" 3");
  const group = `Self${process.pid}x${index}`,
    name = `${group}/edge`,
    id = `scada-${process.pid}-${index}`; // the broker keeps states
  const r = new Rules({ hosts: primary ? { [name]: id } : {}, oldest: 600e3, proxies: primary ? 2 : 1, patience });
  const proxies = [new Proxy("a", port, r)];
  if (primary) proxies.push(new Proxy("b", port, r));
  const ports = await Promise.all(proxies.map((p) => p.listen()));
  const host = new Host(port, r.v, `spBv1.0/${group}/#`);
  await host.start();
  const ticks = setInterval(() => r.tick(), 20);
  const options = { fault: fault.replace(/^host: | 3$/g, ""), host: id, five: !old, aliases: !old };
  if (fault === "sparkplug-client") await story(r, host, new ClientEdge(ports[0], name), name);
  else if (primary) await hosted(r, host, new HostedEdge(ports, name, options), name);
  else await story(r, host, new Edge(ports[0], name, options), name);
  await host.retained();
  await host.stop();
  clearInterval(ticks);
  r.end();
  proxies.forEach((p) => p.close());
  const found = r.v.failed(),
    want = faults[fault].split(" ").filter((x) => x);
  const missed = want.filter((x) => !found.includes(x));
  const evidence = want.length ? want.map((x) => r.v.of.get(x).first) : found.map((x) => `${x}: ${r.v.of.get(x).first}`);
  return { fault, want, missed, found, evidence, ok: missed.length === 0 && (want.length > 0 || found.length === 0) };
}

async function main() {
  const [port, ...only] = process.argv.slice(2);
  const names = Object.keys(faults).filter((f) => !only.length || only.includes(f));
  names.splice(1, 0, ...(only.length ? [] : [" 3"])); // the sound node again, as 3.1.1 without aliases
  faults[" 3"] = "";
  const out = [];
  if (!only.length) out.push(...accounts.check());
  for (const o of out) console.log(JSON.stringify(o));
  let next = 0;
  const work = async () => {
    for (let i; (i = next++) < names.length;) {
      out.push(await run(Number(port), names[i], i));
      console.log(JSON.stringify(out[out.length - 1]));
    }
  };
  await Promise.all(Array.from({ length: 25 }, work));
  console.log(JSON.stringify({ faults: out.length, ok: out.filter((o) => o.ok).length }));
  process.exit(out.every((o) => o.ok) ? 0 : 1);
}

main();
