package web

import (
	"fmt"
	"strconv"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// rows finds the row of a tag. Tags are asked for one device after the other.
type rows struct {
	cfg    *config.Config
	device string
	tags   map[string]*mapping.Tag // of the device
}

// of is the row of a tag; nil: none has it. The elements of an array are of its row.
func (r *rows) of(device, tag string) *mapping.Tag {
	if r.tags == nil || r.device != device {
		r.device, r.tags = device, map[string]*mapping.Tag{}
		for i := range r.cfg.Devices {
			if d := &r.cfg.Devices[i]; d.Name == device {
				for _, t := range d.Alarms {
					r.tags[t.Name] = t
				}
				for _, t := range d.Tags {
					r.tags[t.Name] = t
				}
			}
		}
	}
	if t := r.tags[tag]; t != nil {
		return t
	}
	if at := strings.LastIndexByte(tag, '['); at > 0 {
		return r.tags[tag[:at]]
	}
	return nil
}

// placeOf is where t stands, as file:line.
func placeOf(t *mapping.Tag) string {
	if t.Source.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", t.Source.File, t.Source.Line)
}

// doubt is why a value of uncertain quality is, as far as the bridge can tell; row may be nil.
func doubt(q mapping.Quality, value string, row *mapping.Tag) string {
	v, err := strconv.ParseFloat(value, 64)
	switch {
	case q.Base() != mapping.UncertainUnitsExceeded || row == nil || err != nil:
	case row.Max.Set && v > row.Max.Float64():
		return fmt.Sprintf("%s is above max %s of its row: is the value plausible?", value, row.Max.Decimal)
	case row.Min.Set && v < row.Min.Float64():
		return fmt.Sprintf("%s is below min %s of its row: is the value plausible?", value, row.Min.Decimal)
	}
	return "the device itself says so of the value"
}
