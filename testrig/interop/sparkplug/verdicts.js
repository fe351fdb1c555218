// What is asked of an edge node, each by the id of its statement, and what has been seen of it.
"use strict";

// statements are the ids of Sparkplug 3.0 that concern an edge node, without "tck-id-", by what they depend on.
const statements = {
  always: words(`
    intro-group-id-string intro-group-id-chars intro-edge-node-id-string intro-edge-node-id-chars
    intro-device-id-string intro-device-id-chars intro-edge-node-id-uniqueness principles-rbe-recommended
    principles-birth-certificates-order principles-persistence-clean-session-311
    principles-persistence-clean-session-50 topic-structure topic-structure-namespace-a
    topic-structure-namespace-valid-group-id topic-structure-namespace-unique-edge-node-descriptor
    topic-structure-namespace-valid-edge-node-id topic-structure-namespace-valid-device-id
    topic-structure-namespace-unique-device-id topic-structure-namespace-duplicate-device-id-across-edge-node
    topic-structure-namespace-device-id-associated-message-types
    topic-structure-namespace-device-id-non-associated-message-types topics-nbirth-topic topics-nbirth-mqtt
    topics-nbirth-seq-num topics-nbirth-timestamp topics-nbirth-metric-reqs topics-nbirth-metrics
    topics-nbirth-bdseq-included topics-nbirth-bdseq-matching topics-nbirth-bdseq-increment
    topics-nbirth-rebirth-metric topics-ndata-topic topics-ndata-mqtt topics-ndata-seq-num topics-ndata-timestamp
    topics-ndata-payload topics-ndeath-topic topics-ndeath-payload topics-ndeath-seq topics-dbirth-topic
    topics-dbirth-mqtt topics-dbirth-seq topics-dbirth-timestamp topics-dbirth-metric-reqs topics-dbirth-metrics
    topics-ddata-topic topics-ddata-mqtt topics-ddata-seq-num topics-ddata-timestamp topics-ddata-payload
    topics-ddeath-topic topics-ddeath-mqtt topics-ddeath-seq-num case-sensitivity-sparkplug-ids
    case-sensitivity-metric-names message-flow-edge-node-ncmd-subscribe message-flow-edge-node-birth-publish-connect
    message-flow-edge-node-birth-publish-will-message message-flow-edge-node-birth-publish-will-message-topic
    message-flow-edge-node-birth-publish-will-message-payload
    message-flow-edge-node-birth-publish-will-message-payload-bdSeq
    message-flow-edge-node-birth-publish-will-message-qos
    message-flow-edge-node-birth-publish-will-message-will-retained
    message-flow-edge-node-birth-publish-nbirth-topic message-flow-edge-node-birth-publish-nbirth-payload
    message-flow-edge-node-birth-publish-nbirth-payload-bdSeq message-flow-edge-node-birth-publish-nbirth-qos
    message-flow-edge-node-birth-publish-nbirth-retained message-flow-edge-node-birth-publish-nbirth-payload-seq
    operational-behavior-edge-node-intentional-disconnect-ndeath
    operational-behavior-edge-node-intentional-disconnect-packet message-flow-device-birth-publish-nbirth-wait
    message-flow-device-birth-publish-dbirth-topic message-flow-device-birth-publish-dbirth-match-edge-node-topic
    message-flow-device-birth-publish-dbirth-payload message-flow-device-birth-publish-dbirth-qos
    message-flow-device-birth-publish-dbirth-retained message-flow-device-birth-publish-dbirth-payload-seq
    operational-behavior-device-ddeath operational-behavior-data-publish-nbirth
    operational-behavior-data-publish-nbirth-values operational-behavior-data-publish-nbirth-change
    operational-behavior-data-publish-nbirth-order operational-behavior-data-publish-dbirth
    operational-behavior-data-publish-dbirth-values operational-behavior-data-publish-dbirth-change
    operational-behavior-data-publish-dbirth-order operational-behavior-data-commands-rebirth-name
    operational-behavior-data-commands-rebirth-datatype operational-behavior-data-commands-rebirth-value
    operational-behavior-data-commands-rebirth-action-1 operational-behavior-data-commands-rebirth-action-2
    operational-behavior-data-commands-rebirth-action-3 payloads-timestamp-in-UTC
    payloads-sequence-num-always-included payloads-sequence-num-req-nbirth payloads-sequence-num-incrementing
    payloads-name-requirement payloads-name-birth-data-requirement payloads-metric-timestamp-in-UTC
    payloads-metric-datatype-value-type payloads-metric-datatype-value payloads-metric-datatype-req
    payloads-metric-datatype-not-req payloads-nbirth-timestamp payloads-nbirth-edge-node-descriptor
    payloads-nbirth-seq payloads-nbirth-bdseq payloads-nbirth-bdseq-repeat payloads-nbirth-rebirth-req
    payloads-nbirth-qos payloads-nbirth-retain payloads-dbirth-timestamp payloads-dbirth-seq payloads-dbirth-seq-inc
    payloads-dbirth-order payloads-dbirth-qos payloads-dbirth-retain payloads-ndata-timestamp payloads-ndata-seq
    payloads-ndata-seq-inc payloads-ndata-order payloads-ndata-qos payloads-ndata-retain payloads-ddata-timestamp
    payloads-ddata-seq payloads-ddata-seq-inc payloads-ddata-order payloads-ddata-qos payloads-ddata-retain
    payloads-ndeath-seq payloads-ndeath-will-message payloads-ndeath-will-message-qos
    payloads-ndeath-will-message-retain payloads-ndeath-bdseq payloads-ndeath-will-message-publisher
    payloads-ndeath-will-message-publisher-disconnect-mqtt311
    payloads-ndeath-will-message-publisher-disconnect-mqtt50 payloads-ddeath-timestamp payloads-ddeath-seq
    payloads-ddeath-seq-inc payloads-ddeath-seq-number`),
  aliases: words(`
    operational-behavior-data-commands-rebirth-name-aliases payloads-alias-uniqueness
    payloads-alias-birth-requirement payloads-alias-data-cmd-requirement`),
  primary_host: words(`
    message-flow-edge-node-birth-publish-phid-wait message-flow-edge-node-birth-publish-phid-wait-id
    message-flow-edge-node-birth-publish-phid-wait-online message-flow-edge-node-birth-publish-phid-wait-timestamp
    message-flow-edge-node-birth-publish-phid-offline operational-behavior-edge-node-termination-host-offline
    operational-behavior-edge-node-termination-host-offline-reconnect
    operational-behavior-edge-node-termination-host-offline-timestamp
    operational-behavior-primary-application-state-with-multiple-servers-state-subs
    operational-behavior-primary-application-state-with-multiple-servers-single-server
    operational-behavior-primary-application-state-with-multiple-servers-walk
    operational-behavior-edge-node-birth-sequence-wait`),
  quality: words(`
    payloads-propertyset-keys-array-size payloads-propertyset-values-array-size
    payloads-metric-propertyvalue-type-type payloads-metric-propertyvalue-type-value
    payloads-metric-propertyvalue-type-req payloads-propertyset-quality-value-type
    payloads-propertyset-quality-value-value`),
};

