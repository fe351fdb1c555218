package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/profile"
	"tagbridge/mapping/source"
)

// withProfile loads a configuration of one device with these keys.
func withProfile(t *testing.T, keys string) (*Config, source.Problems) {
	t.Helper()
	text := fmt.Sprintf(`bridge: {name: b, data_dir: data, http: ""}
devices:
  - {name: m, driver: modbus, url: "tcp://127.0.0.1:502", %s}
sinks:
  - {name: out, type: file, path: "-"}
`, keys)
	return Load("plant.yaml", Options{Files: source.Over(map[string][]byte{"plant.yaml": []byte(text), "more.csv": []byte("tag,address\nmore,40001\n")})})
}

// Every profile in the program is a map without a mistake.
func TestProfilesLoad(t *testing.T) {
	for _, p := range profile.All() {
		cfg, problems := withProfile(t, `tags: ["profile:`+p.Name+`"]`)
		if len(problems) > 0 {
			t.Errorf("%s: %v", p.Name, problems)
			continue
		}
		tags := cfg.Devices[0].Tags
		if len(tags) < 5 || len(tags) > 40 || tags[0].Source.File != "profile:"+p.Name {
			t.Errorf("%s: %d tags, from %v", p.Name, len(tags), tags[0].Source)
		}
		if len(cfg.Maps) != 0 {
			t.Errorf("%s: maps %v: nobody can edit what is in the program", p.Name, cfg.Maps)
		}
		// It may be among maps that have numbers of the wire: it names its tables.
		wire, problems := withProfile(t, `addresses: wire, tags: ["profile:`+p.Name+`"]`)
		if len(problems) > 0 {
			t.Errorf("%s, addresses of the wire: %v", p.Name, problems)
			continue
		}
		for i, tag := range wire.Devices[0].Tags {
			if tag.Where() != tags[i].Where() {
				t.Errorf("%s: %s is %s or %s", p.Name, tag.Name, tags[i].Where(), tag.Where())
			}
		}
	}
}

func TestProfilesGiveDefaults(t *testing.T) {
	type device struct {
		order     mapping.Order
		unit, gap int
		timeout   time.Duration
	}
	for keys, want := range map[string]device{
		`tags: ["profile:carlo-gavazzi-em24"]`:                          {mapping.CDAB, 1, 0, time.Second},
		`tags: "profile:carlo-gavazzi-em24"`:                            {mapping.CDAB, 1, 0, time.Second},
		`tags: ["profile:carlo-gavazzi-em24"], order: DCBA, max_gap: 5`: {mapping.DCBA, 1, 5, time.Second},
		`tags: ["profile:carlo-gavazzi-em24"], order: `:                 {mapping.CDAB, 1, 0, time.Second},
		`tags: [more.csv, "profile:carlo-gavazzi-em24"], unit_id: 7`:    {mapping.CDAB, 7, 0, time.Second},
		`tags: [more.csv]`: {mapping.ABCD, 1, 16, time.Second},
	} {
		cfg, problems := withProfile(t, keys)
		if len(problems) > 0 {
			t.Errorf("%s: %v", keys, problems)
			continue
		}
		d := cfg.Devices[0]
		if got := (device{d.Modbus.Order, d.Modbus.UnitID, d.Modbus.MaxGap, d.Timeout}); got != want {
			t.Errorf("%s: %+v, want %+v", keys, got, want)
		}
	}
}

func TestProfilesThatAreNot(t *testing.T) {
	for keys, want := range map[string]string{
		`tags: ["profile:eastron-sdm360"]`:                               `plant.yaml:3:66: problem: tags "profile:eastron-sdm360": there is no such profile: did you mean eastron-sdm630?`,
		`tags: ["profile:"]`:                                             "there is no such profile",
		`tags: ["profile:../plant"]`:                                     "there is no such profile",
		`tags: ["profile:eastron-sdm630", "profile:eastron-sdm630"]`:     "again: it is in line 3 already",
		`tags: ["profile:eastron-sdm630", {tag: power, address: 40001}]`: "power",
	} {
		_, problems := withProfile(t, keys)
		if !problems.HasProblems() || !strings.Contains(fmt.Sprint(problems), want) {
			t.Errorf("%s: %v, want %s", keys, problems, want)
		}
	}
}
