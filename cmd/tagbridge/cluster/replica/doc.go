// Package replica keeps a copy of what a member's journal takes in a JetStream stream of that member, and where its sinks are in a KV
// bucket, so that others can deliver the rest when the member is gone. This is the sending half and the format of both; package
// heir has the receiving one. It decodes no sample, and holds nothing back in the journal.
//
// # The stream
//
// The stream of a member has messages of one subject, each of them a Message: records of the journal as they lie there, whole, in
// order, with the definitions of their groups, as journal.Decoder reads them. What is true of it:
//
//   - Each message is published with the sequence that the last one of the stream has to have, so that the stream takes none after one
//     that it did not take. Of one run, sequences rise with positions.
//   - A journal has an identity, which is random; positions mean something together with it. It stays over restarts, and over a change
//     of node. A disk that is lost, or a journal in memory only, is a journal with another identity.
//   - Message.Prev is where the message before it of its journal ended. What lies between Prev and From was never copied, for the reason
//     Why: WhyDelivered is no loss, all sinks had it by then. Where a message's Prev is after the To of the message before it, the
//     stream has let go of what lies between (its limits, or somebody deleted it).
//   - From may be before what was seen: then some comes twice, as after a stream that was made anew. What is before the position that
//     the reader has come to is to be passed over, within a message, too. A message whose From and To are equal has definitions only.
//   - Section counts from 1 in each run. Of each section, the definition of a group stands before its first samples, so that who
//     begins at the start of a section can decode all that follows; a definition is good for samples of any section and member, as
//     a group's identity is made of its content. Who begins within a section may find a definition later in the stream only.
//   - A record that does not fit a message comes in Parts messages in a row, Part from 0 on, all with the same positions and Section: their
//     Records one after the other are the record, of at most MostRecord bytes. Where a part is missing the record is lost, or comes
//     again whole.
//   - Origin is not 0 where the journal goes on from another one, of which it has what is before First under its own positions, and
//     nothing from there on: the disk was restored from a backup, or lost with the power what had been copied already. So of a journal that is
//     the Origin of another one in the stream, its heirs are to deliver only what is from that one's First on; the rest is that one's.
//   - Run and Began tell processes apart. First is where the log ended when the run began. A run that finds that a later one has
//     written goes silent.
//
// Nats-Msg-Id is JOURNAL-RUN-SECTION-FROM-TO-PART of a message, numbers in hex. It is for people, and for those who want headers only.
//
// # Cursors
//
// The bucket of cursors has, of each member, a key NODE.JOURNAL.SINK for each of its sinks and NODE.JOURNAL._journal for the journal itself
// (CursorKey, EndKey), JOURNAL being its identity in 16 hex digits, the others safe names. The values are Cursor and End. A sink needs
// nothing before its Position. The member itself writes them at most once a second, when they have changed; whoever
// delivers for a member that is gone writes its Cursor with By set to who it is. End says how far the journal went, so that what
// was taken and not copied is a number: End.Position minus the last To. End.Stopped is set by an orderly stop, after which the journal's
// cursors do not move any more: what they lack is in the stream. All sinks of the configuration have a key; one that was taken out
// has none.
//
// Messages of a stream are let go of once the cursors of all sinks are past them, whole sections at a time: those of another
// journal, once all keys of that journal are past the last of them, or gone.
package replica
