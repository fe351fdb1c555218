// Package claims keeps who has which endpoint in a key-value bucket, by compare and swap: each epoch of an endpoint belongs to one member at
// most, and epochs go on although all members were stopped.
//
// Nobody waits for it. A member reads first, as the cluster decided by beats, and its claim is written afterwards, when that is possible.
// What the bucket says goes the other way: that an endpoint was taken so many times, and that somebody else has taken
// over what this member has.
//
// A Book decides, with no clock and no network; a Keeper gives it the bucket.
package claims
