package plc

import "tagbridge/mapping"

// layouts says for values of one to four registers which byte of the value stands where on the wire, A being
// the most significant.
var layouts = [...][4]string{
	mapping.ABCD: {"AB", "ABCD", "ABCDEF", "ABCDEFGH"},
	mapping.CDAB: {"AB", "CDAB", "EFCDAB", "GHEFCDAB"},
	mapping.BADC: {"BA", "BADC", "BADCFE", "BADCFEHG"},
	mapping.DCBA: {"BA", "DCBA", "FEDCBA", "HGFEDCBA"},
}

// layoutOf is the layout of a value of size bytes: 2, 4, 6 or 8.
func layoutOf(o mapping.Order, size int) string {
	return layouts[o][size/2-1]
}

// put writes the low len(dst) bytes of bits in the order of layout.
func put(dst []byte, layout string, bits uint64) {
	n := len(layout)
	for i := range n {
		dst[i] = byte(bits >> (8 * (n - 1 - int(layout[i]-'A'))))
	}
}

// take is the inverse of put.
func take(src []byte, layout string) uint64 {
	n := len(layout)
	var bits uint64
	for i := range n {
		bits |= uint64(src[i]) << (8 * (n - 1 - int(layout[i]-'A')))
	}
	return bits
}

// putText writes text into whole registers, filled up with NUL.
func putText(dst []byte, o mapping.Order, text string) {
	clear(dst)
	copy(dst, text)
	swapEach(dst, o)
}

// takeText is the length bytes of a string tag, up to its first NUL.
func takeText(src []byte, o mapping.Order, length int) string {
	b := append([]byte(nil), src...)
	swapEach(b, o)
	b = b[:length]
	for i, c := range b {
		if c == 0 {
			b = b[:i]
			break
		}
	}
	return string(b)
}

// putChars writes text with a character in each register, in its low byte, filled up with NUL.
func putChars(dst []byte, o mapping.Order, text string) {
	clear(dst)
	for i := 0; i < len(text) && 2*i+1 < len(dst); i++ {
		dst[2*i+1] = text[i]
	}
	swapEach(dst, o)
}

// takeChars is the text of which each register has a character; ok is false where one has two.
func takeChars(src []byte, o mapping.Order) (text string, ok bool) {
	b := append([]byte(nil), src...)
	swapEach(b, o)
	var out []byte
	for i := 0; i < len(b); i += 2 {
		switch {
		case b[i] != 0:
			return "", false
		case b[i+1] == 0:
			return string(out), true
		}
		out = append(out, b[i+1])
	}
	return string(out), true
}

func swapEach(b []byte, o mapping.Order) {
	if layouts[o][0] == "AB" {
		return
	}
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
}

// field is where a tag lies in the registers: the bits that mask has of the value that layout makes of data.
type field struct {
	data   []byte // of the image
	layout string
	part   bool // fewer bits than the registers have
	shift  uint8
	mask   uint64
}

// fieldOf finds a tag that is not a text in m; ok is false when its addresses do not exist.
func fieldOf(m *image, t *mapping.Tag) (f field, ok bool) {
	data := m.find(t.Address.Table, int(t.Address.Number), max(t.Registers(), 1))
	if data == nil || t.Type.IsText() {
		return f, false
	}
	if t.Address.Table.IsBits() {
		return field{data: data, layout: "A", mask: 1}, true
	}
	f = field{data: data, layout: layoutOf(t.Order, len(data)), mask: ^uint64(0) >> (64 - 8*len(data))}
	if t.Wide { // the low end of whole registers
		f.part, f.mask = true, ^uint64(0)>>(64-t.Type.Bits(t.Length))
		if typeOf(t) == mapping.TypeBool {
			f.mask = 1<<32 - 1
		}
	}
	switch {
	case t.Type == mapping.TypeBits:
		f.part, f.shift, f.mask = true, t.Address.Bit, 1<<t.Length-1
	case t.Address.Part == mapping.Bit:
		f.part, f.shift, f.mask = true, t.Address.Bit, 1
	case t.Address.Part == mapping.HiByte:
		f.part, f.shift, f.mask = true, 8, 0xFF
	case t.Address.Part == mapping.LoByte, t.Type == mapping.TypeBCD8:
		f.part, f.mask = true, 0xFF
	case t.Type == mapping.TypeInt24, t.Type == mapping.TypeUint24:
		f.part, f.mask = true, 1<<24-1
	}
	return f, true
}

// set writes v into the field and leaves the bits beside it.
func (f *field) set(v uint64) {
	if !f.part {
		put(f.data, f.layout, v)
		return
	}
	all := take(f.data, f.layout)
	put(f.data, f.layout, all&^(f.mask<<f.shift)|v&f.mask<<f.shift)
}

// get reads the field, right-aligned.
func (f *field) get() uint64 { return take(f.data, f.layout) >> f.shift & f.mask }
