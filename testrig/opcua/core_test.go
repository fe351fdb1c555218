package opcua

import (
	"testing"

	"github.com/gopcua/opcua/ua"
)

// TestCore makes a server with the core and one with all, in this order: the first leaves nothing behind.
func TestCore(t *testing.T) {
	const currentTime, historyServer = 2258, 11214 // one of the core, and one that is not
	for _, core := range []bool{true, false} {
		s, err := Listen("127.0.0.1:0", Options{Core: core, Nodes: map[string]any{"ns=1;s=a": 1.5}})
		if err != nil {
			t.Fatal(err)
		}
		for number, want := range map[uint32]bool{currentTime: true, historyServer: !core} {
			if got := s.srv.Node(ua.NewNumericNodeID(0, number)) != nil; got != want {
				t.Errorf("core %v: node i=%d is there: %v", core, number, got)
			}
		}
		s.Close()
	}
}
