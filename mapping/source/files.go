package source

import (
	"maps"
	"path/filepath"
	"slices"
)

// Files are the named texts that a configuration and its tag maps are read from: those that lie over the disk, and the
// disk below them. So a draft that nobody has saved, or a map that is inside the program, is read and checked as a file of
// that name is: by the same code, within the same limits, with relative paths in it taken from the folder of its name.
// A nil *Files is the disk alone. Files do not change, and may be used by several goroutines.
//
// Only what is read as text here can lie over the disk. Certificates, keys and files of users are opened by those who use
// them, later and more than once, and secrets are the machine's: they are always of the disk, so that a draft is checked
// against what it will find where it is going to be saved.
type Files struct {
	texts map[string][]byte // by resolved path
	other func(path string) ([]byte, error)
}

// Over has texts lie over the disk, by their names: paths, or "-" for what would be read from standard input. A path may be
// written in any way, also through links, as long as it leads to the same place; of two names of one place the last in the
// order of the alphabet holds. The texts must not be changed any more.
func Over(texts map[string][]byte) *Files {
	f := &Files{texts: make(map[string][]byte, len(texts))}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		if text == nil {
			text = []byte{} // it is there, and empty
		}
		if name != stdin {
			name = resolved(name)
		}
		f.texts[name] = text
	}
	return f
}

// Instead has read give every text in place of the disk.
func Instead(read func(path string) ([]byte, error)) *Files { return &Files{other: read} }

// Text is what lies over the disk at path, or in its place; found is false when nothing does. It must not be changed.
func (f *Files) Text(path string) (text []byte, found bool) {
	text, found, err := f.find(path)
	return text, found && err == nil
}

// find is the text of the file at path; found is false when the disk has to be asked.
func (f *Files) find(path string) (text []byte, found bool, err error) {
	switch {
	case f == nil:
		return nil, false, nil
	case f.other != nil:
		text, err = f.other(path)
		return text, true, err
	}
	text, found = f.texts[resolved(path)]
	return text, found, nil
}

// stdin is the name of standard input, of the configuration alone: a tag map of that name is a file.
const stdin = "-"

// input is what is to be taken for standard input; found is false when that has to be read.
func (f *Files) input() (text []byte, found bool) {
	if f != nil {
		text, found = f.texts[stdin]
	}
	return text, found
}

// resolved is a path as it is compared: absolute, and without links as far as it exists.
func resolved(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return withoutLinks(path)
}

func withoutLinks(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	folder := filepath.Dir(path)
	if folder == path {
		return path
	}
	return filepath.Join(withoutLinks(folder), filepath.Base(path))
}
