package encode

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tagbridge/mapping"
)

// Reread makes batches of what AppendRejected wrote. Lines of one device become samples of one group, so that a sink
// joins them as it did the first time. The zero value is ready.
type Reread struct {
	groups []*rereadGroup
	known  map[string]*rereadGroup
	order  []rereadRun
	n      int
}

// rereadRun is samples of one group that stand one behind the other.
type rereadRun struct {
	group *rereadGroup
	to    int // of the group's samples
}

// rereadGroup is a group in the making.
type rereadGroup struct {
	batch  mapping.Batch
	group  mapping.Group
	series map[string]int
}

// rejected is a line.
type rejected struct {
	Time        time.Time         `json:"time"`
	Bridge      string            `json:"bridge"`
	Device      string            `json:"device"`
	Tag         string            `json:"tag"`
	Value       json.RawMessage   `json:"value"`
	Text        string            `json:"text"`
	Unit        string            `json:"unit"`
	Labels      map[string]string `json:"labels"`
	Kind        string            `json:"kind"`
	Exp         int8              `json:"exp"`
	Status      uint32            `json:"status"`
	ShowQuality bool              `json:"show_quality"`
	Measurement string            `json:"measurement"`
	Field       string            `json:"field"`
	UnitID      int               `json:"unit_id"`
	Own         bool              `json:"own"`
}

// Len is how many samples were added.
func (r *Reread) Len() int { return r.n }

// Add reads one line. After an error nothing of it was added.
func (r *Reread) Add(line []byte) error {
	if err := checkSum(line); err != nil {
		return fmt.Errorf("read rejected sample: %w", err)
	}
	var l rejected
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("read rejected sample: %w", err)
	}
	kind := slices.Index(kindNames[:], l.Kind)
	if kind < 0 || l.Device == "" || l.Tag == "" || l.Time.IsZero() {
		return errors.New("read rejected sample: something is missing in the line")
	}
	s := mapping.Sample{Time: l.Time.UnixNano(), Kind: mapping.Kind(kind), Quality: mapping.Quality(l.Status)}
	if l.ShowQuality {
		s.Flags |= mapping.ShowQuality
	}
	text, err := l.value(&s)
	if err != nil {
		return fmt.Errorf("read rejected sample of %s/%s: value %s: %w", l.Device, l.Tag, l.Value, err)
	}
	g := r.group(&l)
	index, ok := g.place(&l, s.Kind)
	if !ok {
		return fmt.Errorf("read rejected sample of %s/%s: more tags than a group has", l.Device, l.Tag)
	}
	s.Index = index
	if s.Kind == mapping.Text {
		g.batch.PutText(&s, []byte(text))
	}
	if l.Text != "" {
		g.name(&s, l.Text)
	}
	g.batch.Samples = append(g.batch.Samples, s)
	if n := len(r.order); n == 0 || r.order[n-1].group != g {
		r.order = append(r.order, rereadRun{group: g})
	}
	r.order[len(r.order)-1].to = len(g.batch.Samples)
	r.n++
	return nil
}

// value sets the value of s, but for a text, which it returns.
func (l *rejected) value(s *mapping.Sample) (text string, err error) {
	raw := string(l.Value)
	switch s.Kind {
	case mapping.None:
		if raw != "null" {
			return "", errors.New("it is to have none")
		}
	case mapping.Bool:
		var v bool
		if v, err = strconv.ParseBool(raw); v {
			s.Bits = 1
		}
	case mapping.Int, mapping.Int64:
		var v int64
		v, err = strconv.ParseInt(raw, 10, bitsOf(s.Kind))
		s.Bits = uint64(v)
	case mapping.Uint, mapping.Uint64:
		s.Bits, err = strconv.ParseUint(raw, 10, bitsOf(s.Kind))
	case mapping.F32:
		var v float64
		v, err = strconv.ParseFloat(raw, 32)
		s.Bits = uint64(math.Float32bits(float32(v)))
	case mapping.F64:
		var v float64
		v, err = strconv.ParseFloat(raw, 64)
		s.Bits = math.Float64bits(v)
	case mapping.Dec:
		return "", decimalBits(raw, l.Exp, s)
	case mapping.Text:
		err = json.Unmarshal(l.Value, &text)
	}
	return text, err
}

