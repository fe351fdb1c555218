package edit

import (
	"fmt"
	"maps"
	"slices"

	"tagbridge/mapping/source"
)

// Map is a tag map that the configuration names.
type Map struct {
	Name     string   `json:"name"`
	Devices  []string `json:"devices"`
	Rows     int      `json:"rows"`
	Tags     int      `json:"tags"`
	Format   string   `json:"format"`
	Encoding string   `json:"encoding"`
	Bytes    int      `json:"bytes"`
	ETag     string   `json:"etag"`
	Writable bool     `json:"writable"`
	Why      string   `json:"why"`
}

// Maps are those of the configuration on disk, in the order in which it names them.
func (e *Editor) Maps() ([]Map, error) {
	d, err := e.now()
	if err != nil {
		return nil, err
	}
	list := []Map{}
	for i := range d.maps {
		s := &d.maps[i]
		m := Map{
			Name: s.name, Devices: append([]string{}, s.Devices...), Rows: s.rows, Tags: s.tags, Format: s.format(),
			Encoding: string(s.encoding), Bytes: s.bytes, ETag: s.etag, Why: s.whyNot(),
		}
		m.Writable = m.Why == ""
		list = append(list, m)
	}
	return list, nil
}

// whyNot is why the map cannot be written; "" when it can.
func (s *mapState) whyNot() string {
	switch {
	case s.Rows > 0:
		return "its rows are in the configuration itself, which is not edited here: move them to a file to edit them"
	case s.fault != "":
		return s.fault
	}
	if err := unwritable(s.File); err != nil {
		return err.Error()
	}
	return ""
}

// Unknown is a name that no map has.
type Unknown struct {
	Name  string
	Names []string // that there are
}

func (u *Unknown) Error() string {
	return fmt.Sprintf("the configuration names no map %q%s", u.Name, source.DidYouMean(u.Name, u.Names))
}

// path is the file of the map that is called name.
func (d *onDisk) path(name string) (string, error) {
	if path, ok := d.names.paths[name]; ok {
		return path, nil
	}
	return "", &Unknown{name, slices.Sorted(maps.Keys(d.names.paths))}
}

// Text is the text of a map, its encoding and the ETag of its file.
func (e *Editor) Text(name string) (text string, encoding Encoding, etag string, err error) {
	d, err := e.now()
	if err != nil {
		return "", "", "", err
	}
	path, err := d.path(name)
	if err != nil {
		return "", "", "", err
	}
	b, _, err := content(path, d.guarded)
	if err == nil {
		text, encoding, err = decode(b)
	}
	if err != nil && err != errNoText {
		return "", "", "", fmt.Errorf("%s: %w", name, err)
	}
	return text, encoding, ETag(b), nil
}
