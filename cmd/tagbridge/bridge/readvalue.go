package bridge

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// ReadValue is what reading one tag once gave, for people.
type ReadValue struct {
	Tag     string
	Value   json.RawMessage // null: there is none
	Quality string
	Raw     string // the registers in hexadecimal, as they came
	Error   string // why it is bad, and what to do
}

// Values are what r gave, in the order of its job's tags.
func (r *Reading) Values() []ReadValue {
	series := r.Job.Current().Series
	list := make([]ReadValue, len(series))
	for i := range r.Batch.Samples {
		s := &r.Batch.Samples[i]
		var text []byte
		if s.Kind == mapping.Text {
			text = r.Batch.Text(s)
		}
		index := int(s.Index)
		v := ReadValue{
			Tag:     series[index].Tag,
			Value:   mapping.AppendJSONValue(nil, series[index], s, text),
			Quality: s.Quality.String(),
			Raw:     hex.EncodeToString(r.Job.Work.Raw(nil, index)),
		}
		if s.Quality.IsBad() {
			if v.Error = r.Job.Err(index); v.Error == "" && r.Err != nil {
				v.Error = r.Err.Error()
			}
			if a, ok := r.Job.Work.(drivers.Adviser); ok {
				v.Error += a.Advice(index, s.Quality, v.Error)
			}
		}
		list[index] = v
	}
	return list
}

// ErrNotRead is why a device cannot be asked: nothing is read of it, so that it has no connection.
var ErrNotRead = errors.New("the bridge has no connection to it, as it reads nothing of it: give it a tag first")

// Ask reads tags of a device of the running configuration once, over the bridge's own connection and within its probe
// share, and hands what is read to yield, part by part. Tags are those of no map; they are delivered nowhere. An error says
// that nothing was asked: drivers.ErrAsked, drivers.ErrClosed, ErrNotRead, ctx's.
func (b *Bridge) Ask(ctx context.Context, device *config.Device, tags []*mapping.Tag, yield func(*Reading)) error {
	lane := b.laneOf(device.Name)
	if lane == nil {
		return fmt.Errorf("device %s: %w", device.Name, ErrNotRead)
	}
	d := *device
	d.Tags = tags
	d.AskOnly()
	for _, j := range newCompiler(b.Config().Bridge.Name, b.protocols).Device(&d) {
		r := Reading{Job: j}
		r.Batch.Reset(j.Group)
		r.Err = lane.AskOnce(ctx, j, &r.Batch)
		if r.Err != nil && len(r.Batch.Samples) == 0 {
			return fmt.Errorf("device %s: %w", device.Name, r.Err)
		}
		yield(&r)
	}
	return nil
}

// laneOf is the lane that reads the device; nil: none does.
func (b *Bridge) laneOf(device string) *drivers.Lane {
	for _, c := range b.now.Load().connections {
		for _, j := range c.jobs {
			if j.Device.Name == device && !c.beside {
				return c.lane
			}
		}
	}
	return nil
}
