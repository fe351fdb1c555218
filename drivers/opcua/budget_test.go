package opcua

import (
	"fmt"
	"testing"

	"tagbridge/drivers/opcua/wire"
)

// TestOtherTagsDoNotWaitForBrowsePaths has a server that looks for one path at once, and no time.
func TestOtherTagsDoNotWaitForBrowsePaths(t *testing.T) {
	s := newScript(t)
	s.value = func(n wire.NodeID) []byte {
		if n == wire.Numeric(11712) || n == wire.Numeric(11714) || n == wire.Numeric(11711) {
			return le.AppendUint32([]byte{1, 7}, 1)
		}
		return nil
	}
	s.start()
	l := s.link(LinkOptions{})
	l.asking = 0
	open(t, l)
	list := numbered(1)
	for i := 2; i <= 6; i++ {
		list = append(list, tag(fmt.Sprintf("/Objects/2:Line/2:%d", i)))
	}
	l.limits.translate = 1
	j := jobOf(list, PlanOptions{})
	got := readOnce(t, l, j)
	if got["ns=2;i=1"] != "1.0" || got["/Objects/2:Line/2:6"] != "BadWaitingForInitialData" {
		t.Errorf("the first round: %v", got)
	}
	for range 5 {
		got = readOnce(t, l, j)
	}
	for _, tg := range list {
		if got[tg.Name][0] == 'B' {
			t.Errorf("after six rounds %s is %s", tg.Name, got[tg.Name])
		}
	}
}
