package influx

import (
	"context"
	"errors"
	"testing"

	"tagbridge/sinks"
	"tagbridge/testrig/influxd"
)

func TestAllTooOld(t *testing.T) {
	text := []byte("m f=1 1\nm f=2 2\n")
	for message, want := range map[string]bool{
		"partial write: points beyond retention policy dropped=2":                                                         true,
		"partial write: points beyond retention policy dropped=1":                                                         false,
		"failure writing points to database: partial write: dropped 2 points outside retention policy of duration 1h0m0s": true,
		"failure writing points to database: partial write: dropped 1 points outside retention policy of duration 1h0m0s": false,
		"partial write: field type conflict: input field \"f\" on measurement \"m\" is type float dropped=2":              false,
		"retention policy not found: x": false,
		"retention policy dropped":      false,
		"":                              false,
	} {
		if got := allTooOld(message, text); got != want {
			t.Errorf("%q: %v, want %v", message, got, want)
		}
	}
}

func TestSamplesOlderThanTheBucketKeeps(t *testing.T) {
	db, url := server(t, influxd.Options{})
	s := open(t, Options{URL: url})
	db.Script(influxd.Step{Status: 400, Message: "partial write: points beyond retention policy dropped=1"})
	v := view(batch(group(500), 1, 1))
	n, err := s.Send(context.Background(), v)
	var fault *sinks.Fault
	if n != 0 || !errors.As(err, &fault) || fault.Action != sinks.Refuse || fault.Refused != 500 {
		t.Errorf("Send = %d, %v", n, err)
	}
}
