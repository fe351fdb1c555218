package drivers

import (
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/formula"
)

// Values are the present values of those tags that the formulas of a device need. Its jobs, which one lane reads, have them
// in common.
type Values struct {
	inputs map[string]*formula.Input
	// own comes before the names of the device's own tags, where formulas name them with their device.
	own string
	// lazy: what was computed is not computed again before something has changed.
	lazy bool
}

// NewDerivedValues keeps what formulas of tags, all those of a derived device, need: they name tags as device/tag.
func NewDerivedValues(device string, tags []*mapping.Tag) *Values {
	v := &Values{inputs: map[string]*formula.Input{}, own: device + "/", lazy: true}
	for _, t := range tags {
		if t.IsReckoned() {
			continue // of what the journal holds
		}
		for _, name := range t.Computed.Inputs() {
			if v.inputs[name] == nil {
				v.inputs[name] = formula.NewInput()
			}
		}
	}
	return v
}

// Input is where the value of the tag of that name is kept; nil: no formula needs it. It is the lane's.
func (v *Values) Input(name string) *formula.Input { return v.inputs[name] }

// IsOf reports that device is the one whose formulas these are for: what is computed of it is there without being heard.
func (v *Values) IsOf(device string) bool { return v.own == device+"/" }

// Foreign are the names of tags of other devices that are needed.
func (v *Values) Foreign() []string {
	var names []string
	for name := range v.inputs {
		if v.own != "" && !strings.HasPrefix(name, v.own) {
			names = append(names, name)
		}
	}
	return names
}

// NewValues keeps what formulas of tags, all those of a device, need; nil: they have none. Where pushed, values hold until
// the next one.
func NewValues(tags []*mapping.Tag, pushed bool) *Values {
	var v *Values
	periods := map[string]time.Duration{}
	need := func(f *formula.Formula) {
		if f == nil {
			return
		}
		for _, n := range f.Inputs() {
			if v.inputs[n.Name] == nil {
				v.inputs[n.Name] = formula.NewInput()
			}
		}
	}
	for _, t := range tags {
		periods[t.Name] = t.Poll
		if t.Computed == nil {
			continue
		}
		if v == nil {
			v = &Values{inputs: map[string]*formula.Input{}}
		}
		need(t.Computed.Value)
		need(t.Computed.Valid)
	}
	if v == nil || pushed {
		return v
	}
	for name, in := range v.inputs {
		in.MaxAge = mapping.StaleAfter * int64(periods[name])
	}
	return v
}

// forget makes all of them values that were never read.
func (v *Values) forget() {
	for _, in := range v.inputs {
		in.Forget()
	}
}

func (v *Values) ofOwn(tag string) *formula.Input { return v.inputs[v.own+tag] }
