package bridge

import (
	"encoding/binary"
	"hash/fnv"
	"os"
)

// watcher sees when files change, by looking at them: that is right on network shares too, and for editors that put
// a new file in the place of the old one. It looks at sizes, times and inodes, a microsecond a file.
type watcher struct {
	files   []File
	applied uint64 // as the files were when they were last loaded
	last    uint64 // at the last look
}

// watch begins with files as they were when they were loaded: what has changed since then is seen.
func (w *watcher) watch(files []File) {
	w.files = make([]File, len(files))
	h := fnv.New64a()
	for i, f := range files {
		w.files[i].Path = f.Path
		h.Write(f.state[:])
	}
	w.applied = h.Sum64()
	w.last = w.look()
}

// begin notes the state of the files, about to be loaded.
func (w *watcher) begin() { w.last = w.look() }

// loaded takes over what was loaded since begin. Files that were changed meanwhile are seen as such.
func (w *watcher) loaded(files []File) {
	before, same := w.last, len(files) == len(w.files)
	for i := 0; same && i < len(files); i++ {
		same = files[i].Path == w.files[i].Path
	}
	if w.watch(files); same {
		w.applied = before
	}
}

// settled reports that the files have changed, and then not again between two looks: a spreadsheet has finished saving.
func (w *watcher) settled() bool {
	now := w.look()
	quiet := now == w.last
	w.last = now
	return quiet && now != w.applied
}

// look identifies the state of all files.
func (w *watcher) look() uint64 {
	h := fnv.New64a()
	for _, f := range w.files {
		state := stateOf(f.Path)
		h.Write(state[:])
	}
	return h.Sum64()
}

// fileState tells whether a file has changed: its size, times and inode. It is zero of one that is not there.
type fileState [32]byte

func stateOf(path string) (s fileState) {
	info, err := os.Stat(path)
	if err != nil {
		return s
	}
	binary.LittleEndian.PutUint64(s[:], uint64(info.Size()))
	binary.LittleEndian.PutUint64(s[8:], uint64(info.ModTime().UnixNano()))
	number, changed := inode(info)
	binary.LittleEndian.PutUint64(s[16:], number)
	binary.LittleEndian.PutUint64(s[24:], changed)
	return s
}
