// Checks the accounting: what a host is made to have heard wrongly has to be found.
"use strict";
const fs = require("fs");
const os = require("os");
const path = require("path");
const { Verdicts } = require("./verdicts");
const { account } = require("./account");

const start = Date.parse("2026-01-02T03:04:05.000Z"),
  polls = 20,
  node = "Plant/line";

// wrongs change what was heard, and name what has to be found.
const wrongs = {
  "": [(heard) => heard, ""],
  "a value is lost": [(heard) => heard.filter((h) => h.value !== "7"), "contract-at-least-once topics-ddata-payload"],
  "two are exchanged": [(heard) => [heard[0], heard[2], heard[1], ...heard.slice(3)], "contract-order"],
  "one comes with another's value": [
    (heard) => heard.map((h, i) => (i === 5 ? { ...h, value: "99" } : h)),
    "contract-as-read contract-at-least-once",
  ],
  "one comes with another time": [
    (heard) => heard.map((h, i) => (i === 5 ? { ...h, at: h.at + 3 } : h)),
    "contract-as-read contract-at-least-once",
  ],
  "one comes three times": [(heard) => [...heard, heard[4], heard[4]], "contract-few-duplicates"],
  "a birth has an old value": [
    (heard) => [{ ...heard[1], birth: true, sent: heard[15].at }, ...heard],
    "contract-births-are-present",
  ],
  "a bad one is lost": [(heard) => heard.filter((h) => h.value !== null), "contract-bad-values-too"],
};

// check returns a line like those of faulty nodes for each of them.
function check() {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "accountcheck-")), "samples.jsonl");
  const lines = [],
    heard = [];
  for (let i = 0; i < polls; i++) {
    const at = start + 1000 * i,
      bad = i === 12;
    lines.push(
      JSON.stringify({
        time: new Date(at).toISOString(),
        device: "boiler",
        tag: "counter",
        value: bad ? null : i,
        quality: bad ? "BadTimeout" : "Good",
      }),
    );
    heard.push({ node, device: "boiler", name: "counter", at, value: bad ? null : String(i), birth: false, sent: at + 10 });
  }
  fs.writeFileSync(file, lines.join("\n") + '\n{"time":"cut');
  const out = [];
  for (const [name, [change, want]] of Object.entries(wrongs)) {
    const v = new Verdicts();
    account(v, { heard: change(heard) }, node, file, { twice: 1, bad: ["boiler/counter"] });
    const found = v.failed(),
      wanted = want.split(" ").filter((x) => x),
      missed = wanted.filter((x) => !found.includes(x));
    const ok = missed.length === 0 && (wanted.length > 0 || found.length === 0);
    out.push({ fault: `account: ${name}`, want: wanted, missed, found, evidence: found.map((x) => v.of.get(x).first), ok });
  }
  fs.rmSync(path.dirname(file), { recursive: true });
  return out;
}

module.exports = { check };
