// Package session is the client of one OPC UA server: connection, secure channel, session and requests over opc.tcp
// (Parts 4 and 6). It is called by package opcua, and by the verbs that browse and that handle certificates.
//
// A Session has no goroutine. Its caller sends, and receives until what it waits for has come; what comes for others
// meanwhile is kept for them. So everything a server sends is decoded in the goroutine of the lane that asked for it:
// a server that answers garbage costs its own device a connection, and no other device anything. That is why the
// client of gopcua/opcua is not used, whose goroutines decode by reflection and end the process where a length is
// negative or values are nested without end; its uapolicy is, which knows the cryptography of the security policies.
package session
