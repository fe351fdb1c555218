package gaps

import (
	"slices"
	"time"

	"tagbridge/mapping"
)

// Query says what the account is to be of. The zero value asks for everything that is known.
type Query struct {
	Since, Until time.Time        // zero: as far back as anything is known of; up to now
	Match        mapping.Patterns // which tags; none: all. One without / is compared with the tag of any device
	Devices      []string         // whose tags; none: all
	Sinks        []string         // none: all
}

// takes reports that q asks for that tag. What sinks have not got is told of all tags.
func (q *Query) takes(device, tag string) bool {
	return q.takesSome(device) && q.Match.MatchAny(device, tag)
}

// takesSome reports that q can ask for a tag of that device.
func (q *Query) takesSome(device string) bool {
	return len(q.Devices) == 0 || slices.Contains(q.Devices, device)
}

// Report is the account.
type Report struct {
	// Verdict is the answer in one sentence.
	Verdict string `json:"verdict"`
	// Missing reports that Reading has an interval, or that a sink has not got something that was read.
	Missing bool `json:"missing"`
	// Incomplete reports that something could not be read, or is damaged: Unknown says what. That nothing is known to be
	// missing does not mean then that nothing is.
	Incomplete bool `json:"incomplete"`
	// Since and Until are the time that is accounted for: what was asked for, but not before anything is known and not
	// after the last that is known. That is the newest sample in the journal's files or the newest event; of a bridge that
	// runs, when it last said that it is alive, at most 5 s ago. One that was killed and a copy look alike: both end there. A bridge that was stopped in an
	// orderly way, and has not begun since, is known until now, as what is not read since then is a gap.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// Samples is from when on the journal has what was read: before that the reading side is known only by events, so that
	// polls that were left out and spells of single tags of less than 2 s are not known. Zero: it has nothing.
	Samples time.Time `json:"samples_since,omitzero"`
	// Events is from when on there are events: before that a bridge that was off, a device that was offline and a reload are
	// known only by the samples. Zero: there are none.
	Events time.Time `json:"events_since,omitzero"`
	// Tags is how many tags the reading side is told of.
	Tags int `json:"tags"`
	// Reading are the intervals in which something was not read, by their beginning. No two of one tag overlap.
	Reading []Reading `json:"reading"`
	// NotRead is how long all of Reading is together, what overlaps counted once.
	NotRead Seconds `json:"not_read_seconds"`
	// Sinks are those of the configuration, and others that have a place in the journal.
	Sinks []Sink `json:"sinks"`
	// Unclaimed are tags that are read and that no sink of the configuration takes. That is no gap.
	Unclaimed []string `json:"unclaimed"`
	// Unknown says what cannot be told and why, each a sentence. What could not be read is told here, and not as if there
	// were nothing in it.
	Unknown []string `json:"unknown"`
	// Notes are what else there is to know of it, each a sentence: the clock was set back, for one.
	Notes []string `json:"notes"`
}

// Seconds is a duration as JSON has it.
type Seconds float64

// Duration is s as Go has it.
func (s Seconds) Duration() time.Duration { return time.Duration(float64(s) * float64(time.Second)) }

// Reason is why something was not read.
type Reason string

// The reasons, each as people are told it.
const (
	// BridgeOff: from the stop or the last sign of life of one run to the start of the next. Since and Until are those of the
	// events, but where a sample says that it was alive for longer. Device is "".
	BridgeOff Reason = "bridge off"
	// Reload: polls fell out while a changed configuration was taken over.
	Reload Reason = "reload"
	// DeviceOffline: the device did not answer, or had no connection. It begins with the last sample before, not when the
	// last try had failed, and ends with the first sample after.
	DeviceOffline Reason = "device offline"
	// TagBad: a tag of a device that answers had a bad quality, which Why begins with.
	TagBad Reason = "tag bad"
	// PollsLeftOut: polls were due and not made, as there was no time for them: the "late" polls of a device. A tag that
	// reports by change says nothing of that, and is never told here.
	PollsLeftOut Reason = "polls left out"
	// NothingRead: nothing of any device was read, and no event says why: the machine slept, or its clock was set forward.
	NothingRead Reason = "nothing read"
)

// Reading is an interval in which tags were not read. Since is the time of the last sample before it and Until that of
// the first after it, of the tag that tells it most closely; so what is missing lies between them, and each is within one
// poll of where it began and ended.
type Reading struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	Goes  bool      `json:"goes_on,omitempty"` // it had not ended at the Until of the report, which is its own
	// Device is whose tags they are; "": of all devices.
	Device string `json:"device"`
	// Tags are the tags, in the order of their names. All are meant when there is none.
	Tags []string `json:"tags,omitempty"`
	// Count is how many tags; 0: that is not known, as the journal does not reach so far.
	Count  int    `json:"count"`
	Reason Reason `json:"reason"`
	Why    string `json:"why"` // the reason in more words, or ""
	// Samples are how many polls of tags fell out; of tags that report by change, none is counted.
	Samples uint64 `json:"samples"`
	// Times is of how many separate intervals this one tells, from the beginning of the first to the end of the last; 1: it is
	// one. Several are told as one only where there are very many of them.
	Times int `json:"times"`
}

// Long is how long r is.
func (r *Reading) Long() time.Duration { return r.Until.Sub(r.Since) }

// State is what became of samples that a sink has not got.
type State string

// The states.
const (
	Waiting  State = "waiting"  // they are in the journal, and will be delivered
	Dropped  State = "dropped"  // they are lost to this sink for ever; Why is one of the reasons of /metrics
	Rejected State = "rejected" // the sink refused them, and they are kept aside; Why is what it said
)

// Delivery is samples that were read and that a sink has not got.
type Delivery struct {
	// Since and Until are when the oldest and the newest of them were read; zero when nobody can know, as with damage.
	Since   time.Time `json:"since,omitzero"`
	Until   time.Time `json:"until,omitzero"`
	State   State     `json:"state"`
	Why     string    `json:"why"`
	Samples uint64    `json:"samples"`
	Of      []string  `json:"of,omitempty"` // of rejected ones which tags, DEVICE/TAG, at most 100 of them
}

// Sink is what one sink has got.
type Sink struct {
	Sink string `json:"sink"`
	// There is since when the sink is there: what was read before was never meant for it. Zero: it has got nothing yet.
	There time.Time `json:"there_since,omitzero"`
	// Removed reports that the configuration does not have it any more: what it has not got is not missing.
	Removed bool `json:"removed,omitempty"`
	// Missing is what it has not got of what was read in the time of the report, by its beginning; what has no time is
	// always told.
	Missing []Delivery `json:"missing"`
	// Waiting, Dropped and Rejected are the sums of Missing.
	Waiting  uint64 `json:"waiting"`
	Dropped  uint64 `json:"dropped"`
	Rejected uint64 `json:"rejected"`
	// OnTheWay is how many samples wait for less than a minute with a bridge that runs: that is not missing.
	OnTheWay uint64 `json:"on_the_way"`
	Error    string `json:"error,omitempty"` // why it cannot be told; the rest is then nothing
}
