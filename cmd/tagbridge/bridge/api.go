package bridge

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"sort"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// deviceJSON is an element of /api/v1/devices.
type deviceJSON struct {
	Device    string  `json:"device"`
	Driver    string  `json:"driver"`
	URL       string  `json:"url"`
	Online    bool    `json:"online"`
	Since     *string `json:"since"` // null before the first answer or failure
	Error     string  `json:"error"`
	Polls     uint64  `json:"polls"`
	Late      uint64  `json:"late"`
	Missed    uint64  `json:"missed"` // left out while it was offline
	LatencyMS float64 `json:"latency_ms"`
	Tags      int     `json:"tags"`
	BadTags   int     `json:"bad_tags"`
}

func (s *server) devices(w http.ResponseWriter, _ *http.Request) {
	list := []deviceJSON{}
	for _, d := range s.bridge.deviceStates() {
		list = append(list, deviceJSON{
			Device:    d.Name,
			Driver:    d.Driver,
			URL:       d.URL,
			Online:    d.State == drivers.Online,
			Since:     stampOrNull(d.Since),
			Error:     d.Error,
			Polls:     d.Polls,
			Late:      d.Late,
			Missed:    d.Missed,
			LatencyMS: milliseconds(d.Latency),
			Tags:      d.Tags,
			BadTags:   d.BadTags,
		})
	}
	reply(w, http.StatusOK, list)
}

// deviceStates are all devices, in the order of the configuration.
func (b *Bridge) deviceStates() []drivers.DeviceState {
	var list []drivers.DeviceState
	now := b.now.Load()
	for _, l := range now.lines {
		list = append(list, l.lane.Devices()...)
	}
	place := make(map[string]int, len(now.cfg.Devices))
	for i := range now.cfg.Devices {
		place[now.cfg.Devices[i].Name] = i
	}
	sort.SliceStable(list, func(i, k int) bool { return place[list[i].Name] < place[list[k].Name] })
	return list
}

// tagJSON is an element of /api/v1/tags.
type tagJSON struct {
	Device  string          `json:"device"`
	Tag     string          `json:"tag"`
	Value   json.RawMessage `json:"value"`
	Quality string          `json:"quality"`
	Time    *string         `json:"time"` // null before the first attempt
	Raw     string          `json:"raw"`
	Unit    string          `json:"unit"`
	Error   string          `json:"error"`
}

func (s *server) tags(w http.ResponseWriter, r *http.Request) {
	now := s.bridge.now.Load()
	query, err := parse(r.URL.RawQuery, "device", "match", "quality")
	var f filter
	if err == nil {
		f, err = filterOf(query, now.cfg)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	s.turns.list(w, r, func(w *turnWriter) { writeTags(w, now, &f) })
}

// writeTags writes the tags that f takes, for as long as somebody reads.
func writeTags(w *turnWriter, now *setup, f *filter) {
	out := json.NewEncoder(w)
	separator := "["
	for _, l := range now.lines {
		for t := range l.lane.Tags(f.devices...) {
			if !w.alive() {
				return
			}
			if f.takes(&t) {
				io.WriteString(w, separator)
				separator = ","
				out.Encode(tagOf(&t))
			}
		}
	}
	if separator == "[" {
		io.WriteString(w, separator)
	}
	io.WriteString(w, "]\n")
}

func tagOf(t *drivers.TagState) tagJSON {
	return tagJSON{
		Device:  t.Group.Device,
		Tag:     t.Series.Tag,
		Value:   Value(&t.Sample, t.Series, t.Text),
		Quality: t.Sample.Quality.String(),
		Time:    nanosOrNull(t.Sample.Time),
		Raw:     hex.EncodeToString(t.Raw),
		Unit:    t.Series.Unit,
		Error:   t.Error,
	}
}

// Value is the value of s as JSON; text is that of a sample of kind Text.
func Value(s *mapping.Sample, series *mapping.Series, text []byte) json.RawMessage {
	switch s.Kind {
	case mapping.None:
		return json.RawMessage("null")
	case mapping.Bool:
		if s.Bits != 0 {
			return json.RawMessage("true")
		}
		return json.RawMessage("false")
	case mapping.Text:
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)     // people read it, on a terminal too
		_ = enc.Encode(string(text)) // a text always can be
		return bytes.TrimSpace(b.Bytes())
	}
	return mapping.AppendJSONNumber(nil, s, series.Exp)
}

// sinkState is an element of /api/v1/sinks.
type sinkState struct {
	Sink          string  `json:"sink"`
	Type          string  `json:"type"`
	Connected     bool    `json:"connected"`
	Delivered     uint64  `json:"delivered"`
	Rejected      uint64  `json:"rejected"`
	Dropped       uint64  `json:"dropped"`
	BehindSamples uint64  `json:"behind_samples"`
	BehindBytes   int64   `json:"behind_bytes"`
	BehindSeconds float64 `json:"behind_seconds"`
	// DrainSeconds is how long it needs for that at its present pace; null while it does not come nearer.
	DrainSeconds *float64 `json:"drain_seconds"`
	Error        string   `json:"error"`

	refused uint64            // rejected, and those of them that are lost
	reasons map[string]uint64 // of dropped
}

func (s *server) sinks(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, s.bridge.sinkStates())
}

// sinkStates are all sinks, in the order of the configuration: what the forwarders did, and how far behind the journal
// sees them. Delivered, rejected, dropped and behind add up to what was read for the sink.
func (b *Bridge) sinkStates() []sinkState {
	outlets := b.now.Load().outlets
	list := make([]sinkState, 0, len(outlets))
	journals := b.journal.Stat()
	for _, o := range outlets {
		f := o.forwarder.Stats()
		s := sinkState{
			Sink: o.conf.Name, Type: o.conf.Type, Connected: f.Connected, Delivered: f.Delivered,
			Rejected: f.Rejected, BehindSamples: f.Behind, Error: f.Error, reasons: knownReasons(),
		}
		for i := range journals {
			if j := &journals[i]; j.Sink == o.conf.Name {
				s.BehindSamples, s.BehindBytes, s.BehindSeconds = j.Samples, j.Bytes, j.Age.Seconds()
				s.DrainSeconds = o.drainTime(f.Connected, j.Samples, j.Age)
				s.lose(j.Dropped)
			}
		}
		s.loseRejected(f.Dropped)
		list = append(list, s)
	}
	return list
}

// loseRejected counts what was refused and is not even kept aside: that is lost, and rejected is what is there. The
// metrics count all that was refused, as what they count only grows.
func (s *sinkState) loseRejected(dropped map[string]uint64) {
	s.refused = s.Rejected
	for _, reason := range rejectReasons {
		n := min(dropped[reason], s.Rejected)
		s.reasons[reason] = dropped[reason]
		s.Dropped += n
		s.Rejected -= n
	}
}

// rejectReasons are why refused samples were not even kept aside.
var rejectReasons = []string{sinks.DroppedRotated, sinks.DroppedUnwritable}

// knownReasons has every reason for which a sample can be lost, so that its metric is there before the first.
func knownReasons() map[string]uint64 {
	reasons := map[string]uint64{}
	for _, name := range journal.ReasonNames {
		reasons[name] = 0
	}
	return reasons
}

// lose counts what the journal could not keep for the sink.
func (s *sinkState) lose(dropped map[string]uint64) {
	for reason, n := range dropped {
		s.reasons[reason] += n
		s.Dropped += n
	}
}

func stampOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339Nano)
	return &s
}

func nanosOrNull(ns int64) *string {
	if ns == 0 {
		return nil
	}
	s := time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000000Z")
	return &s
}

func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}
