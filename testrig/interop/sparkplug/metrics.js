// Metrics: names, aliases, types, times, values, properties; what is historical, and what has changed.
"use strict";
const payload = require("./payload");
const { has, number, types, valueFields } = payload;

const bare = new Set(["bdSeq", "Node Control/Rebirth"]); // those that never have an alias

// birth judges the metrics of a birth and returns them: {id, alive, metrics: by name, byAlias}.
function birth(r, s, m, id) {
  const v = r.v,
    owner = { id, alive: true, metrics: new Map() };
  const aliased = m.raw.metrics.some((x) => has(x, "alias"));
  if (aliased) s.usesAliases = true;
  const which = id === "" ? "nbirth" : "dbirth",
    lower = new Map();
  let last = -Infinity;
  for (const x of m.raw.metrics) {
    const name = x.name,
      where = () => `${name || "a metric"} on ${m.topic}`;
    const valued = value(r, x, x.datatype, where, `operational-behavior-data-publish-${which}-values topics-${which}-metrics`);
    v.check(`topics-${which}-metrics payloads-name-requirement`, has(x, "name") && name !== "", where);
    v.check(`topics-${which}-metrics payloads-metric-datatype-req`, has(x, "datatype"), where);
    datatype(r, x, where);
    const at = time(r, m, x, where);
    const case_ = lower.get(String(name).toLowerCase());
    v.check("case-sensitivity-metric-names", case_ === undefined || case_ === name, () => `${case_} and ${name} on ${m.topic}`);
    lower.set(String(name).toLowerCase(), name);
    v.check(`topics-${which}-metrics`, !owner.metrics.has(name), () => `${name} is there twice on ${m.topic}`);
    if (!bare.has(name) && x.isHistorical !== true) {
      v.check(
        `operational-behavior-data-publish-${which}-order`,
        at === undefined || at >= last,
        () => `${where()} is older than what stands before it`,
      );
      if (at !== undefined) last = at;
    }
    properties(r, x, where, true);
    quality(r, x, where);
    const metric = {
      name,
      datatype: x.datatype,
      newest: x.isHistorical === true || unread(x) ? -Infinity : at,
      value: valued,
      quality: qualityOf(x),
      alias: undefined,
    };
    owner.metrics.set(name, metric);
    const before = id === "" && s.node.told.has(name);
    if (before) v.check("contract-births-are-present", !unread(x), () => `${where()} is unknown, and was known before`);
    if (valued !== null) s.node.told.add(name);
    if (s.usesAliases && !bare.has(name)) {
      v.check("payloads-alias-birth-requirement", has(x, "alias") && has(x, "name"), where);
    }
    if (has(x, "alias")) alias(r, s, owner, metric, number(x.alias), where);
  }
  return owner;
}

function alias(r, s, owner, metric, n, where) {
  const taken = s.aliases.get(n),
    full = `${owner.id}/${metric.name}`;
  r.v.check("payloads-alias-uniqueness", !taken, () => `${where()}: ${n} is ${taken.owner.id}/${taken.metric.name} already`);
  const ever = s.aliasEver.get(n);
  r.v.check("contract-alias-stable", ever === undefined || ever === full, () => `${n} was ${ever} and is ${full}`);
  s.aliasEver.set(n, full);
  s.aliases.set(n, { owner, metric });
  metric.alias = n;
}

// forget frees the aliases of what is born anew.
function forget(s, owner) {
  for (const m of owner.metrics.values()) {
    if (m.alias !== undefined && (s.aliases.get(m.alias) || {}).owner === owner) s.aliases.delete(m.alias);
  }
}

// data judges the metrics of NDATA or DDATA of owner, which is null or undefined when it was not born.
function data(r, s, m, owner) {
  const v = r.v,
    which = m.verb === "NDATA" ? "nbirth" : "dbirth";
  let last = -Infinity;
  v.check(`topics-${m.verb.toLowerCase()}-payload`, m.raw.metrics.length > 0, () => `no metric on ${m.topic}`);
  for (const x of m.raw.metrics) {
    const where = () => `${has(x, "alias") ? "alias " + number(x.alias) : x.name} on ${m.topic}`;
    const known = resolve(r, s, x, owner, where);
    v.check(
      `topics-${which}-metric-reqs operational-behavior-data-publish-${which}`,
      Boolean(known),
      () => `${where()} was not in the birth`,
    );
    v.check("payloads-metric-datatype-not-req", !has(x, "datatype"), where);
    if (has(x, "datatype")) datatype(r, x, where);
    const at = time(r, m, x, where);
    properties(r, x, where, false);
    quality(r, x, where);
    if (x.isHistorical === true) v.check("ignition-history-after-birth", s.born && Boolean(owner) && owner.alive, where);
    if (!known) continue;
    const got = value(r, x, known.datatype, where, "");
    const newest = known.newest;
    history(r, s, x, known, at, where);
    if (x.isHistorical === true) continue;
    v.check(
      `operational-behavior-data-publish-${which}-order`,
      at === undefined || at >= last,
      () => `${where()} is older than what stands before it`,
    );
    if (at !== undefined) last = at;
    const same = got === known.value && qualityOf(x) === known.quality;
    v.check(
      `operational-behavior-data-publish-${which}-change principles-rbe-recommended`,
      !same,
      () => `${known.name} on ${m.topic} of ${at} is ${got} again, quality ${known.quality}; the one before of ${newest}`,
    );
    known.value = got;
    if (got !== null && owner.id === "") s.node.told.add(known.name);
    known.quality = qualityOf(x);
  }
}