// recommended are those of them that say SHOULD or MAY.
const recommended = new Set(
  words(`
    principles-rbe-recommended topic-structure-namespace-duplicate-device-id-across-edge-node case-sensitivity-sparkplug-ids
    case-sensitivity-metric-names operational-behavior-edge-node-intentional-disconnect-packet
    operational-behavior-data-publish-nbirth-change operational-behavior-data-publish-dbirth-change
    payloads-metric-datatype-not-req payloads-ndeath-will-message-publisher`),
);

// partly are those of which one observer sees a part only.
const partly = {};
for (const id of words(`intro-edge-node-id-uniqueness topic-structure-namespace-unique-edge-node-descriptor
    payloads-nbirth-edge-node-descriptor`)) {
  partly[id] = "uniqueness is seen among the connections of this broker only";
}

// house are rules that the specification does not have: what hosts that exist make of a node, and what tagbridge promises.
const house = {
  "ignition-bdseq-without-alias": "an alias on bdSeq, and the death is never seen",
  "ignition-death-matches": "a death that a host gets belongs to the birth that it had",
  "ignition-no-false-death": "an old will that comes late is not taken for the death of the session that lives",
  "ignition-rebirth-seq-zero": "a birth on request whose seq is not 0 is asked for again without end",
  "ignition-rebirth-without-death": "no NDEATH before a birth on request",
  "ignition-history-after-birth": "history comes after the births of its session",
  "host-no-gap": "a host misses no message within a session",
  "mqtt-subscribed-before-birth": "the broker has confirmed the subscription before the birth, else a request can be missed",
  "mqtt-will-without-delay": "the will is published at once",
  "mqtt-no-dup": "nothing of quality 0 says that it is a repetition",
  "mqtt-parses": "mqtt-packet understands every packet",
  "payload-strict": "no unknown, doubled or cut fields",
  "payload-decodes": "the library makes of a value what it is",
  "payload-property-field": "the value of a property is in the field of its type",
  "contract-history-exact": "historical is what is not newer than the newest present value of its metric in this session",
  "contract-null-has-quality": "a value that is null says its quality",
  "contract-alias-stable": "an alias means one metric for a whole session",
  "contract-nothing-retained": "the broker keeps nothing of the node",
  "contract-other-commands-ignored": "a command that is not a rebirth changes nothing",
  "contract-rebirth-joined": "a storm of requests brings few births",
  "contract-dead-device-silent": "no data of a device between its death and its birth",
  "contract-at-least-once": "every value arrives",
  "contract-bad-values-too": "of a device that lives, what is bad arrives too",
  "contract-order": "the values of a tag arrive in order",
  "contract-as-read": "what arrives was read, at that time",
  "contract-births-are-present": "births have the values read last",
  "contract-few-duplicates": "what comes twice is a volley for each fault at most",
  "tck-monitor-device-born-once":
    "the TCK's monitor takes a second DBIRTH without a death or NBIRTH for two devices of one name",
};

