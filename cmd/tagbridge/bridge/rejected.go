package bridge

import (
	"path/filepath"

	"tagbridge/sinks"
)

// Rejected are the samples that a sink refused last and that are kept aside, newest first, and no more than most.
func (b *Bridge) Rejected(sink string, most int) ([]sinks.RejectedSample, error) {
	return sinks.NewestRejected(rejectedDir(b.now.Load().cfg.Bridge.DataDir, sink), most)
}

// rejectedDir is where rejected samples of a sink are kept.
func rejectedDir(dataDir, sink string) string { return filepath.Join(dataDir, "rejected", sink) }
