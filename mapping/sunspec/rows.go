package sunspec

import (
	"fmt"
	"strconv"
	"strings"
)

// Row is a row of a tag map, by its columns.
type Row struct {
	Tag         string `yaml:"tag"`
	Address     string `yaml:"address"`
	Type        string `yaml:"type,omitempty"`
	ScaleBy     string `yaml:"scale_by,omitempty"`
	Scale       string `yaml:"scale,omitempty"`
	Invalid     string `yaml:"invalid,omitempty"`
	Enum        string `yaml:"enum,omitempty"`
	Unit        string `yaml:"unit,omitempty"`
	Report      string `yaml:"report,omitempty"`
	Enabled     string `yaml:"enabled,omitempty"`
	Description string `yaml:"description,omitempty"`
}

// Columns are the headers of a map of rows.
var Columns = []string{"tag", "address", "type", "scale_by", "scale", "invalid", "enum", "unit", "report", "enabled", "description"}

// Cells are those of r, in the order of Columns.
func (r *Row) Cells() []string {
	return []string{r.Tag, r.Address, r.Type, r.ScaleBy, r.Scale, r.Invalid, r.Enum, r.Unit, r.Report, r.Enabled, r.Description}
}

// maxText is how many bytes a text of a map may have, of one request.
const maxText = 250

// Rows are the rows of d's map, and remarks about what is left out or odd. A value and its exponent are read with one
// request, of at most maxRegisters (0: 125): those that are further apart are left out.
func (d *Device) Rows(maxRegisters int) (rows []Row, remarks []string) {
	if maxRegisters <= 0 {
		maxRegisters = 125
	}
	b := rowsBuilder{max: maxRegisters, names: map[string]int{}}
	for _, m := range d.Models {
		if twin := d.twin(m); twin != nil {
			b.remark("model %d is left out: model %d has the same values as floats", m.ID, twin.ID)
		} else if m.Model != nil {
			b.model(m)
		}
	}
	return b.rows, b.remarks
}

// twin is the model that has the values of m as floats; nil: d has none. Of several the first belongs to the first.
func (d *Device) twin(m *Instance) *Instance {
	if !(m.ID >= 101 && m.ID <= 103 || m.ID >= 201 && m.ID <= 204) {
		return nil
	}
	ints, floats := 0, []*Instance{}
	before := 0
	for _, o := range d.Models {
		switch o.ID {
		case m.ID:
			if o == m {
				before = ints
			}
			ints++
		case m.ID + 10:
			floats = append(floats, o)
		}
	}
	if before < len(floats) {
		return floats[before]
	}
	return nil
}

type rowsBuilder struct {
	max     int
	names   map[string]int // how many models have it
	rows    []Row
	remarks []string
}

func (b *rowsBuilder) remark(format string, args ...any) {
	b.remarks = append(b.remarks, fmt.Sprintf(format, args...))
}

// short are the names of models that differ by phases and by the form of numbers only: dashboards need not.
func short(m *Model) string {
	switch {
	case m.ID >= 101 && m.ID <= 113:
		return "inverter"
	case m.ID >= 201 && m.ID <= 214:
		return "meter"
	}
	return m.Name
}

// model adds the rows of m.
func (b *rowsBuilder) model(m *Instance) {
	name := short(m.Model)
	b.names[name]++
	if n := b.names[name]; n > 1 {
		name += "_" + strconv.Itoa(n)
	}
	absent, far := 0, 0
	for _, v := range m.Values {
		k := v.Point.form.kind
		if k == pad || k == exponent {
			continue
		}
		if v.SF != nil && apart(v) > b.max {
			far++
			continue
		}
		r := row(v, name)
		if r.Enabled != "" {
			absent++
		}
		b.powerFactor(v, &r)
		b.rows = append(b.rows, r)
		if k == bits {
			b.rows = append(b.rows, bitRows(v, r)...)
		}
	}
	if absent > 0 {
		b.remark("model %d: %d values that the device says it does not have are in the map with enabled: false", m.ID, absent)
	}
	if far > 0 {
		b.remark("model %d: %d values are left out: they and their exponents do not fit into one request of %d registers", m.ID, far, b.max)
	}
}

// apart is how many registers a request has that reads v and its exponent.
func apart(v *Value) int {
	first := min(v.Address, v.SF.Address)
	return max(v.Address+v.Point.Registers, v.SF.Address+1) - first
}

// row is the one of v, whose model has that name.
func row(v *Value, name string) Row {
	p := v.Point
	r := Row{
		Tag:         strings.Join(append(append([]string{name}, v.Path...), p.Name), "/"),
		Address:     "holding:" + strconv.Itoa(v.Address),
		Type:        p.form.column,
		Invalid:     p.form.invalid,
		Unit:        p.Unit,
		Description: p.Text,
	}
	switch {
	case v.SF != nil:
		r.ScaleBy = "holding:" + strconv.Itoa(v.SF.Address)
	case v.Shift != 0:
		r.Scale = "1e" + strconv.Itoa(v.Shift)
	}
	switch p.form.kind {
	case text:
		r.Type += ":" + strconv.Itoa(min(2*p.Registers, maxText))
	case enum:
		r.Enum = texts(p.Symbols)
	}
	if p.Static || p.form.kind != number {
		r.Report = "change"
	}
	if v.Raw == nil || v.Missing() && !p.Mandatory { // at night many say so even of what they must have
		r.Enabled = "false"
	}
	return r
}

func texts(list []Symbol) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = strconv.FormatInt(s.Value, 10) + "=" + s.Text
	}
	return strings.Join(parts, "|")
}

// bitRows are a row for each bit of v that has a name. The word itself has the row r.
func bitRows(v *Value, r Row) (rows []Row) {
	for _, s := range v.Point.Symbols {
		bit := int(s.Value)
		if bit < 0 || bit >= 16*v.Point.Registers {
			continue
		}
		rows = append(rows, Row{
			Tag:     r.Tag + "/" + s.Text,
			Address: fmt.Sprintf("holding:%d.b%d", v.Address+v.Point.Registers-1-bit/16, bit%16),
			Type:    "bool", Report: "change", Enabled: r.Enabled,
		})
	}
	return rows
}

// powerFactor corrects the unit of a power factor by what is there: some devices give it in percent where their model says
// from -1 to 1, and the reverse.
func (b *rowsBuilder) powerFactor(v *Value, r *Row) {
	if !strings.HasPrefix(v.Point.Name, "PF") || v.Point.form.kind != number {
		return
	}
	n, ok := v.Number()
	if n < 0 {
		n = -n
	}
	switch {
	case !ok || n == 0:
	case r.Unit == "cosφ" && n > 1.1:
		r.Unit = "%"
		b.remark("%s is %v: its unit is percent, though its model says -1 to 1", r.Tag, n)
	case r.Unit == "%" && n <= 1:
		r.Unit = "cosφ"
		b.remark("%s is %v: it is from -1 to 1, though its model says percent", r.Tag, n)
	}
}
