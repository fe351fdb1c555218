package bridge

import (
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// A Compiler turns checked configuration into what lanes work with. Devices with equal maps share their tags, hence
// what is compiled from them. It is used by one goroutine.
type Compiler struct {
	bridge    string
	protocols protocols
	sets      map[*mapping.Tag]tagSet // by their first tag
	shapes    map[mapping.Shape]shape
	intern    mapping.Interner
	// read is what was read once, by device and first tag.
	read map[[2]string]*mapping.Batch
}

// tagSet is what is compiled from tags that are read together.
type tagSet struct {
	tags   []*mapping.Tag
	codecs []*mapping.Codec
	series []*mapping.Series
}

// shape is what tags share that differ in name and place alone.
type shape struct {
	codec  *mapping.Codec
	traits *mapping.SeriesTraits
}

// NewCompiler compiles for a bridge of that name.
func NewCompiler(bridge string) *Compiler {
	c := newCompiler(bridge, nil)
	c.protocols = protocolsOf(func(yield func(*mapping.Batch)) {
		for _, b := range c.read {
			yield(b)
		}
	})
	return c
}

// note keeps what was read once, for what is computed of it later.
func (c *Compiler) note(b *mapping.Batch) {
	if len(b.Samples) == 0 {
		return
	}
	if c.read == nil {
		c.read = map[[2]string]*mapping.Batch{}
	}
	kept := mapping.Batch{Group: b.Group, Samples: slices.Clone(b.Samples), Blob: slices.Clone(b.Blob)}
	c.read[[2]string{b.Group.Device, b.Group.Series[0].Tag}] = &kept
}

func newCompiler(bridge string, p protocols) *Compiler {
	return &Compiler{
		bridge: bridge, protocols: p, sets: map[*mapping.Tag]tagSet{}, shapes: map[mapping.Shape]shape{},
	}
}

// Device compiles d and its tags: a job for each period, in the order in which the periods appear in its maps.
func (c *Compiler) Device(d *config.Device) []*drivers.Job { return c.device(d, nil).jobs }

// device compiles d, which a reload finds as it was compiled before; nil: it is new.
func (c *Compiler) device(d *config.Device, before *compiled) *compiled {
	if before != nil {
		c.reuse(before.jobs)
	}
	next := &compiled{conf: d, protocol: c.protocols.of(d)}
	next.dev = &drivers.Device{
		Name:             d.Name,
		Driver:           d.Driver,
		URL:              PublicURL(d.Endpoint),
		UnitID:           d.Unit(),
		Retries:          d.Retries,
		TimestampPerPoll: d.PerPoll(),
		Timeout:          d.Timeout,
		Health:           c.health(d),
	}
	if v, ok := next.protocol.(valuer); ok {
		next.values = v.values(d)
	} else {
		next.values = drivers.NewValues(d.Tags, d.Pushed())
	}
	for _, part := range ByPeriod(d.Tags) {
		next.jobs = append(next.jobs, c.job(next, part, before))
	}
	return next
}

// job compiles tags of d, which are of one period.
func (c *Compiler) job(d *compiled, tags []*mapping.Tag, before *compiled) *drivers.Job {
	made, work := d.protocol.work(c, d.conf, tags, before)
	period := tags[0].Poll
	if d.conf.Unasked() || tags[0].IsReckoned() {
		period = care
	}
	return &drivers.Job{
		Device: d.dev,
		Group:  made.Group,
		Filter: made.Filter,
		Period: period,
		Align:  d.conf.Align,
		Work:   work,

		Compute: drivers.NewCompute(d.values, made.Group, tags, made.Codecs[len(made.Codecs)-len(tags)+len(mapping.WithoutComputed(tags)):]),
	}
}

// care is how often what comes by itself is looked after.
const care = 5 * time.Second

// compile compiles tags of d as they are.
func (c *Compiler) compile(d *config.Device, tags []*mapping.Tag) mapping.Compiled {
	shared := c.set(tags)
	rules := make([]mapping.Rule, len(tags))
	for i, t := range tags {
		rules[i] = mapping.RuleOf(t)
		rules[i].Pushed, rules[i].Dated = d.Pushed(), d.Dated()
	}
	group := mapping.NewGroup(mapping.Group{
		Bridge:      c.bridge,
		Device:      d.Name,
		UnitID:      d.Unit(),
		Measurement: d.Measurement,
		Series:      shared.series,
		Withheld:    mapping.WithheldOf(tags),
	})
	return mapping.Compiled{Group: group, Codecs: shared.codecs, Filter: mapping.NewFilter(group, rules)}
}

// set compiles tags, once for all devices that have the same ones.
func (c *Compiler) set(tags []*mapping.Tag) tagSet {
	if p, ok := c.sets[tags[0]]; ok && slices.Equal(p.tags, tags) {
		return p
	}
	p := tagSet{tags: tags, codecs: make([]*mapping.Codec, len(tags)), series: make([]*mapping.Series, len(tags))}
	for i, t := range tags {
		s := c.shape(t)
		p.codecs[i], p.series[i] = s.codec, c.intern.Series(mapping.NewSeries(t, s.traits))
	}
	c.sets[tags[0]] = p
	return p
}

func (c *Compiler) shape(t *mapping.Tag) shape {
	key := mapping.ShapeOf(t)
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
		UnitID:      d.Unit(),
		Measurement: "tagbridge",
		Own:         true,
		Series: []*mapping.Series{
			c.intern.Series(&mapping.Series{Tag: "_online", Field: "online", SeriesTraits: &mapping.SeriesTraits{Labels: d.Labels, Kind: mapping.Bool}}),
			c.intern.Series(&mapping.Series{Tag: "_latency_ms", Field: "latency_ms", SeriesTraits: &mapping.SeriesTraits{Labels: d.Labels, Unit: "ms", Kind: mapping.F64}}),
		},
	})
}

// ByPeriod splits tags into those of one period each, none larger than a group can be. What is reckoned is by itself: it comes
// when it is known.
func ByPeriod(tags []*mapping.Tag) [][]*mapping.Tag {
	if len(tags) > 0 && len(tags) <= mapping.MaxGroup && !slices.ContainsFunc(tags, func(t *mapping.Tag) bool { return timingOf(t) != timingOf(tags[0]) }) {
		return [][]*mapping.Tag{tags}
	}
	var parts [][]*mapping.Tag
	at := map[timing]int{}
	for _, t := range tags {
		i, ok := at[timingOf(t)]
		if !ok || len(parts[i]) == mapping.MaxGroup {
			i = len(parts)
			at[timingOf(t)] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], t)
	}
	return parts
}

// timing is when a tag gets its values.
type timing struct {
	period   time.Duration
	reckoned bool
}

func timingOf(t *mapping.Tag) timing { return timing{t.Poll, t.IsReckoned()} }
