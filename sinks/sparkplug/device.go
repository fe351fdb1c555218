package sparkplug

import (
	"math"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks/message"
)

// device is a device in this session.
type device struct {
	name               string
	birth, data, death *message.Topic
	metrics            family
	own                family // metrics of the node about it
	known              bool   // the last birth of the node has these
	online             presence
	alive              bool      // born, and not dead since
	wanted             bool      // something is to be said of it although it is offline: history
	lent               bool      // it lives for what another bridge left: this one does not read it
	kept               int       // metrics that it has: those of the last introduction, and those of which there is history
	spoke              time.Time // when it was born, or data of it was made last
	refused            int       // how large its birth would be, which is too large; 0: it is not
}

// presence is whether a device answers.
type presence uint8

const (
	unknown presence = iota // the bridge has just started: it has not asked yet
	online
	offline
)

// family are metrics by the tags that they are of.
type family struct {
	byTag map[string]*metric
	list  []*metric // as they came
}

// metric is a tag in this session.
type metric struct {
	newest  int64          // milliseconds: the time of the newest value that is no history, of those that were published
	key     []byte         // how data names it
	typ     DataType       // of its values
	typed   bool           // typ comes from the tag map, or from a value
	born    bool           // the last birth has it, with that type
	wanted  bool           // births are to have it: samples of it are on their way
	flagged bool           // the last value had a quality
	null    bool           // the last value was none, of bad quality
	said    mapping.Sample // the last one; of kind None: there is none
	left    int64          // when it was last asked whether the tag is still there; see leaves
	name    string
	alias   uint64 // 0: none

	generation int // of the last introduction that had it
	series     *mapping.Series
	batch      *mapping.Batch // of the present introduction, with sample; nil: it does not have it
	sample     *mapping.Sample
}

// none is before any time.
const none = math.MinInt64

// device is that of that name.
func (n *Node) device(name string) *device {
	d := n.devices[name]
	if d == nil {
		d = &device{
			name: name, birth: n.o.topic("DBIRTH", name), data: n.o.topic("DDATA", name), death: n.o.topic("DDEATH", name),
			metrics: family{byTag: map[string]*metric{}}, own: family{byTag: map[string]*metric{}},
		}
		n.devices[name] = d
		n.order = append(n.order, d)
	}
	return d
}

// metric is that of series s in f.
func (n *Node) metric(f *family, name string, s *mapping.Series, wide bool) *metric {
	if m := f.byTag[s.Tag]; m != nil {
		return m
	}
	m := &metric{name: name, typ: ofKind[s.Kind], typed: s.Kind != mapping.None, newest: none, left: none, series: s}
	if wide {
		m.typ = m.typ.wide()
	}
	if n.o.Aliases {
		n.aliases++
		m.alias = n.aliases
	}
	n.rekey(m)
	f.byTag[s.Tag] = m
	f.list = append(f.list, m)
	return m
}

// rekey makes how data names m.
func (n *Node) rekey(m *metric) {
	if m.alias > 0 {
		m.key = appendNumber(m.key[:0], metricAlias, m.alias)
	} else {
		m.key = appendText(m.key[:0], metricName, m.name)
	}
	if n.o.DataTypes {
		m.key = appendNumber(m.key, metricDatatype, uint64(m.typ))
	}
}

// retype has m hold values of type t as well; then it is to be born again.
func (n *Node) retype(m *metric, t DataType) {
	if m.typed {
		t = m.typ.with(t)
	}
	m.typed = true
	if t != m.typ {
		m.typ, m.born = t, false
		n.rekey(m)
	}
}

// binding is what the series of a group are in this session, by their index.
type binding struct {
	device  *device
	metrics []*metric
}

func (n *Node) bind(g *mapping.Group) *binding {
	return n.bindings.Lookup(g, func(g *mapping.Group) *binding {
		d := n.device(g.Device)
		b := &binding{device: d, metrics: make([]*metric, len(g.Series))}
		for i, s := range g.Series {
			if g.Own {
				b.metrics[i] = n.metric(&d.own, ownName(g.Device, s.Tag), s, false)
				continue
			}
			b.metrics[i] = n.metric(&d.metrics, s.Tag, s, n.o.Describe(g.Device, s.Tag).Wide)
		}
		return b
	})
}

// bridgeDevice is the device of what happens to the bridge itself.
const bridgeDevice = "_bridge"

// ownName is what the bridge's own tag about a device is called among the metrics of the node.
func ownName(device, tag string) string {
	tag = strings.TrimPrefix(tag, "_")
	if device == bridgeDevice {
		return "Bridge/" + tag
	}
	return "Devices/" + device + "/" + tag
}

// latencyTag is the bridge's own tag of how fast a device answers.
const latencyTag = "_latency_ms"

// ownSeries are the metrics of the node that there are about every device, read or not: a birth is to have all that will
// ever come.
var ownSeries = []*mapping.Series{
	{Tag: mapping.OnlineTag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Bool}},
	{Tag: latencyTag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F64, Unit: "ms"}},
}

var eventSeries = &mapping.Series{Tag: mapping.EventTag, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Text}}

// appendBirth appends m as births have it: name, type, value and properties. now is the time of what has none.
func (n *Node) appendBirth(dst []byte, m *metric, d Details, now int64) []byte {
	dst, at := begin(dst, payloadMetrics)
	dst = appendText(dst, metricName, m.name)
	if m.alias > 0 {
		dst = appendNumber(dst, metricAlias, m.alias)
	}
	dst = appendNumber(dst, metricTimestamp, uint64(m.birthTime(now)))
	dst = appendNumber(dst, metricDatatype, uint64(m.typ))
	p := &n.properties
	p.reset()
	p.text("engUnit", m.series.Unit)
	if d.HasLow {
		p.float("engLow", d.Low)
	}
	if d.HasHigh {
		p.float("engHigh", d.High)
	}
	p.text("documentation", d.Text)
	switch s := m.sample; {
	case m.unread():
		dst = appendNumber(dst, metricNull, 1)
		p.quality(mapping.BadWaitingForInitialData, true, false)
	case s.Kind == mapping.None:
		dst = appendNumber(dst, metricNull, 1)
		p.quality(s.Quality, false, false)
	default:
		p.quality(s.Quality, false, m.flagged)
		dst = p.append(dst)
		return end(appendValue(dst, m.typ, m.batch, s), at)
	}
	return end(p.append(dst), at)
}

// unread reports that nothing is known of the tag at present.
func (m *metric) unread() bool {
	return m.sample == nil || m.sample.Time == 0 && m.sample.Quality == mapping.BadWaitingForInitialData
}

// birthTime is the time that a birth gives m.
func (m *metric) birthTime(now int64) int64 {
	if m.unread() {
		return now
	}
	return millis(m.sample.Time)
}

// millis are the milliseconds of a time in nanoseconds; those before 1970 are 1970.
func millis(time int64) int64 { return max(time, 0) / 1_000_000 }

// holds reports that m can carry s, which has a value: of one whose type is not known yet, that is still to be found out.
func (m *metric) holds(s *mapping.Sample) bool { return m.typed && m.typ.holds(s) }
