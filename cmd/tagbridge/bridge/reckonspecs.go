package bridge

import (
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/reckon"
	"tagbridge/mapping/tagmap"
)

// reckonedOf is what is to be reckoned for cfg.
func reckonedOf(cfg *config.Config) []reckon.Spec {
	var list []reckon.Spec
	for _, t := range reckonedTags(cfg) {
		list = append(list, specOf(t.device, t.tag))
	}
	for _, t := range alarmedTags(cfg) {
		list = append(list, alarmSpec(t.device, t.tag))
	}
	return list
}

func specOf(d *config.Device, t *mapping.Tag) reckon.Spec {
	o := t.Computed.Reckoned
	s := reckon.Spec{Device: d.Name, Tag: t.Name, Formula: t.Computed.Value, Held: o.Held && o.Hold == 0, Key: o.Key(t.Computed.Expr)}
	if f := t.Computed.Value; f.IsName() {
		s.Formula, s.Input = nil, f.Inputs()[0].Name
	}
	if o.Total == mapping.NoTotal {
		s.Machine = reckon.NewWindow(o)
		return s
	}
	every := int64(t.Poll)
	if d.Unasked() {
		every = 0
	}
	s.Machine = reckon.NewTotal(o, every)
	return s
}

// reckonsAlike reports that nothing of what two configurations reckon differs.
func reckonsAlike(old, new *config.Config) bool {
	a, b := append(reckonedTags(old), alarmedTags(old)...), append(reckonedTags(new), alarmedTags(new)...)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := *a[i].tag, *b[i].tag
		if a[i].device.Name != b[i].device.Name || a[i].device.Unasked() != b[i].device.Unasked() || a[i].device.Dated() != b[i].device.Dated() || !tagmap.SameTags([]*mapping.Tag{&x}, []*mapping.Tag{&y}) {
			return false
		}
	}
	return true
}

// reckonedTag is a tag that is reckoned.
type reckonedTag struct {
	device *config.Device
	tag    *mapping.Tag
}

// reckonedTags are those of cfg.
func reckonedTags(cfg *config.Config) (list []reckonedTag) {
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		for _, t := range d.Tags {
			if t.IsReckoned() {
				list = append(list, reckonedTag{d, t})
			}
		}
	}
	return list
}

// sayReckoned notes something that an engineer should know of a tag that is reckoned.
func (b *Bridge) sayReckoned(device, tag string, at time.Time, text string) {
	b.o.Log.Warn("reckoned", "tag", device+"/"+tag, "what", text)
}
