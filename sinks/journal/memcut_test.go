package journal

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// kill is what the next process finds when this one is killed: what was not synced is there, and still not synced.
func (d *memFolder) kill() *memFolder {
	d.mu.Lock()
	defer d.mu.Unlock()
	to := newMemFolder()
	copies := make(map[*memFile]*memFile)
	take := func(f *memFile) *memFile {
		if copies[f] == nil {
			copies[f] = &memFile{
				d: to, name: f.name, data: slices.Clone(f.data), stable: slices.Clone(f.stable), pending: slices.Clone(f.pending),
			}
		}
		return copies[f]
	}
	for name, f := range d.files {
		to.files[name] = take(f)
	}
	for name, f := range d.stable {
		to.stable[name] = take(f)
	}
	return to
}

// put makes a file of that content, safe on the medium.
func (d *memFolder) put(name string, data []byte) {
	f := &memFile{d: d, name: name, data: slices.Clone(data), stable: slices.Clone(data)}
	d.files[name], d.stable[name] = f, f
}

// cut is what the next process finds when the power goes: of what was not synced, in files and of the folder, any part
// may have come to the medium, in any order and by the sector.
func (d *memFolder) cut(r *rand.Rand) *memFolder {
	d.mu.Lock()
	defer d.mu.Unlock()
	to := newMemFolder()
	names := slices.Sorted(maps.Keys(d.files))
	for name := range d.stable {
		if d.files[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		f := d.files[name]
		if f != d.stable[name] && r.IntN(2) == 0 {
			f = d.stable[name]
		}
		if f != nil {
			to.put(name, f.afterCut(r))
		}
	}
	return to
}

func (f *memFile) afterCut(r *rand.Rand) []byte {
	const sector = 512
	data := slices.Clone(f.stable)
	if r.IntN(4) == 0 {
		return data
	}
	var parts []memWrite
	for _, w := range f.pending {
		if w.cut {
			parts = append(parts, w)
			continue
		}
		for off := w.off; off < w.off+int64(len(w.data)); {
			end := min((off/sector+1)*sector, w.off+int64(len(w.data)))
			parts = append(parts, memWrite{off: off, data: w.data[off-w.off : end-w.off]})
			off = end
		}
	}
	r.Shuffle(len(parts), func(i, k int) { parts[i], parts[k] = parts[k], parts[i] })
	if len(parts) > 0 {
		parts = parts[:r.IntN(len(parts)+1)]
	}
	for _, w := range parts {
		if !w.cut && r.IntN(8) == 0 {
			w.data = w.data[:r.IntN(len(w.data))] // a sector half written
		}
		data = w.apply(data)
	}
	return data
}
