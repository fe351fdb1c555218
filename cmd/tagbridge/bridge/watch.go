package bridge

import (
	"encoding/binary"
	"hash/fnv"
	"os"
	"syscall"
)

// watcher sees when files change, by looking at them: that is right on network shares too, and for editors that put
// a new file in the place of the old one. It looks at sizes, times and inodes, a microsecond a file.
type watcher struct {
	files   []File
	applied uint64 // as the files were when they were last loaded
	last    uint64 // at the last look
}

// watch begins with files, which are just about to be or were just loaded.
func (w *watcher) watch(files []File) {
	w.files = make([]File, len(files))
	for i, f := range files {
		w.files[i].Path = f.Path
	}
	w.applied = w.look()
	w.last = w.applied
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
	var b [8]byte
	put := func(v uint64) {
		binary.LittleEndian.PutUint64(b[:], v)
		h.Write(b[:])
	}
	for _, f := range w.files {
		info, err := os.Stat(f.Path)
		if err != nil {
			put(0)
			continue
		}
		put(uint64(info.Size()))
		put(uint64(info.ModTime().UnixNano()))
		if s, ok := info.Sys().(*syscall.Stat_t); ok {
			put(s.Ino)
			put(uint64(s.Ctim.Nano()))
		}
	}
	return h.Sum64()
}
