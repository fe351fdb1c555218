package sparkplug

import (
	"bytes"
	"testing"
)

// rebirthRequest is an NCMD as hosts send it: a metric with that name, the type Boolean and the value true.
var rebirthRequest = append([]byte{8, 1, 18, 26, 10, 20}, append([]byte("Node Control/Rebirth"), 32, 11, 112, 1)...)

func TestParseCommand(t *testing.T) {
	request := rebirthRequest
	for _, c := range []struct {
		name string
		b    []byte
		want Command
	}{
		{"rebirth", request, Command{Rebirth: true}},
		{"nothing", nil, Command{}},
		{"false", bytes.Replace(request, []byte{112, 1}, []byte{112, 0}, 1), Command{}},
		{"another name", bytes.Replace(request, []byte("Rebirth"), []byte("rebirth"), 1), Command{Others: 1}},
	} {
		got, err := ParseCommand(c.b)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
	for n := range request {
		if got, err := ParseCommand(request[:n]); err == nil && got.Rebirth {
			t.Errorf("cut to %d bytes: %+v", n, got)
		}
	}
}

// FuzzCommand reads whatever a broker hands on: it ends, and asks for nothing that is not there.
func FuzzCommand(f *testing.F) {
	f.Add(rebirthRequest)
	f.Add([]byte{18, 255, 255, 255, 255, 15})
	f.Add(bytes.Repeat([]byte{18, 0}, 2000))
	f.Add([]byte{0x0B, 0x0B, 0x0C, 0x0C})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCommand(b)
		if err != nil && c != (Command{}) {
			t.Errorf("%+v with %v", c, err)
		}
		if c.Rebirth && !bytes.Contains(b, []byte(rebirthMetric)) {
			t.Errorf("a rebirth out of nothing")
		}
	})
}

func TestParseHostState(t *testing.T) {
	for text, want := range map[string]HostState{
		`{"online":true,"timestamp":1700000000000}`: {true, 1700000000000},
		`{"timestamp":5,"online":false}`:            {false, 5},
		"ONLINE":                                    {Online: true},
		"OFFLINE\n":                                 {},
	} {
		if got, err := ParseHostState([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "{}", "online", `{"online":true}`, `{"timestamp":1}`, `{"online":"true","timestamp":1}`,
		`{"online":true,"timestamp":-1}`, `{"online":true,"timestamp":1e300}`, `[]`, "null"} {
		if got, err := ParseHostState([]byte(text)); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// FuzzHostState reads whatever is published on the topic of a host's state.
func FuzzHostState(f *testing.F) {
	f.Add([]byte(`{"online":true,"timestamp":1700000000000}`))
	f.Add([]byte("OFFLINE"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseHostState(b); err == nil && s.Time < 0 {
			t.Errorf("%+v", s)
		}
	})
}
