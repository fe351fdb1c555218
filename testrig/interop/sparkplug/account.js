// Compares what a host has heard with what the bridge has read, as its file sink says.
"use strict";
const fs = require("fs");

// read are the samples of a file of JSON lines, but the bridge's own. A last line that is cut by a kill is left out.
function read(path) {
  const out = [];
  for (const line of fs.readFileSync(path, "utf8").split("\n")) {
    let s;
    try {
      s = JSON.parse(line);
    } catch {
      continue;
    }
    if (!s.tag.startsWith("_")) {
      out.push({
        key: `${s.device}/${s.tag}`,
        at: Date.parse(s.time),
        value: s.value,
        bad: s.quality.startsWith("Bad"),
        quality: s.quality,
      });
    }
  }
  return out;
}

const files = new Map(); // those that were read, which nobody writes any more

function readOnce(path) {
  if (!files.has(path)) files.set(path, read(path));
  return files.get(path);
}

// same compares a value as JSON has it with the text that the decoder gave; a Float comes as the double next to it.
function same(read, heard) {
  if (read === null || heard === null || heard === undefined) return read === heard;
  if (typeof read !== "number") return String(read) === heard;
  return Number(heard) === read || Math.fround(read) === Number(heard);
}

// account judges one node: options.counters is what the names of tags begin with that count and are read at each poll.
function account(v, host, node, path, options = {}) {
  const truth = readOnce(path),
    heard = host.heard.filter((h) => h.node === node && h.device !== "");
  const byKey = new Map();
  for (const s of truth) {
    if (!byKey.has(s.key)) byKey.set(s.key, new Map());
    const tag = byKey.get(s.key);
    while (tag.has(s.at) && !same(tag.get(s.at).value, text(s.value))) s.at += 1e-3; // two of one millisecond
    tag.set(s.at, s);
  }
  const got = new Map(),
    out = {
      node,
      read: 0,
      heard: 0,
      births: 0,
      lost: 0,
      repeated: 0,
      twice: 0,
      disorder: 0,
      invented: 0,
      stale: 0,
      bad: 0,
      badLost: 0,
    };
  const last = new Map(),
    counters = options.counters || "counter";
  for (const h of heard) {
    const key = `${h.device}/${h.name}`,
      tag = byKey.get(key),
      s = tag && find(tag, h);
    if (!got.has(key)) got.set(key, new Set());
    if (h.birth) {
      out.births++;
      birth(out, tag, s, h, key, options);
      if (s && same(s.value, h.value)) got.get(key).add(-s.at); // said, if not as data
      continue;
    }
    out.heard++;
    if (!s && !h.name.startsWith(counters) && inForce(tag, h)) {
      out.repeated++;
      continue;
    }
    if (!s || !same(s.value, h.value)) {
      if (h.value !== null || s) first(out, "invented", `${key} ${h.value} at ${h.at}; read were ${near(tag, h.at)}`); // what is bad may have a time of its own
      continue;
    }
    if (got.get(key).has(s.at)) {
      out.twice++;
      continue;
    }
    got.get(key).add(s.at);
    if (h.at < (last.get(key) || 0)) first(out, "disorder", `${key} of ${h.at} after ${last.get(key)}`);
    last.set(key, h.at);
  }
  for (const [key, tag] of byKey) {
    const g = got.get(key) || new Set();
    for (const s of tag.values()) {
      const there = g.has(s.at) || g.has(-s.at);
      if (!s.bad) {
        out.read++;
        if (!there) first(out, "lost", `${key} ${s.value} at ${s.at} (${s.quality})`);
      } else if ((options.bad || []).includes(key)) {
        out.bad++;
        if (!there) first(out, "badLost", `${key} ${s.quality} at ${s.at}`);
      }
    }
  }
  judge(v, out, options);
  return out;
}

// inForce reports that what was heard had been read last: of a tag that is reported by change, nothing newer is kept.
function inForce(tag, h) {
  let last;
  for (const s of tag ? tag.values() : []) if (s.at <= h.at && (!last || s.at > last.at)) last = s;
  return last && same(last.value, h.value);
}

const text = (value) => (value === null ? null : String(value));

// find is the sample that was heard, or another of that time.
function find(tag, h) {
  for (let at = h.at; tag.has(at); at += 1e-3) if (same(tag.get(at).value, h.value)) return tag.get(at);
  return tag.get(h.at);
}

// near is what was read about then.
function near(tag, at) {
  return [...(tag ? tag.values() : [])]
    .filter((s) => Math.abs(s.at - at) < 500)
    .slice(0, 12)
    .map((s) => `${s.value} at ${s.at}`)
    .join(", ");
}

// birth judges that a birth says what was read last.
function birth(out, tag, s, h, key, options) {
  if (!tag || !h.name.startsWith(options.counters || "counter") || h.value === null) return;
  if (!s || !same(s.value, h.value)) return first(out, "invented", `${key} ${h.value} at ${h.at} in a birth`);
  const slow = options.slow || 2000;
  for (let at = h.at + 1; at < h.sent - slow; at++) {
    const later = tag.get(at);
    if (later && !later.bad) return first(out, "stale", `${key} of ${h.at} in a birth of ${h.sent}, read at ${at} too`);
  }
}

function first(out, what, evidence) {
  if (out[what]++ === 0) out[what + "First"] = evidence;
}

function judge(v, out, options) {
  const say = (what) => `${out.node}: ${out[what]} of ${out.read} ${what}, the first: ${out[what + "First"]}`;
  v.check("contract-at-least-once topics-ddata-payload", out.lost === 0 && out.read > 0, say("lost"));
  v.check("contract-bad-values-too", out.badLost === 0, say("badLost"));
  v.check("contract-order", out.disorder === 0, say("disorder"));
  v.check("contract-as-read payloads-metric-timestamp-in-UTC", out.invented === 0, say("invented"));
  v.check("contract-births-are-present operational-behavior-data-publish-dbirth-values", out.stale === 0, say("stale"));
  if (options.twice !== undefined) {
    v.check(
      "contract-few-duplicates",
      out.twice <= options.twice,
      `${out.node}: ${out.twice} came twice, ${options.twice} may`,
    );
  }
}

module.exports = { account, read, same };
