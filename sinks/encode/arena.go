package encode

import "slices"

// arena holds many short texts in one piece of memory.
type arena struct {
	text []byte
	ends []uint32 // of each text, in text
}

// close ends the text that was appended to a.text since the last close.
func (a *arena) close() { a.ends = append(a.ends, uint32(len(a.text))) }

// clip gives back the memory that no text is in.
func (a *arena) clip() { a.text, a.ends = slices.Clone(a.text), slices.Clone(a.ends) }

// at is text i; it must not be changed.
func (a *arena) at(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = a.ends[i-1]
	}
	return a.text[from:a.ends[i]]
}
