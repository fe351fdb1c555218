// Package store is the JetStream side of a cluster: one connection to any one of the servers, which comes back by itself, and what is
// opened by it: key-value buckets, streams, object stores.
//
// JetStream may be missing, choosing a leader, full, slow or emptied. So nothing in here is for a goroutine that reads devices or decides who
// does: a user has a goroutine of its own, asks for a Link, uses it until an operation fails or it is Gone, and asks for the next one.
// Each operation has a context with an end. Errors become sentences by Link.Why.
package store
