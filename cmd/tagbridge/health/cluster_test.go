package health

import (
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
)

// TestCluster has each thing that can be wrong with a cluster be said, and what is as it should be not.
func TestCluster(t *testing.T) {
	now := time.Now()
	long := now.Add(-time.Hour)
	server := func(up bool) bridge.ShareServer {
		return bridge.ShareServer{Address: "10.0.0.1:4222", Up: up, Since: long, Error: "refused"}
	}
	well := func() *bridge.ShareState {
		return &bridge.ShareState{
			Node: "pc-a", Attached: true, Joined: true, Servers: []bridge.ShareServer{server(true), server(true), server(true)},
			Members:   []bridge.ShareMember{{Node: "pc-a", Self: true, Joined: true}, {Node: "pc-b", Joined: true, Heard: now}},
			Endpoints: []bridge.ShareEndpoint{{Key: "tcp://h1:502", Owner: "pc-b", Since: long}},
		}
	}
	for what, c := range map[string]struct {
		change   func(*bridge.ShareState)
		verdict  string
		problems string // codes
	}{
		"nothing":  {func(*bridge.ShareState) {}, "All is well: 1 device is read by other members of the cluster", ""},
		"a server": {func(s *bridge.ShareState) { s.Servers[0] = server(false) }, "1 of 3 NATS servers is not reached", "nats"},
		"cut off, and goes on": {func(s *bridge.ShareState) {
			s.Attached = false
			s.Servers[0], s.Servers[1] = server(false), server(false)
		}, "it is cut off", "nats nats isolated-keeps"},
		"cut off, and stops":    {func(s *bridge.ShareState) { s.Attached, s.Stops = false, true }, "reads nothing", "isolated-stops"},
		"its name":              {func(s *bridge.ShareState) { s.Problem = "another one" }, "another member is called pc-a, too", "twin"},
		"a member that is gone": {func(s *bridge.ShareState) { s.Members[1].Gone, s.Members[1].Heard = true, long }, "1 member is gone", "gone"},
		"read by nobody":        {func(s *bridge.ShareState) { s.Endpoints[0].Owner = "" }, "1 of 1 endpoint is read by nobody", "unread"},
		"only one that is away": {func(s *bridge.ShareState) { s.Endpoints[0].Owner, s.Endpoints[0].Only = "", []string{"pc-c"} }, "1 of 1 endpoint is read by nobody", "unread-only"},
		"nobody for a moment":   {func(s *bridge.ShareState) { s.Endpoints[0].Owner, s.Endpoints[0].Since = "", now }, "All is well", ""},
		"two readers":           {func(s *bridge.ShareState) { s.Endpoints[0].Also = []string{"pc-a"} }, "1 of 1 endpoint is read twice", "read-twice"},
		"as it begins":          {func(s *bridge.ShareState) { s.Joined, s.Endpoints[0].Owner = false, "" }, "All is well", ""},
	} {
		share := well()
		c.change(share)
		r := Of(&State{Ready: true, Share: share, Devices: []drivers.DeviceState{{Name: "d", State: drivers.Elsewhere, Tags: 3}}}, now)
		var codes []string
		for _, p := range r.Problems {
			codes = append(codes, p.Code)
		}
		if !strings.Contains(r.Verdict, c.verdict) || strings.Join(codes, " ") != c.problems || r.Well != strings.HasPrefix(r.Verdict, "All is well") {
			t.Errorf("%s: %q, and %v of %+v", what, r.Verdict, codes, r.Problems)
		}
	}
}
