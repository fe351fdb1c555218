// Package message cuts a view into messages: what a sink publishes that has topics, subjects or keys rather than one large
// request. It sends nothing, and knows of no protocol but what a topic may hold. The sinks below sinks call it.
//
// Its words:
//
//   - A message is a topic and a payload, with samples of one device.
//   - A run is samples of one device and one time that are side by side in the view, each of another series. Formats of many
//     samples put a run into one message; where its series have several topics, into one message for each.
//   - A round is a run with its rest, which is further on in the view where answers of other devices came in between. The
//     rest is joined to the run, and passed over when its turn comes.
//   - From and To of a message are the samples of the view that are through once this message and all before it are. Those
//     joined from further on are not among them: they are when their turn comes, and are sent again if that does not.
//   - An ID tells a message from others when its samples come again.
//   - A Skip is why a message need not be sent.
package message
