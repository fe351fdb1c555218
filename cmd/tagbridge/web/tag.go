package web

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// detailJSON is the answer of /api/v1/tag.
type detailJSON struct {
	tagJSON
	Description string         `json:"description"`
	Address     string         `json:"address"`
	Type        string         `json:"type"`
	Order       string         `json:"order"`
	Request     string         `json:"request"`
	Read        string         `json:"read"`
	Meaning     string         `json:"meaning"`
	Enum        []enumJSON     `json:"enum"`
	Decodings   []decodingJSON `json:"decodings"`
	Reckoned    *reckonedJSON  `json:"reckoned"` // null: it is no window and no total
}

// reckonedJSON is what was out of the ordinary with a window or a total since it began.
type reckonedJSON struct {
	Late      uint64 `json:"late"`
	Gaps      uint64 `json:"gaps"`
	Rollovers uint64 `json:"rollovers"`
	Resets    uint64 `json:"resets"`
	Replaced  uint64 `json:"replaced"`
	Glitches  uint64 `json:"glitches"`
}

// enumJSON is a number that has a text.
type enumJSON struct {
	Value int64  `json:"value"`
	Text  string `json:"text"`
}

// decodingJSON is what registers give with one type and byte order.
type decodingJSON struct {
	Type      string          `json:"type"`
	Order     string          `json:"order"`
	Registers int             `json:"registers"`
	Value     json.RawMessage `json:"value"`
	Quality   string          `json:"quality"`
	Row       bool            `json:"row"` // the tag's own row has this type and order
}

// tag answers GET /api/v1/tag.
func (p *pages) tag(w http.ResponseWriter, r *http.Request) {
	names := r.URL.Query()["tag"]
	if len(names) != 1 {
		refuse(w, http.StatusBadRequest, "tag: name one, as DEVICE/TAG")
		return
	}
	if err := namesFault(names, 1); err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	c := p.catalogs.of(p.bridge)
	at, ok := c.find(names[0])
	if !ok {
		refuse(w, http.StatusNotFound, "there is no tag %q%s", names[0], c.didYouMean(names[0]))
		return
	}
	e := c.tags[at]
	found := false
	var detail detailJSON
	c.tables[e.table].Look(c.groups[e.table], []uint16{e.index}, new(mapping.Batch), func(_ int, t *drivers.TagState) {
		found = true
		detail = detailOf(t, e.row)
	})
	if !found {
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable, "the tags of the device are becoming others just now: ask again")
		return
	}
	detail.Request = c.tables[e.table].Asked(int(e.index))
	if e.row != nil && !e.row.IsAlarm() { // which is read from nowhere
		detail.Read = readCommand(c.cfg.File, detail.Device, e.row)
	}
	if e.row != nil && e.row.IsReckoned() {
		n := p.bridge.ReckonedTag(detail.Device, detail.Tag)
		detail.Reckoned = &reckonedJSON{n.Late, n.Gaps, n.Rollovers, n.Resets, n.Replaced, n.Glitches}
	}
	reply(w, http.StatusOK, detail)
}

// didYouMean names a tag that is written like name, where there is one.
func (c *catalog) didYouMean(name string) string {
	const most = 20_000 // names that are compared: it takes time
	var names []string
	for _, e := range c.tags[:min(len(c.tags), most)] {
		names = append(names, c.device(e)+"/"+c.series(e).Tag)
	}
	return source.DidYouMean(name, names)
}

func detailOf(t *drivers.TagState, row *mapping.Tag) detailJSON {
	d := detailJSON{tagJSON: tagOf(t, row), Meaning: meaningOf(t), Enum: []enumJSON{}, Decodings: []decodingJSON{}}
	for _, e := range t.Series.Enum {
		d.Enum = append(d.Enum, enumJSON{e.Value, e.Text})
	}
	if row == nil {
		return d
	}
	d.Description, d.Type = row.Description, typeName(row)
	if row.IsComputed() {
		d.Address = row.Where()
		return d
	}
	if row.Typed() {
		d.Address = row.Node.String() + row.Element.String()
		return d
	}
	d.Address, d.Order = row.Address.String(), row.Order.String()
	if row.Address.Table.IsBits() {
		d.Order = ""
		return d
	}
	scaling := row.Scaling
	if row.Address.Part != mapping.Whole || row.Type.IsText() {
		scaling = mapping.Scaling{}
	}
	d.Decodings = decodingsOf(t.Raw, scaling)
	for i := range d.Decodings {
		own := &d.Decodings[i]
		own.Row = row.Address.Part == mapping.Whole && own.Type == d.Type && own.Order == d.Order
	}
	return d
}

// typeName is the type of a row as its map would have it.
func typeName(row *mapping.Tag) string {
	switch {
	case row.Type != mapping.TypeAuto || row.Typed():
		return row.TypeText()
	case row.Address.Table.IsBits() || row.Address.Part == mapping.Bit:
		return mapping.TypeBool.String()
	}
	return mapping.TypeUint16.String()
}

// readCommand is the command that reads what a row is of once.
func readCommand(file, device string, row *mapping.Tag) string {
	address := ""
	switch {
	case row.IsComputed():
		address = row.Name
	case row.Typed():
		address = row.Node.String() + row.Element.String()
	default:
		address = row.Address.String()
		if row.Type != mapping.TypeAuto {
			address += "," + typeName(row)
		}
		if row.Order != mapping.ABCD {
			address += "," + row.Order.String()
		}
	}
	return "tagbridge read " + shellWord(file+"#"+device) + " " + shellWord(address)
}

// shellWord is s as one word of a command line, whatever is in it.
func shellWord(s string) string {
	plain := s != ""
	for i := range len(s) {
		c := s[i]
		plain = plain && (isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '/' || c == '.' || c == '-' || c == '_' || c == ':' || c == ',' ||
			i > 0 && c == '#')
	}
	if plain {
		return s
	}
	out := []byte{'\''}
	for i := range len(s) {
		if s[i] == '\'' {
			out = append(out, `'\''`...)
			continue
		}
		out = append(out, s[i])
	}
	return string(append(out, '\''))
}

// maxDecoded is how many bytes are decoded for whoever asks.
const maxDecoded = 2 * 125

// decode answers GET /api/v1/decode.
func (p *pages) decode(w http.ResponseWriter, r *http.Request) {
	given := r.URL.Query()["raw"]
	if len(given) != 1 {
		refuse(w, http.StatusBadRequest, "raw: registers in hexadecimal, such as 00004148")
		return
	}
	raw, err := hex.DecodeString(given[0])
	if err != nil || len(raw) == 0 || len(raw)%2 != 0 || len(raw) > maxDecoded {
		refuse(w, http.StatusBadRequest, "raw %s: write 1 to %d registers of four hexadecimal digits each", strconv.Quote(cut(given[0])), maxDecoded/2)
		return
	}
	reply(w, http.StatusOK, decodingsOf(raw, mapping.Scaling{}))
}

// cut is the beginning of what somebody sent.
func cut(s string) string { return s[:min(len(s), 40)] }

func decodingsOf(raw []byte, s mapping.Scaling) []decodingJSON {
	list := []decodingJSON{}
	for _, d := range mapping.Decodings(raw, s) {
		list = append(list, decodingJSON{
			Type: d.Type, Order: d.Order.String(), Registers: d.Registers, Value: d.JSON, Quality: d.Quality.String(),
		})
	}
	return list
}
