// Package port gives tests addresses of loopback that stay theirs while nobody listens there: before a server begins, and while it is
// killed and started again.
package port

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Ports below those that systems give to connections and to listeners that want any.
const (
	first = 10_000
	last  = 32_000
)

// Free is an address, host:port, at which nobody listens. Until the end of the test it is given to nobody else who asks Free, whatever
// process that is: a UDP socket of the same number stands for it.
func Free(t testing.TB) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprint("127.0.0.1:", first+rand.IntN(last-first))
		mine, err := net.ListenPacket("udp", address)
		if err != nil {
			continue
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			mine.Close()
			continue
		}
		l.Close()
		t.Cleanup(func() { mine.Close() })
		return address
	}
	t.Fatal("there is no free port")
	return ""
}
