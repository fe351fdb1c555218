package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind says what an event is about.
type Kind string

// The kinds.
const (
	Start         Kind = "start"          // the bridge begins to read; Since: the run before was last known alive
	Stop          Kind = "stop"           // it ends in an orderly way
	Reload        Kind = "reload"         // a changed configuration was taken over; Since: what was on disk was refused from then
	RefusedReload Kind = "refused-reload" // one was not, and the one before runs on; Since: so it was before
	DeviceOffline Kind = "device-offline" // nothing is read of it; Since: it was offline already when the bridge began
	DeviceOnline  Kind = "device-online"  // after an outage, which began at Since
	TagBad        Kind = "tag-bad"        // of a device that is online
	TagGood       Kind = "tag-good"       // it was bad from Since
	SinkOffline   Kind = "sink-offline"   // it takes nothing; Since: it did not already when the bridge began
	SinkOnline    Kind = "sink-online"    // after an outage, which began at Since
	Dropped       Kind = "dropped"        // samples of a sink are lost; Since: of the first, at the end of an episode
	Rejected      Kind = "rejected"       // samples were refused by a sink
	// The journal cannot be written, as on a full disk, and can be again, after an outage that began at Since.
	JournalFailing Kind = "journal-failing"
	JournalWrites  Kind = "journal-writes"
	// The connection of the device has no time for all polls, and has it again, after an outage that began at Since.
	PollsLate   Kind = "polls-late"
	PollsOnTime Kind = "polls-on-time"
	Alarm       Kind = "alarm" // of a tag: raised, of another level, or over; Since, but for the first: when it was raised
	Cluster     Kind = "cluster"
	Edit        Kind = "edit"
)

// Kinds are all kinds, in the order of the manual.
var Kinds = []Kind{Start, Stop, Reload, RefusedReload, DeviceOffline, DeviceOnline, TagBad, TagGood, SinkOffline, SinkOnline,
	Dropped, Rejected, JournalFailing, JournalWrites, PollsLate, PollsOnTime, Alarm, Cluster, Edit}

// Event is one thing that happened. What does not apply is empty.
type Event struct {
	Time   time.Time `json:"time"`
	Kind   Kind      `json:"kind"`
	Device string    `json:"device"`
	Tag    string    `json:"tag"`
	Sink   string    `json:"sink"`
	Text   string    `json:"text"`
	By     string    `json:"by"` // who did it, of what people do
	// Since is when that began which the event ends or tells of, as its kind says.
	Since time.Time `json:"since,omitzero"`
	// Heard is when a device that went offline last answered, in this run of the bridge; zero: it did not, or that is not known.
	Heard time.Time `json:"heard,omitzero"`
	// More is of how many events of this kind and device beyond those that have a line each this one tells, the first of
	// them at First, the last at Time; 0: it is an event by itself.
	More  int       `json:"more,omitempty"`
	First time.Time `json:"first,omitzero"`
}

// mostText is how long texts and names may be: one event is never the whole file.
const mostText = 1000

// errNoEvent is why a line is not read.
var errNoEvent = errors.New("no event")

// appendLine appends e as one line.
func appendLine(dst []byte, e *Event) []byte {
	out := *e
	out.Time, out.Since, out.First, out.Heard = utc(e.Time), utc(e.Since), utc(e.First), utc(e.Heard)
	for _, text := range []*string{&out.Device, &out.Tag, &out.Sink, &out.Text, &out.By} {
		*text = cut(*text)
	}
	b := bytes.NewBuffer(dst)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false) // people read it
	if enc.Encode(&out) != nil {
		return dst // a time beyond the year 9999
	}
	return b.Bytes()
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Round(0).UTC()
}

// cut is text, or as much of it as is kept.
func cut(text string) string {
	if len(text) <= mostText {
		return text
	}
	end := mostText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// record is what a line can be: an event, or which outages are under way, which a piece of the file begins with.
type record struct {
	Event
	Open []Event `json:"open"`
}

// appendOpen appends the line that says which outages are under way.
func appendOpen(dst []byte, list []Event) []byte {
	dst = append(dst, `{"open":[`...)
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = bytes.TrimSuffix(appendLine(dst, &list[i]), []byte("\n"))
	}
	return append(dst, "]}\n"...)
}

// parseLine reads a line without its end. What is not a whole event or list of outages is an error.
func parseLine(line []byte) (record, error) {
	var r record
	if len(line) == 0 || line[0] != '{' {
		return r, errNoEvent
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return record{}, err
	}
	if r.Open != nil {
		return r, nil
	}
	if r.Time.IsZero() || r.Kind == "" || strings.TrimSpace(string(r.Kind)) != string(r.Kind) {
		return record{}, errNoEvent
	}
	return r, nil
}

// Subject is what e is about, for people: DEVICE/TAG, the device, the sink, or "" for the bridge itself.
func (e *Event) Subject() string {
	switch {
	case e.Tag != "":
		return e.Device + "/" + e.Tag
	case e.Device != "":
		return e.Device
	}
	return e.Sink
}

// Short is the text without what the kind says already.
func (e *Event) Short() string {
	words := strings.ReplaceAll(string(e.Kind), "-", " ") + ": "
	if text, ok := strings.CutPrefix(e.Text, words); ok {
		return text
	}
	return e.Text
}

// Known reports that k is a kind of this version.
func (k Kind) Known() bool { return slices.Contains(Kinds, k) }
