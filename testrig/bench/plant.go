package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tagbridge/mapping"
)

// plant is the devices of a measurement.
type plant struct {
	Devices   int           `json:"devices"`
	Tags      int           `json:"tags"`
	Period    time.Duration `json:"period"`
	Dead      int           `json:"dead"`   // so many of them never answer
	Shared    bool          `json:"shared"` // all behind one connection, as units 1 and up
	Timeout   time.Duration `json:"timeout"`
	AllDigits bool          `json:"all_digits"`
	Keep      int           `json:"keep"`    // requests to remember of each device
	MQTT      string        `json:"mqtt"`    // format, if it is delivered to a broker
	Sync      time.Duration `json:"sync"`    // of the journal; 0: 250 ms
	Kept      string        `json:"kept"`    // journal.keep, in 32 MiB; "": as the bridge has it
	Derived   int           `json:"derived"` // so many tags of a device that is computed, each of three others
	Cluster   string        `json:"cluster"` // bridge.cluster; "": there is none
	// MoreSinks delivers to the same database twice, and to one that does not answer.
	MoreSinks bool `json:"more_sinks"`
	// MapEach gives each device a map of its own, and counts what is stored.
	MapEach bool `json:"map_each"`
	// Distinct has no tag of one device named as one of another's; each then has a map of its own.
	Distinct bool `json:"distinct"`
}

// tags is the map of each device: half float32, half int16 with a scale, without gaps.
func (p plant) tags() []*mapping.Tag {
	out := make([]*mapping.Tag, p.Tags)
	at := uint16(0)
	for i := range out {
		t := &mapping.Tag{Name: fmt.Sprintf("value_%03d", i), Traits: &mapping.Traits{Type: mapping.TypeFloat32, Unit: "°C"}}
		if i >= p.Tags/2 {
			t.Type, t.Unit = mapping.TypeInt16, "bar"
			t.Scaling = mapping.Scaling{Kind: mapping.Linear, Scale: mapping.Decimal{Mant: 1, Exp: -2}}
		}
		t.Address = mapping.Address{Table: mapping.Holding, Number: at}
		at += uint16(t.Type.Registers())
		out[i] = t
	}
	return out
}

// csv is the same map as a file, that of device i.
func (p plant) csv(i int) string {
	prefix := ""
	if p.Distinct {
		prefix = fmt.Sprintf("d%04d_", i)
	}
	var b strings.Builder
	b.WriteString("tag,address,type,scale,unit\n")
	for _, t := range p.tags() {
		scale := ""
		if t.Type == mapping.TypeInt16 {
			scale = "0.01"
		}
		fmt.Fprintf(&b, "%s%s,holding:%d,%s,%s,%s\n", prefix, t.Name, t.Address.Number, t.Type, scale, t.Unit)
	}
	return b.String()
}

// mapName is the file that the map of device i is in.
func (p plant) mapName(i int) string {
	if !p.MapEach && !p.Distinct {
		return "map.csv"
	}
	return fmt.Sprintf("map%04d.csv", i)
}

// kept is the settings of what the journal keeps.
func (p plant) kept() string {
	if p.Kept == "" {
		return ""
	}
	return ", keep: " + p.Kept + ", keep_size: 32MiB"
}

// derived is the device that is computed.
func (p plant) derived() string {
	if p.Derived == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: derived\n    driver: derived\n    poll: %s\n    tags:\n", p.Period)
	tags := p.tags()
	for i := range p.Derived {
		in := func(k int) string {
			n := (3*i + k) * 7
			return fmt.Sprintf("d%04d/%s", n/len(tags)%p.Devices, tags[n%len(tags)].Name)
		}
		fmt.Fprintf(&b, "      - {tag: x%d, expr: \"(%s + %s) / 2 - %s\"}\n", i, in(0), in(1), in(2))
	}
	return b.String()
}

// write makes configuration and map in dir; addresses are where the devices are, one each or, shared, one for all, url is
// where the sink delivers to.
func (p plant) write(dir string, addresses []string, url, http string) (config string, err error) {
	var b strings.Builder
	fmt.Fprintf(&b, "bridge:\n  name: bench\n  data_dir: data\n  http: %s\n  journal: {sync: %v%s}\n",
		http, cmp.Or(p.Sync, 250*time.Millisecond), p.kept())
	if p.Cluster != "" {
		fmt.Fprintf(&b, "  cluster: %s\n", p.Cluster)
	}
	b.WriteString("devices:\n")
	for i := range p.Devices {
		address, unit := addresses[0], i+1
		if !p.Shared {
			address, unit = addresses[i], 1
		}
		fmt.Fprintf(&b, "  - {name: d%04d, driver: modbus, url: \"tcp://%s\", unit_id: %d, poll: %s, timeout: %s, tags: [%s]}\n",
			i, address, unit, p.Period, p.Timeout, p.mapName(i))
	}
	b.WriteString(p.derived())
	sink, _ := p.sink(url)
	fmt.Fprintf(&b, "sinks:\n  - %s\n", sink)
	if p.MoreSinks {
		const more = "  - {name: %s, type: influxdb, url: \"%s\", org: plant, bucket: bench, token: bench}\n"
		fmt.Fprintf(&b, more+more, "second", url, "dead", "http://127.0.0.1:1")
	}
	config = filepath.Join(dir, "bench.yaml")
	maps := 1
	if p.MapEach || p.Distinct {
		maps = p.Devices
	}
	for i := range maps {
		if err := os.WriteFile(filepath.Join(dir, p.mapName(i)), []byte(p.csv(i)), 0o600); err != nil {
			return "", err
		}
	}
	return config, os.WriteFile(config, []byte(b.String()), 0o600)
}
