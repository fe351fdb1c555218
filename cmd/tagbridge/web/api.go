package web

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"iter"
	"math"
	"net/http"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
	"tagbridge/mapping"
)

// deviceJSON is an element of /api/v1/devices.
type deviceJSON struct {
	Device    string  `json:"device"`
	Driver    string  `json:"driver"`
	URL       string  `json:"url"`
	UnitID    int     `json:"unit_id"`
	Online    bool    `json:"online"`
	Elsewhere bool    `json:"elsewhere"` // another member of the cluster reads it
	ReadBy    string  `json:"read_by"`   // which one; "": nobody, or this one
	Since     *string `json:"since"`     // null before the first answer or failure
	Error     string  `json:"error"`
	Polls     uint64  `json:"polls"`
	Late      uint64  `json:"late"`
	Missed    uint64  `json:"missed"`        // left out while it was offline
	Counted   *string `json:"counted_since"` // the three: when the device was first there
	LatencyMS float64 `json:"latency_ms"`
	Tags      int     `json:"tags"`
	BadTags   int     `json:"bad_tags"`
}

func (p *pages) devices(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, p.deviceList(p.bridge.Devices()))
}

func (p *pages) deviceList(states []drivers.DeviceState) []deviceJSON {
	list := make([]deviceJSON, 0, len(states))
	for i := range states {
		list = append(list, deviceOf(&states[i], p.bridge.Counts(&states[i])))
	}
	return list
}

func deviceOf(d *drivers.DeviceState, n bridge.Counts) deviceJSON {
	return deviceJSON{
		Device:    d.Name,
		Driver:    d.Driver,
		URL:       d.URL,
		UnitID:    d.UnitID,
		Online:    d.State == drivers.Online,
		Elsewhere: d.State == drivers.Elsewhere,
		ReadBy:    d.ReadBy,
		Since:     stampOrNull(d.Since),
		Error:     d.Error,
		Polls:     n.Polls,
		Late:      n.Late,
		Missed:    n.Missed,
		Counted:   stampOrNull(n.Since),
		LatencyMS: milliseconds(d.Latency),
		Tags:      d.Tags,
		BadTags:   d.BadTags,
	}
}

// tagJSON is an element of /api/v1/tags.
type tagJSON struct {
	Device  string          `json:"device"`
	Tag     string          `json:"tag"`
	Value   json.RawMessage `json:"value"`
	Quality string          `json:"quality"`
	Time    *string         `json:"time"`  // null before the first attempt
	Since   *string         `json:"since"` // when the quality became what it is; null likewise
	Raw     string          `json:"raw"`
	Unit    string          `json:"unit"`
	Error   string          `json:"error"`
	ReadBy  string          `json:"read_by"` // the member of the cluster that reads it; "": this one, or nobody
	Row     string          `json:"row"`     // in its map, file:line
}

// tags answers GET /api/v1/tags.
func (p *pages) tags(w http.ResponseWriter, r *http.Request) {
	cfg := p.bridge.Config()
	f, err := filterOf(r.URL.Query(), cfg)
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	if query := r.URL.Query(); query.Has("rows") || query.Has("fields") {
		p.page(w, r, &f)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	p.turns.list(w, r, func(w *turnWriter) { writeTags(w, p.bridge.Tags(f.devices...), &f, &rows{cfg: cfg}) })
}

// writeTags writes those of tags that f takes, for as long as somebody reads.
func writeTags(w *turnWriter, tags iter.Seq[drivers.TagState], f *filter, rows *rows) {
	out := json.NewEncoder(w)
	separator := "["
	for t := range tags {
		if !w.alive() {
			return
		}
		if f.takes(&t) {
			io.WriteString(w, separator)
			separator = ","
			out.Encode(tagOf(&t, rows.of(t.Group.Device, t.Series.Tag)))
		}
	}
	if separator == "[" {
		io.WriteString(w, separator)
	}
	io.WriteString(w, "]\n")
}

// tagOf is t, of that row; nil: it is in no map any more.
func tagOf(t *drivers.TagState, row *mapping.Tag) tagJSON {
	j := tagJSON{
		Device:  t.Group.Device,
		Tag:     t.Series.Tag,
		Value:   mapping.AppendJSONValue(nil, t.Series, &t.Sample, t.Text),
		Quality: t.Sample.Quality.String(),
		Time:    nanosOrNull(t.Sample.Time),
		Since:   nanosOrNull(t.Since),
		Raw:     hex.EncodeToString(t.Raw),
		Unit:    t.Series.Unit,
		Error:   t.Error,
		ReadBy:  t.ReadBy,
	}
	if row != nil {
		j.Row = placeOf(row)
	}
	if t.Sample.Quality.IsUncertain() && j.Error == "" {
		j.Error = doubt(t.Sample.Quality, string(j.Value), row)
	}
	return j
}

// appendJSON is t with a line's end.
func (t tagJSON) appendJSON() []byte {
	var b bytes.Buffer
	json.NewEncoder(&b).Encode(t)
	return b.Bytes()
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
