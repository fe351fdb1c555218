package modbus

import (
	"crypto/tls"
	"net"
)

// abandon has what was sent over conn and is still on its way not come any more, once conn is closed: a request whose answer is not
// waited for is not to reach a device minutes later, when a cable that was pulled is back and somebody else reads it. A device that the
// end of the connection does not reach notices it by what it sends.
func abandon(conn any) {
	for {
		switch c := conn.(type) {
		case *swapConn:
			conn = c.Conn
		case *socketStream:
			conn = c.Conn
		case *tls.Conn:
			conn = c.NetConn()
		case *net.TCPConn:
			_ = c.SetLinger(0) // it is closed in any case
			return
		default:
			return
		}
	}
}
