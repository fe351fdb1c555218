package modbus

import "tagbridge/mapping"

// A tag that is more than its own registers is one item over all of them: whatever splits and joins blocks keeps it whole, so
// that value and exponent always come out of one answer.

// place puts the item where t is; false when no request can hold it.
func (i *item) place(t *mapping.Tag, l Limits) bool {
	first, count := t.Span()
	most, _ := l.of(i.function)
	i.start, i.size = uint16(first), uint16(count)
	if t.Registers() < 1 || count > most || first+count > lastAddress+1 {
		return false
	}
	if isBits(i.function) {
		return true
	}
	i.at, i.own = uint8(int(t.Address.Number)-first), uint8(t.Registers())
	if by, ok := t.ScaleBy.Address(); ok && by.Table == t.Address.Table {
		i.scaled, i.by = true, uint8(int(by.Number)-first)
	}
	return true
}
