package bridge

import (
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// A Compiler turns checked configuration into what lanes work with. Devices with equal maps share their tags, hence
// what is compiled from them. It is used by one goroutine.
type Compiler struct {
	bridge string
	tags   map[*mapping.Tag]compiled
	intern mapping.Interner
}

type compiled struct {
	codec  *mapping.Codec
	series *mapping.Series
}

// NewCompiler compiles for a bridge of that name.
func NewCompiler(bridge string) *Compiler {
	return &Compiler{bridge: bridge, tags: map[*mapping.Tag]compiled{}}
}

// Device compiles d and its tags: a job for each period, in the order in which the periods appear in its maps.
func (c *Compiler) Device(d *config.Device) (*drivers.Device, []*drivers.Job) {
	dev := &drivers.Device{
		Name:             d.Name,
		Driver:           d.Driver,
		URL:              PublicURL(d.Endpoint),
		UnitID:           d.UnitID,
		Retries:          d.Retries,
		TimestampPerPoll: d.Timestamps == "poll",
		Timeout:          d.Timeout,
		Health:           c.health(d),
	}
	var jobs []*drivers.Job
	for _, part := range byPeriod(d.Tags) {
		jobs = append(jobs, c.job(d, dev, part))
	}
	return dev, jobs
}

// job compiles tags of one period.
func (c *Compiler) job(d *config.Device, dev *drivers.Device, tags []*mapping.Tag) *drivers.Job {
	codecs := make([]*mapping.Codec, len(tags))
	series := make([]*mapping.Series, len(tags))
	rules := make([]mapping.Rule, len(tags))
	for i, t := range tags {
		got := c.tag(t)
		codecs[i], series[i], rules[i] = got.codec, got.series, mapping.RuleOf(t)
	}
	group := mapping.NewGroup(mapping.Group{
		Bridge:      c.bridge,
		Device:      d.Name,
		UnitID:      d.UnitID,
		Measurement: d.Measurement,
		Series:      series,
	})
	return &drivers.Job{
		Device: dev,
		Group:  group,
		Filter: mapping.NewFilter(group, rules),
		Period: tags[0].Poll,
		Align:  d.Align,
		Work: modbus.NewPlan(tags, codecs, d.UnitID, modbus.Limits{
			MaxRegisters: d.MaxRegisters,
			MaxBits:      d.MaxBits,
			MaxGap:       d.MaxGap,
			Single:       d.Single,
			Function:     d.Function,
		}),
	}
}

func (c *Compiler) tag(t *mapping.Tag) compiled {
	got, ok := c.tags[t]
	if !ok {
		got.codec = mapping.Compile(t)
		got.series = c.intern.Series(mapping.NewSeries(t, got.codec))
		c.tags[t] = got
	}
	return got
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
			c.intern.Series(&mapping.Series{Tag: "_online", Field: "online", Labels: d.Labels, Kind: mapping.Bool}),
			c.intern.Series(&mapping.Series{Tag: "_latency_ms", Field: "latency_ms", Labels: d.Labels, Unit: "ms", Kind: mapping.F64}),
		},
	})
}

// byPeriod splits tags into those of one period each, none larger than a group can be.
func byPeriod(tags []*mapping.Tag) [][]*mapping.Tag {
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
