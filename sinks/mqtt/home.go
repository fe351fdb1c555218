package mqtt

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// Discovery says how Home Assistant is told of tags, by its MQTT discovery.
type Discovery struct {
	Prefix string // of its topics; "": nobody is told, and what was told before is taken back
	Bridge string // the bridge's name; "": not known
	File   string // where it is kept what was told; "": nowhere
	// Lookup is what the configuration that runs says of a tag; nil: it has every tag.
	Lookup func(device, tag string) Known
}

// Known is what a configuration says of a tag besides its series.
type Known struct {
	There bool // it has the tag
	Total mapping.Total
}

// home is what Home Assistant was told of tags. Each is told before its first value of a session. Its methods are for the
// sink's goroutine, but for hear.
type home struct {
	o          Discovery
	stateTopic string // "": none
	json       bool   // the format is json, else value

	kept   keptTopics
	sweeps time.Time // when it is looked next which of those are of nothing any more
	swept  bool      // it was looked
	unkept bool      // the log has that they cannot be kept

	groups  mapping.PerGroup[*homeGroup]
	session uint64               // the number of the present one
	bridge  uint64               // the session in which the bridge was told of
	tags    map[homeTag]homeSeen // what was told of, in any session
	doubts  map[homeTag]bool     // which may come or go with a configuration that is not known yet; true: its last sample was BadOutOfService
	looked  time.Time            // when these were looked at last

	list   []*homeConfig // to be told next
	ends   int           // connections in a row that ended while it was told
	off    time.Time     // it is not told before
	logged bool          // that a message was refused

	asked atomic.Bool // Home Assistant has begun to listen
	last  time.Time   // when all was told again for that
	alarm *time.Timer // wants when it may be told again
	wants chan struct{}
}

type homeTag struct{ device, tag string }

// homeSeen is a tag that was told of.
type homeSeen struct {
	group     *mapping.Group
	index     uint16
	kind      mapping.Kind
	component string
	total     mapping.Total
}

// homeGroup is which series of a group were told of in a session.
type homeGroup struct {
	session uint64
	told    []bool
}

func newHome(o *Options, broker string) *home {
	h := &home{
		o: o.Discovery, stateTopic: o.StateTopic, json: o.Format != "value", tags: map[homeTag]homeSeen{}, doubts: map[homeTag]bool{},
		wants: make(chan struct{}, 1),
	}
	h.alarm = time.AfterFunc(time.Hour, h.want)
	h.alarm.Stop()
	h.kept = keptTopics{path: o.Discovery.File, broker: broker}
	if err := h.kept.read(); err != nil {
		o.Logger.Warn("what Home Assistant was told before is not known: of tags that are gone, what it was told stays", "err", err)
	}
	h.sweeps = time.Now().Add(lookAgain)
	if len(h.kept.topics) > 0 {
		h.alarm.Reset(lookAgain)
	}
	return h
}

// known is what the configuration says of a tag.
func (h *home) known(device, tag string) Known {
	if h.o.Lookup == nil {
		return Known{There: true}
	}
	return h.o.Lookup(device, tag)
}

// gather notes what is to be told before the samples of v go out.
func (h *home) gather(v *sinks.View, topic func(*mapping.Group, uint16) string) {
	for k := range v.Batches {
		b := &v.Batches[k]
		if len(b.Samples) == 0 {
			continue
		}
		if h.bridge != h.session && h.stateTopic != "" {
			h.bridge = h.session
			h.add(h.describeBridge(b.Group.Bridge))
		}
		g := h.groups.Lookup(b.Group, func(g *mapping.Group) *homeGroup { return &homeGroup{told: make([]bool, len(g.Series))} })
		if g.session != h.session {
			g.session = h.session
			clear(g.told)
		}
		for i := range b.Samples {
			s := &b.Samples[i]
			ends := s.Kind == mapping.None && s.Quality.Base() == mapping.BadOutOfService
			if !ends && g.told[s.Index] {
				continue
			}
			if ends {
				g.told[s.Index] = h.end(b.Group, s.Index) && g.told[s.Index]
				continue
			}
			kind := b.Group.Series[s.Index].Kind
			if kind == mapping.None {
				kind = s.Kind // which shows with the first value
			}
			if kind != mapping.None {
				g.told[s.Index] = true
				h.tell(b.Group, s.Index, kind, topic(b.Group, s.Index))
			}
		}
	}
}

