// Package wire is how members of a cluster write what they say to each other. It has no clock and no network.
//
// A Frame is a byte, Format, the CRC-32C of the rest in four, least first, and fields as protocol buffers have them (protobuf.dev/programming-guides/encoding): a field that
// is not known is left out, so that members of neighbouring releases understand each other. What cannot be understood without a new
// field has another Format.
//
// The lists of a member are long and seldom change, and its beats are many. So a beat has either the lists or
// only their Version; a Lists at the other end makes it whole again.
package wire
