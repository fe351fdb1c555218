package opcua

import (
	"strings"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// filler makes samples of values.
type filler struct {
	l    *Link
	p    *Plan
	now  int64
	text []byte
	path []stage // through the value at hand
	laid int     // of which so many hold
}

func (f *filler) start(l *Link, p *Plan, now time.Time) { f.l, f.p, f.now = l, p, now.UnixNano() }

// value appends to b the samples of tag i and of those it leads, whose value is v. The caller holds the plan's mu.
func (f *filler) value(i int, v *wire.DataValue, b *mapping.Batch) {
	p := f.p
	f.lay(v.Value)
	f.one(i, v, b)
	for _, k := range p.followers[i] {
		f.one(int(k), v, b)
	}
	p.raw[i] = append(p.raw[i][:0], v.Value.Raw[:min(len(v.Value.Raw), maxRaw)]...)
}

// one appends the sample of tag i.
func (f *filler) one(i int, v *wire.DataValue, b *mapping.Batch) {
	p := f.p
	s := mapping.Sample{Index: uint16(i)}
	if v.Status.Overflow() {
		p.lost[i]++
		if p.leads(i) {
			f.l.notes.overflows++
		}
	}
	switch {
	case v.Status.IsBad():
		s.Quality = mapping.Quality(v.Status.Base())
		if v.Status.Base() == wire.BadNodeIDUnknown {
			p.gone = true
		}
		if why := explain(v.Status); why != "" {
			f.note(i, why)
		}
	default:
		f.fill(i, v, b, &s)
	}
	if s.Quality.IsBad() {
		p.times.bad(i, f.now)
	} else {
		s.Time = p.times.of(i, f.stamp(v), f.now, &f.l.clock, &f.l.notes)
		f.note(i, "")
	}
	b.Samples = append(b.Samples, s)
}

// explain is what a bad status says of an address, for people; "" where its name says it all.
func explain(status wire.Status) string {
	switch status.Base() {
	case wire.BadNodeIDUnknown:
		return "the server has no such node: look for it with tagbridge browse"
	case wire.BadNodeIDInvalid:
		return "the server does not take this for a node id: look for it with tagbridge browse"
	case wire.BadNoMatch:
		return "the server has nothing at this browse path: look for it with tagbridge browse"
	case wire.BadUserAccessDenied:
		return "the server does not let this user read it"
	}
	return ""
}

// stamp is the time that the device is to carry; 0 for the bridge's.
func (f *filler) stamp(v *wire.DataValue) int64 {
	switch f.p.o.Timestamps {
	case SourceTime:
		return v.Source
	case ServerTime:
		return v.Server
	}
	return stampBridge
}

// fill converts a value that is not bad.
func (f *filler) fill(i int, v *wire.DataValue, b *mapping.Batch, s *mapping.Sample) {
	value, why := f.pick(i)
	if why != "" {
		switch s.Quality = mapping.BadTypeMismatch; {
		case strings.HasPrefix(why, misfit):
			s.Quality = mapping.BadDecodingError
		case value.Type == wire.TypeNull:
			s.Quality = mapping.BadNoData
		}
		f.note(i, why)
		return
	}
	f.convert(f.p.codecs[i], value, b, s)
	if s.Quality == mapping.BadTypeMismatch {
		f.note(i, "the value is a "+typeName(value)+", not what the map says")
	}
	if status := mapping.Quality(v.Status.Base()); worse(status, s.Quality) {
		s.Quality = status
	}
}

// worse reports that the server's quality says more than the one that the value got here.
func worse(server, ours mapping.Quality) bool {
	if server>>30 != ours>>30 {
		return server>>30 > ours>>30
	}
	return ours == mapping.Good
}

// bad appends the samples of tag i, which was not read, and of those it leads. The caller holds p.mu.
func (f *filler) bad(p *Plan, i int, status wire.Status, why string, b *mapping.Batch) {
	f.p = p
	for _, k := range p.followers[i] {
		f.bad(p, int(k), status, why, b)
	}
	f.note(i, why)
	p.times.bad(i, f.now)
	b.Samples = append(b.Samples, mapping.Sample{Quality: mapping.Quality(status.Base()), Index: uint16(i)})
}

// note says what is wrong with tag i. The caller holds mu.
func (f *filler) note(i int, why string) {
	if why == "" {
		if len(f.p.faults) > 0 {
			delete(f.p.faults, i)
		}
		return
	}
	if f.p.faults[i] != why {
		f.p.faults[i] = why
	}
}
