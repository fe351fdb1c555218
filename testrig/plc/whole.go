package plc

import "tagbridge/mapping"

// whole is a value that is given whole or not at all.
type whole struct {
	table mapping.Table
	extent
}

// KeepWhole has u refuse requests that begin or end within count addresses from first on, with exception 2, as SMA's
// inverters do within a value.
func (u *Unit) KeepWhole(table mapping.Table, first, count int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.whole = append(u.whole, whole{table, extent{first, first + count}})
}

// cuts reports a request that begins or ends within a value that is to be kept whole.
func (u *Unit) cuts(r request) bool {
	table, ok := tableOf(r.function)
	first, end := int(r.first), int(r.first)+int(r.count)
	for _, w := range u.whole {
		if ok && w.table == table && (w.first < first && first < w.end || w.first < end && end < w.end) {
			return true
		}
	}
	return false
}
