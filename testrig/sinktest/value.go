package sinktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"tagbridge/mapping"
)

// Value is how values are compared: a number, true or false, a text after a ", and nothing for no value. v is what a
// decoder made of it: nil, a bool, a string, a json.Number, an int64, a uint64 or a float64.
func Value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return `"` + v
	case json.Number:
		if _, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return v.String()
		}
		if _, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return v.String()
		}
		f, _ := v.Float64() // what is out of range is infinite, which nothing was
		return Value(f)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// valueOf is the value of a sample of b.
func valueOf(b *mapping.Batch, s *mapping.Sample) string {
	switch s.Kind {
	case mapping.Bool:
		return Value(s.Bits != 0)
	case mapping.Int, mapping.Int64:
		return Value(int64(s.Bits))
	case mapping.Uint, mapping.Uint64:
		return Value(s.Bits)
	case mapping.F32:
		text := strconv.FormatFloat(float64(math.Float32frombits(uint32(s.Bits))), 'g', -1, 32)
		return Value(json.Number(text))
	case mapping.F64:
		return Value(math.Float64frombits(s.Bits))
	case mapping.Dec:
		text := fmt.Sprintf("%de%d", int64(s.Bits), b.Group.Series[s.Index].Exp)
		return Value(json.Number(text))
	case mapping.Text:
		return Value(string(b.Text(s)))
	}
	return ""
}

// ParseJSON reads an object as the bridge documents it, of one sample or of many.
func ParseJSON(text []byte) ([]Sample, error) {
	var o struct {
		Time        time.Time
		Device, Tag string
		Value       any
		Values      map[string]any
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		return nil, fmt.Errorf("%.100s: %w", text, err)
	}
	at := o.Time.UnixNano()
	if o.Values == nil {
		return []Sample{{o.Device, o.Tag, at, Value(o.Value)}}, nil
	}
	var all []Sample
	for tag, v := range o.Values {
		all = append(all, Sample{o.Device, tag, at, Value(v)})
	}
	return all, nil
}
