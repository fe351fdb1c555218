package bridge

import (
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/drivers/opcua"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// A Compiler turns checked configuration into what lanes work with. Devices with equal maps share their tags, hence
// what is compiled from them. It is used by one goroutine.
type Compiler struct {
	bridge string
	parts  map[*mapping.Tag]part // by their first tag
	shapes map[shapeKey]shape
	known  map[string]map[opcua.Place]opcua.Facts // by device: what OPC UA servers have told already
	intern mapping.Interner
}

// part is what is compiled from the tags of one period.
type part struct {
	tags   []*mapping.Tag
	codecs []*mapping.Codec
	series []*mapping.Series
}

// shape is what tags share that differ in name and place alone.
type shape struct {
	codec  *mapping.Codec
	traits *mapping.SeriesTraits
}

// shapeKey is all of a tag that its shape is made from.
type shapeKey struct {
	traits     *mapping.Traits
	part       mapping.Part
	bit        uint8
	bits, node bool
}

// NewCompiler compiles for a bridge of that name.
func NewCompiler(bridge string) *Compiler {
	return &Compiler{
		bridge: bridge, parts: map[*mapping.Tag]part{}, shapes: map[shapeKey]shape{},
		known: map[string]map[opcua.Place]opcua.Facts{},
	}
}

// Device compiles d and its tags: a job for each period, in the order in which the periods appear in its maps.
func (c *Compiler) Device(d *config.Device) (*drivers.Device, []*drivers.Job) {
	dev := &drivers.Device{
		Name:             d.Name,
		Driver:           d.Driver,
		URL:              PublicURL(d.Endpoint),
		UnitID:           d.UnitID,
		Retries:          d.Retries,
		TimestampPerPoll: d.Timestamps == "poll" || d.Driver == "opcua",
		Timeout:          d.Timeout,
		Health:           c.health(d),
	}
	var jobs []*drivers.Job
	for _, part := range ByPeriod(d.Tags) {
		jobs = append(jobs, c.job(d, dev, part))
	}
	return dev, jobs
}

// job compiles tags of one period.
func (c *Compiler) job(d *config.Device, dev *drivers.Device, tags []*mapping.Tag) *drivers.Job {
	full := tags
	if d.Driver == "opcua" {
		full = opcua.Complete(tags, c.known[d.Name])
	}
	made := c.made(d, full)
	return &drivers.Job{
		Device: dev,
		Group:  made.Group,
		Filter: made.Filter,
		Period: period(d, tags[0].Poll),
		Align:  d.Align,
		Work:   c.work(d, tags, full, made.Codecs),
	}
}

// made is what tags of d are read and sent with.
func (c *Compiler) made(d *config.Device, tags []*mapping.Tag) opcua.Made {
	compiled := c.part(tags)
	rules := make([]mapping.Rule, len(tags))
	for i, t := range tags {
		rules[i] = ruleOf(d, t)
	}
	group := mapping.NewGroup(mapping.Group{
		Bridge:      c.bridge,
		Device:      d.Name,
		UnitID:      d.UnitID,
		Measurement: d.Measurement,
		Series:      compiled.series,
	})
	return opcua.Made{Group: group, Codecs: compiled.codecs, Filter: mapping.NewFilter(group, rules)}
}

// work is the driver's plan of reading full, with their codecs, which are tags of d completed by what is known.
func (c *Compiler) work(d *config.Device, tags, full []*mapping.Tag, codecs []*mapping.Codec) drivers.Work {
	if d.Driver == "opcua" {
		name := c.bridge
		return opcua.NewPlan(full, codecs, opcua.PlanOptions{
			Subscribe:  d.Mode == "subscribe",
			Period:     tags[0].Poll,
			Timestamps: timestamps[d.Timestamps],
			Maps:       tags,
			Facts:      c.known[d.Name],
			Remake:     func(list []*mapping.Tag) opcua.Made { return NewCompiler(name).made(d, list) },
		})
	}
	return modbus.NewPlan(tags, codecs, d.UnitID, modbus.Limits{
		MaxRegisters: d.MaxRegisters,
		MaxBits:      d.MaxBits,
		MaxGap:       d.MaxGap,
		Single:       d.Single,
		Function:     d.Function,
		Accept:       accept(d.AcceptUnit),
	})
}

var timestamps = map[string]opcua.Timestamps{
	"bridge": opcua.BridgeTime, "source": opcua.SourceTime, "server": opcua.ServerTime,
}

// care is how often subscriptions are looked after: what they bring comes by itself.
const care = 5 * time.Second

// period is how often a lane has to do something for tags of d with that period.
func period(d *config.Device, poll time.Duration) time.Duration {
	if d.Mode == "subscribe" {
		return care
	}
	return poll
}

// ruleOf is the rule of t in d.
func ruleOf(d *config.Device, t *mapping.Tag) mapping.Rule {
	r := mapping.RuleOf(t)
	r.Pushed = d.Mode == "subscribe"
	r.Dated = d.Driver == "opcua" && d.Mode == "poll" && d.Timestamps != "bridge"
	return r
}

// part compiles tags, once for all devices that have the same ones.
func (c *Compiler) part(tags []*mapping.Tag) part {
	if p, ok := c.parts[tags[0]]; ok && slices.Equal(p.tags, tags) {
		return p
	}
	p := part{tags: tags, codecs: make([]*mapping.Codec, len(tags)), series: make([]*mapping.Series, len(tags))}
	for i, t := range tags {
		s := c.shape(t)
		p.codecs[i], p.series[i] = s.codec, c.intern.Series(mapping.NewSeries(t, s.traits))
	}
	c.parts[tags[0]] = p
	return p
}

func (c *Compiler) shape(t *mapping.Tag) shape {
	key := shapeKey{t.Traits, t.Address.Part, t.Address.Bit, t.Address.Table.IsBits(), t.Node != ""}
	s, ok := c.shapes[key]
	if !ok {
		s.codec = mapping.Compile(t)
		s.traits = mapping.NewSeriesTraits(t, s.codec)
		c.shapes[key] = s
	}
	return s
}

// health is the group of the bridge's own tags about d. In InfluxDB they are fields of the measurement tagbridge.
func (c *Compiler) health(d *config.Device) *mapping.Group {
	return mapping.NewGroup(mapping.Group{
		Bridge:      c.bridge,
		Device:      d.Name,
		UnitID:      d.UnitID,
		Measurement: "tagbridge",
		Own:         true,
		Series: []*mapping.Series{
			c.intern.Series(&mapping.Series{Tag: "_online", Field: "online", SeriesTraits: &mapping.SeriesTraits{Labels: d.Labels, Kind: mapping.Bool}}),
			c.intern.Series(&mapping.Series{Tag: "_latency_ms", Field: "latency_ms", SeriesTraits: &mapping.SeriesTraits{Labels: d.Labels, Unit: "ms", Kind: mapping.F64}}),
		},
	})
}

// ByPeriod splits tags into those of one period each, none larger than a group can be.
func ByPeriod(tags []*mapping.Tag) [][]*mapping.Tag {
	if len(tags) > 0 && len(tags) <= mapping.MaxGroup && !slices.ContainsFunc(tags, func(t *mapping.Tag) bool { return t.Poll != tags[0].Poll }) {
		return [][]*mapping.Tag{tags}
	}
	var parts [][]*mapping.Tag
	at := map[time.Duration]int{}
	for _, t := range tags {
		i, ok := at[t.Poll]
		if !ok || len(parts[i]) == mapping.MaxGroup {
			i = len(parts)
			at[t.Poll] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], t)
	}
	return parts
}
