package subject

import (
	"encoding/json"
	"fmt"
	"syscall"
)

// Hangup has the bridge read its configuration again.
func (b *Bridge) Hangup() error { return b.cmd.Process.Signal(syscall.SIGHUP) }

// Reloads is how many reloads were applied, and what kept the last one from it.
func (b *Bridge) Reloads() (applied int, problems []string, err error) {
	body, err := b.fetch("/api/v1/configuration")
	if err != nil {
		return 0, nil, err
	}
	var answer struct {
		Applied  *int     `json:"reloads_applied"`
		Problems []string `json:"problems"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Applied == nil {
		return 0, nil, fmt.Errorf("state of the configuration %q: %v", body, err)
	}
	return *answer.Applied, answer.Problems, nil
}