// add has c be told.
func (h *home) add(c homeConfig) { h.list = append(h.list, c.write()) }

// tell has the series be told of. What it was before, as another kind of entity, is taken back.
func (h *home) tell(g *mapping.Group, i uint16, kind mapping.Kind, topic string) {
	tag := homeTag{g.Device, g.Series[i].Tag}
	known := h.known(tag.device, tag.tag)
	seen := homeSeen{g, i, kind, homeComponent(g.Series[i], kind), known.Total}
	for _, c := range []string{homeSensor, homeBinary} {
		_, before := h.kept.topics[h.topic(c, g.Bridge, g.Device, tag.tag)]
		if c != seen.component && (before || h.tags[tag].component == c) {
			h.takeBack(c, g, tag.tag)
		}
	}
	h.tags[tag] = seen
	delete(h.doubts, tag)
	if !known.There {
		h.doubt(tag, false)
	}
	h.add(h.describe(g, i, kind, topic))
}

// doubt has a tag be looked at again soon: at a reload, values come a little before the configuration does.
func (h *home) doubt(tag homeTag, ended bool) {
	h.doubts[tag] = ended
	h.alarm.Reset(lookAgain)
}

// takeBack has Home Assistant forget a tag: what is empty and retained is retained no more.
func (h *home) takeBack(component string, g *mapping.Group, tag string) {
	h.list = append(h.list, &homeConfig{topic: h.topic(component, g.Bridge, g.Device, tag)})
}

// end takes a tag back whose last sample this is, and reports that it stays: a node of OPC UA may be out of service too.
func (h *home) end(g *mapping.Group, i uint16) (stays bool) {
	tag := homeTag{g.Device, g.Series[i].Tag}
	if h.known(tag.device, tag.tag).There {
		if h.tags[tag].group != nil {
			h.doubt(tag, true)
		}
		return true
	}
	h.forget(tag, g, g.Series[i])
	return false
}

// forget takes a tag back, as what it was told as; of one that another process has told of, as what its series is.
func (h *home) forget(tag homeTag, g *mapping.Group, series *mapping.Series) {
	component := cmp.Or(h.tags[tag].component, homeComponent(series, series.Kind))
	if component == "" {
		h.takeBack(homeBinary, g, tag.tag)
		component = homeSensor
	}
	h.takeBack(component, g, tag.tag)
	delete(h.tags, tag)
	delete(h.doubts, tag)
}

// lookAgain is how long tags are in doubt before the configuration is asked again.
const lookAgain = 5 * time.Second

// look tells anew, or takes back, the tags in doubt as the configuration has them by now. Those out of service that stay are
// looked at for ever: they may go later.
func (h *home) look(now time.Time, topic func(*mapping.Group, uint16) string) {
	if len(h.doubts) == 0 || now.Sub(h.looked) < lookAgain {
		return
	}
	h.looked = now
	for tag, ended := range h.doubts {
		seen, known := h.tags[tag], h.known(tag.device, tag.tag)
		switch {
		case !known.There:
			h.forget(tag, seen.group, seen.group.Series[seen.index])
			continue
		case known.Total != seen.total:
			seen.total = known.Total
			h.tags[tag] = seen
			h.add(h.describe(seen.group, seen.index, seen.kind, topic(seen.group, seen.index)))
		}
		if !ended {
			delete(h.doubts, tag)
		}
	}
}

// again has all be told that was told before, those that are there still, in the order of their names.
func (h *home) again(topic func(*mapping.Group, uint16) string) {
	h.list = h.list[:0]
	tags := make([]homeTag, 0, len(h.tags))
	for tag := range h.tags {
		tags = append(tags, tag)
	}
	slices.SortFunc(tags, func(a, b homeTag) int { return cmp.Or(cmp.Compare(a.device, b.device), cmp.Compare(a.tag, b.tag)) })
	for k, tag := range tags {
		s := h.tags[tag]
		if k == 0 && h.stateTopic != "" {
			h.add(h.describeBridge(s.group.Bridge))
		}
		h.add(h.describe(s.group, s.index, s.kind, topic(s.group, s.index)))
	}
}