function words(text) {
  return text.trim().split(/\s+/);
}

class Verdicts {
  constructor() {
    this.of = new Map();
    this.lists = new Map(); // by the text that names them: there are many checks and few texts
    for (const id of [...Object.values(statements).flat(), ...Object.keys(house)]) {
      this.of.set(id, { id, passed: 0, failed: 0, first: "", example: "" });
    }
  }

  // check notes of each of the ids, which are separated by blanks, whether it held. Evidence may be a function.
  check(ids, ok, evidence = "") {
    let list = this.lists.get(ids);
    if (!list) this.lists.set(ids, (list = words(ids).map((id) => this.find(id))));
    for (const v of list) {
      if (ok) {
        if (v.passed++ === 0 && typeof evidence === "string") v.example = evidence; // functions tell what is wrong
      } else {
        if (v.failed++ === 0) v.first = text(evidence);
        if (this.say) this.say(v.id, text(evidence));
      }
    }
    return ok;
  }

  find(id) {
    const v = this.of.get(id);
    if (!v) throw new Error(`there is no statement ${id}`);
    return v;
  }

  // failed are the ids that did not hold.
  failed() {
    return [...this.of].filter(([, v]) => v.failed > 0).map(([id]) => id);
  }

  // report is a line for each id.
  report() {
    const condition = {};
    for (const [name, ids] of Object.entries(statements)) for (const id of ids) condition[id] = name;
    return [...this.of].map(([id, v]) => ({
      id: condition[id] ? "tck-id-" + id : id,
      verdict: v.failed ? "fail" : v.passed ? "pass" : "not exercised",
      level: !condition[id] ? "house" : recommended.has(id) ? "should" : "must",
      if: condition[id] && condition[id] !== "always" ? condition[id] : undefined,
      seen: v.passed + v.failed,
      failed: v.failed || undefined,
      evidence: v.failed ? v.first : v.example || house[id] || (v.passed ? `held ${v.passed} times` : ""),
      part: partly[id],
    }));
  }
}

function text(evidence) {
  return String(typeof evidence === "function" ? evidence() : evidence);
}

module.exports = { Verdicts, statements, house };
