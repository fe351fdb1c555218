// Package heir delivers what a member that is gone had not delivered, from the copy that package replica made of it, and has a member that
// comes back ask first what others delivered in its place. It reads no device and knows no sink: samples go to the estate of a sink, from
// where its forwarder takes them between what is its own.
//
// # Who delivers
//
// What is left is a key of the bucket of cursors: a member, a journal of it, a sink (replica.CursorKey). It may be inherited once its member
// was heard by nobody here, and the end of that journal (replica.EndKey) did not move, for Grace; or once its member lives with another journal, whose end
// moved later. Living members try one after the other, in an order by hash of member and key, those that have that sink. Who does writes its own name into the
// cursor (replica.Cursor.By) by compare and swap, and writes it again at least every second while it gets on, every three seconds else.
// A cursor with somebody's name may be taken by another one when it was not written for Lease, by the clock of who looks on.
//
// The revision of the key is the fence: whoever was written over learns it with the next write, and takes nothing back. Before each Send is
// looked whether the last write that succeeded was begun less than Lease less Guard ago, by a clock that goes on while the process is stopped: one that
// was stopped and wakes up sends nothing more.
//
// # What the member itself has to do
//
// It writes its cursors by compare and swap, too. A cursor with a name in By is none of its own to write: it first takes it back
// (Return), which is to write it with By empty and all else as it was. What lies between its own place and Position was delivered by others, but
// for Missing. Its place in its own journal is the right one from then on. Until that is known, or was waited for long enough, its sinks get nothing of
// what was in the journal when it was opened: sinks.Elsewhere holds it back.
//
// # What is lost
//
// Missing is what the copy did not have: it is delivered by the member when it comes back with its disk. Until then it is lost, with the reason.
package heir
