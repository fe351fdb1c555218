package sparkplug

import (
	"encoding/json"
	"errors"
	"strings"
)

// HostState is what a host says of itself.
type HostState struct {
	Online bool
	Time   int64 // milliseconds since 1970 UTC; 0: it does not say, as before version 3.0
}

var errHostState = errors.New("not the state of a host")

// ParseHostState reads what a host publishes on the topic of its state: an object as of version 3.0 (Sparkplug 3.0.0, 6.4.24), or
// ONLINE and OFFLINE as before. An object must say both.
func ParseHostState(payload []byte) (HostState, error) {
	switch text := strings.TrimSpace(string(payload[:min(len(payload), 1024)])); text {
	case "ONLINE":
		return HostState{Online: true}, nil
	case "OFFLINE":
		return HostState{}, nil
	}
	var o struct {
		Online    *bool    `json:"online"`
		Timestamp *float64 `json:"timestamp"`
	}
	if err := json.Unmarshal(payload, &o); err != nil || o.Online == nil || o.Timestamp == nil {
		return HostState{}, errHostState
	}
	if t := *o.Timestamp; t < 0 || t > 1<<53 {
		return HostState{}, errHostState
	}
	return HostState{*o.Online, int64(*o.Timestamp)}, nil
}
