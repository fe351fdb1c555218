// Package opcua is a software OPC UA server: nodes that are exactly those of a tag map, with values that move
// plausibly, and faults on command. It is the server of gopcua/opcua with what that lacks here: limits that can be
// set, browse paths, values that are pushed. It checks no user; logins are tested against other servers.
//
// The verbs sim and demo serve whole plants with it, and tests use it.
package opcua