// resolve finds what the birth has said of a metric.
function resolve(r, s, x, owner, where) {
  const v = r.v,
    byAlias = has(x, "alias") ? s.aliases.get(number(x.alias)) : undefined;
  v.check("payloads-name-requirement", has(x, "name") || has(x, "alias"), where);
  if (s.usesAliases) v.check("payloads-alias-data-cmd-requirement", has(x, "alias") && !has(x, "name"), where);
  if (byAlias) return byAlias.owner === owner ? byAlias.metric : undefined;
  return owner && has(x, "name") ? owner.metrics.get(x.name) : undefined;
}

// history wants exactly what is not newer than the newest present value to be historical. Of equal milliseconds either may be.
function history(r, s, x, known, at, where) {
  if (at === undefined || known.newest === undefined) return;
  const is = x.isHistorical === true;
  if (at !== known.newest) {
    r.v.check(
      "contract-history-exact",
      is === at < known.newest,
      () => `${where()} of ${at}, the newest of its session of ${known.newest}, is ${is ? "" : "not "}historical`,
    );
  }
  if (is) {
    s.node.historical++;
  } else {
    known.newest = Math.max(known.newest, at);
  }
}

// datatype judges the number of a type. The wire has been looked at before.
function datatype(r, x, where) {
  if (!has(x, "datatype")) return;
  const t = x.datatype;
  r.v.check("payloads-metric-datatype-value-type", Number.isInteger(t) && t >= 0 && t <= 0xffffffff, () => `${where()}: ${t}`);
  r.v.check("payloads-metric-datatype-value", t >= 1 && t <= 34, () => `${where()}: ${t}`);
}

// time judges the time of a metric and returns it, or undefined.
function time(r, m, x, where) {
  const v = r.v,
    there = has(x, "timestamp");
  v.check("payloads-name-birth-data-requirement", there, () => `no time of ${where()}`);
  if (!there) return undefined;
  const at = number(x.timestamp);
  v.check(
    "payloads-metric-timestamp-in-UTC",
    at <= m.at + 2e3 && at >= m.at - r.oldest,
    () => `${where()} is ${at - m.at} ms from now`,
  );
  return at;
}

let looked = 0; // values that the library has been asked for: it is slow

// value judges that there is a value of the type, or that it is null and there is none, and returns it as text.
function value(r, x, type, where, ids) {
  const there = valueFields.filter((f) => has(x, f));
  const ok = x.isNull === true ? there.length === 0 : there.length === 1 && there[0] === types[type];
  if (ids) r.v.check(ids, ok, () => `${where()} of type ${type}: null ${x.isNull === true}, ${there.join(" ") || "no value"}`);
  else if (!ok)
    r.v.check(
      "payload-strict",
      false,
      () => `${where()} of type ${type}: null ${x.isNull === true}, ${there.join(" ") || "no value"}`,
    );
  if (!ok) return undefined;
  const got = payload.plain(x, type);
  if (looked++ < 20e3 || looked % 100 === 0) {
    const theirs = payload.valueOf(x, type);
    r.v.check("payload-decodes", theirs === got, () => `${where()}: the library makes ${theirs} of ${got}`);
  }
  if (got !== null && got !== undefined && outside(got, type)) {
    r.v.check("payload-strict", false, () => `${where()}: ${got} is not of type ${type}`);
  }
  return got;
}

const ranges = {
  1: [-128, 127],
  2: [-32768, 32767],
  3: [-2147483648, 2147483647],
  5: [0, 255],
  6: [0, 65535],
  7: [0, 4294967295],
};

function outside(got, type) {
  return ranges[type] && (Number(got) < ranges[type][0] || Number(got) > ranges[type][1]);
}

function qualityOf(x) {
  return String((payload.properties(x).Quality || {}).value);
}

// unread reports that a birth says of a metric that nothing is known: what comes next is its present value, however old.
function unread(x) {
  return x.isNull === true && qualityOf(x) === "500";
}

// quality wants what is null to say why.
function quality(r, x, where) {
  if (x.isNull !== true) return;
  const q = payload.properties(x).Quality;
  r.v.check(
    "contract-null-has-quality",
    Boolean(q) && q.value !== 192,
    () => `${where()} is null with quality ${q && q.value}`,
  );
}

// properties judges a PropertySet.
function properties(r, x, where, born) {
  if (!has(x, "properties")) return;
  const v = r.v,
    { keys = [], values = [] } = x.properties;
  v.check(
    "payloads-propertyset-keys-array-size payloads-propertyset-values-array-size",
    keys.length === values.length,
    () => `${where()}: ${keys.length} keys, ${values.length} values`,
  );
  for (const [key, p] of Object.entries(payload.properties(x))) {
    const what = () => `${key} of ${where()}: type ${p.type}, ${p.field} ${p.value}`;
    if (born) v.check("payloads-metric-propertyvalue-type-req", p.type !== undefined, what);
    if (p.type !== undefined) {
      v.check("payloads-metric-propertyvalue-type-type", Number.isInteger(p.type) && p.type >= 0 && p.type <= 0xffffffff, what);
      v.check(
        "payloads-metric-propertyvalue-type-value",
        (p.type >= 1 && p.type <= 15) || p.type === payload.PROPERTY_SET || p.type === payload.PROPERTY_SET_LIST,
        what,
      );
    }
    if (types[p.type]) v.check("payload-property-field", p.field === undefined || p.field === types[p.type], what);
    if (key !== "Quality") continue;
    v.check("payloads-propertyset-quality-value-type", p.type === payload.INT32, what);
    v.check("payloads-propertyset-quality-value-value", p.field === "intValue" && [0, 192, 500].includes(p.value), what);
  }
}

module.exports = { birth, data, forget };