func bitsOf(k mapping.Kind) int {
	if k == mapping.Int || k == mapping.Uint {
		return 32
	}
	return 64
}

// decimalBits makes s the mantissa of raw at that exponent. One that is not exact there becomes a float: the same
// number, as a sink sees it.
func decimalBits(raw string, exp int8, s *mapping.Sample) error {
	d, err := mapping.ParseDecimal(raw)
	if err != nil {
		return err
	}
	mant, at := d.Mant, int(d.Exp)
	for ; at > int(exp) && mant < math.MaxInt64/10 && mant > math.MinInt64/10; at-- {
		mant *= 10
	}
	for ; at < int(exp) && mant%10 == 0; at++ {
		mant /= 10
	}
	if at == int(exp) || mant == 0 {
		s.Bits = uint64(mant)
		return nil
	}
	s.Kind, s.Bits = mapping.F64, math.Float64bits(d.Float64())
	return nil
}

// group is where l belongs.
func (r *Reread) group(l *rejected) *rereadGroup {
	key := fmt.Sprintf("%q %q %q %d %t", l.Bridge, l.Device, l.Measurement, l.UnitID, l.Own)
	if g := r.known[key]; g != nil {
		return g
	}
	if r.known == nil {
		r.known = make(map[string]*rereadGroup)
	}
	g := &rereadGroup{
		group:  mapping.Group{Bridge: l.Bridge, Device: l.Device, UnitID: l.UnitID, Measurement: l.Measurement, Own: l.Own},
		series: make(map[string]int),
	}
	r.known[key] = g
	r.groups = append(r.groups, g)
	return g
}

// place is the index of l's series in g; false when g has no room for it.
func (g *rereadGroup) place(l *rejected, kind mapping.Kind) (uint16, bool) {
	key := fmt.Sprintf("%q %q %q %d %q", l.Tag, l.Field, l.Unit, l.Exp, l.Labels)
	i, ok := g.series[key]
	if !ok {
		if len(g.group.Series) == mapping.MaxGroup {
			return 0, false
		}
		i = len(g.group.Series)
		s := &mapping.Series{Tag: l.Tag, Field: l.Field, SeriesTraits: &mapping.SeriesTraits{Unit: l.Unit, Exp: l.Exp}}
		for name, value := range l.Labels {
			s.Labels = append(s.Labels, mapping.Label{Name: name, Value: value})
		}
		slices.SortFunc(s.Labels, func(a, b mapping.Label) int { return strings.Compare(a.Name, b.Name) })
		g.group.Series = append(g.group.Series, s)
		g.series[key] = i
	}
	if s := g.group.Series[i]; s.Kind == mapping.None {
		s.Kind = kind
	}
	return uint16(i), true
}

// name adds the text that goes along with the value of s.
func (g *rereadGroup) name(s *mapping.Sample, text string) {
	v := int64(s.Bits)
	switch s.Kind {
	case mapping.F32:
		v = int64(math.Float32frombits(uint32(s.Bits)))
	case mapping.F64:
		v = int64(math.Float64frombits(s.Bits))
	}
	series := g.group.Series[s.Index]
	i, ok := slices.BinarySearchFunc(series.Enum, v, func(e mapping.EnumText, v int64) int { return cmp.Compare(e.Value, v) })
	if !ok {
		series.Enum = slices.Insert(series.Enum, i, mapping.EnumText{Value: v, Text: text})
	}
}

// Take calls yield with everything that was added, in its order, and empties r. The batches may be kept.
func (r *Reread) Take(yield func(*mapping.Batch)) {
	made := make(map[*rereadGroup]*mapping.Group, len(r.groups))
	done := make(map[*rereadGroup]int, len(r.groups))
	for _, g := range r.groups {
		made[g] = mapping.NewGroup(g.group)
	}
	for _, run := range r.order {
		b := run.group.batch
		b.Group, b.Samples = made[run.group], b.Samples[done[run.group]:run.to]
		done[run.group] = run.to
		yield(&b)
	}
	*r = Reread{}
}
