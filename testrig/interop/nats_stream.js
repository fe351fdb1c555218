// Makes and reads a stream of NATS JetStream, by the client of its makers. "add": a stream PLANT of plant.>, in a file; "read":
// what it holds, a line of JSON for each message.
'use strict';
const { connect } = require('@nats-io/transport-node');
const { jetstream, jetstreamManager } = require('@nats-io/jetstream');

async function main([server, what]) {
  const nc = await connect({ servers: server });
  const jsm = await jetstreamManager(nc);
  if (what === 'add') {
    await jsm.streams.add({ name: 'PLANT', subjects: ['plant.>'], storage: 'file', discard: 'new' });
  } else {
    const { state } = await jsm.streams.info('PLANT');
    const consumer = await jetstream(nc).consumers.get('PLANT'); // an ordered one
    if (state.messages > 0) {
      for await (const m of await consumer.consume()) {
        console.log(JSON.stringify({ seq: m.seq, subject: m.subject, id: m.headers.get('Nats-Msg-Id'), data: m.json() }));
        if (m.seq >= state.last_seq) break;
      }
    }
  }
  await nc.close();
}

main(process.argv.slice(2)).catch((err) => {
  console.error(err);
  process.exit(1);
});
