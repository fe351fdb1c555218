// Package profile holds the maps of known devices that are in the program (configs/profiles): a tag map each, with whose it
// is, where its registers are from, and dumps with the values that they must give. It reads them and nothing else;
// tagmap takes the maps, config the defaults of their devices, the verb profile the rest.
package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"tagbridge/configs"
	"tagbridge/mapping/source"
)

// Scheme is how the name of a profile begins where files are named.
const Scheme = "profile:"

// Profile is what is known of a device beside its map.
type Profile struct {
	Name     string     `yaml:"-"`
	Title    string     `yaml:"title"`
	Maker    string     `yaml:"maker"`
	Kind     string     `yaml:"kind"`     // meter, drive, inverter, system
	Firmware []string   `yaml:"firmware"` // which it is for; none: not known to differ
	Source   []string   `yaml:"source"`   // where the registers are from
	Remarks  string     `yaml:"remarks"`
	Device   yaml.Node  `yaml:"device"` // keys of a device that it has where the configuration gives none
	Identify []Question `yaml:"identify"`
	Tests    []Test     `yaml:"tests"`
	Map      []byte     `yaml:"-"` // the tag map, CSV

	folder fs.FS
}

// Question is a value that tells the device from others.
type Question struct {
	Address string `yaml:"address"`
	Type    string `yaml:"type"`
	Is      string `yaml:"is"`     // what it is, whole
	Begins  string `yaml:"begins"` // or how it begins
}

// Fits reports that text answers q as the device does.
func (q *Question) Fits(text string) bool {
	if q.Begins != "" {
		return strings.HasPrefix(text, q.Begins)
	}
	return text == q.Is
}

// Test is a dump with the values that it must give.
type Test struct {
	Dump   string `yaml:"dump"`
	Values string `yaml:"values"` // CSV: tag, value
	From   string `yaml:"from"`   // device: recorded at one, values as it shows them; example: made of what the manual says
}

// DeviceTested reports that registers of a real device have been read with p.
func (p *Profile) DeviceTested() bool {
	return slices.ContainsFunc(p.Tests, func(t Test) bool { return t.From == fromDevice })
}

// Where the dump of a test is from.
const (
	fromDevice  = "device"
	fromExample = "example"
)

// File is a file of p, one that a test names.
func (p *Profile) File(name string) ([]byte, error) { return fs.ReadFile(p.folder, name) }

// All are the profiles in the program, by name.
var All = sync.OnceValue(func() []*Profile {
	folder, err := fs.Sub(configs.Profiles, "profiles")
	if err == nil {
		var list []*Profile
		if list, err = Folder(folder); err == nil {
			return list
		}
	}
	panic("profiles: " + err.Error()) // they are in the program, and tested
})

// Find is the profile of that name in the program. The error names the nearest one.
func Find(name string) (*Profile, error) {
	names := make([]string, len(All()))
	for i, p := range All() {
		if names[i] = p.Name; p.Name == name {
			return p, nil
		}
	}
	hint := source.DidYouMean(name, names)
	if hint == "" {
		hint = ": tagbridge profile list names them"
	}
	return nil, fmt.Errorf("there is no such profile%s", hint)
}

// Folder reads the profiles in a folder: NAME.csv with NAME.yaml.
func Folder(folder fs.FS) ([]*Profile, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, err
	}
	var list []*Profile
	for _, file := range names {
		p, err := read(folder, strings.TrimSuffix(file, path.Ext(file)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		list = append(list, p)
	}
	return list, nil
}

func read(folder fs.FS, name string) (*Profile, error) {
	text, err := fs.ReadFile(folder, name+".yaml")
	if err != nil {
		return nil, err
	}
	p := &Profile{Name: name, folder: folder}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(p); err != nil {
		return nil, err
	}
	if p.Map, err = fs.ReadFile(folder, name+".csv"); err != nil {
		return nil, err
	}
	return p, p.check()
}

// DeviceKeys are the keys of a device that a profile can give it: those that say how the device is, and nothing of its
// connection, which it may share.
var DeviceKeys = []string{
	"order", "max_registers", "max_bits", "max_gap", "single_register", "function", "unit_id", "timeout", "retries", "addresses", "timezone",
}

// check finds what no reader of p should find.
func (p *Profile) check() error {
	switch {
	case p.Title == "", p.Maker == "", p.Kind == "", len(p.Source) == 0:
		return errors.New("it needs title, maker, kind and source")
	case p.Device.Kind != 0 && p.Device.Kind != yaml.MappingNode:
		return errors.New("device must be a mapping of keys")
	}
	for i := 0; i < len(p.Device.Content); i += 2 {
		if key := p.Device.Content[i].Value; !slices.Contains(DeviceKeys, key) {
			return fmt.Errorf("device: %s is none of %s", key, strings.Join(DeviceKeys, ", "))
		}
	}
	for _, q := range p.Identify {
		if q.Address == "" || (q.Is == "") == (q.Begins == "") {
			return errors.New("identify: a question needs an address, and is or begins")
		}
	}
	for _, t := range p.Tests {
		if t.From != fromDevice && t.From != fromExample {
			return fmt.Errorf("tests: from must be %s or %s, not %q", fromDevice, fromExample, t.From)
		}
	}
	return nil
}
