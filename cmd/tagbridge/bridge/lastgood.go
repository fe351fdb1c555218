package bridge

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// LastGood is the configuration at path that was applied last, when what was loaded from it now is refused: it has
// problems, or looks as if a file of it were half written. load loads it from its files. refused is
// why; nil: what was loaded is good, or nothing better is known. The applied one is as whole as when it was applied, or it
// is passed over for the one before.
func LastGood(got Loaded, path, dataDir string, load func(files *source.Files) Loaded) (good Loaded, at time.Time, refused []string) {
	main, err := filepath.Abs(path)
	if err != nil {
		return got, at, nil
	}
	h := HistoryIn(dataDir)
	list, err := h.List()
	if err != nil {
		return got, at, nil
	}
	for _, a := range list {
		if a.Replaced || a.Files[0].Path != main {
			continue
		}
		if !got.Problems.HasProblems() && a.same(got.Files) {
			return got, at, nil
		}
		good := load(h.Texts(a))
		if good.Config == nil || good.Problems.HasProblems() {
			continue
		}
		if refused := textsOf(halfWritten(got, good.Config)); len(refused) > 0 {
			good.Files = got.Files // those are to be mended
			return good, a.Time, refused
		}
		return got, at, nil
	}
	return got, at, nil
}

// same reports that files are those of a.
func (a Applied) same(files []File) bool {
	var list []AppliedFile
	for _, f := range files {
		if path, err := filepath.Abs(f.Path); err == nil && f.IsText() {
			list = append(list, AppliedFile{path, f.sum})
		}
	}
	return slices.Equal(list, a.Files)
}

// contentOf gives the files of a, by their paths.
func (h History) contentOf(a Applied) func(path string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		path, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(a.Files, func(f AppliedFile) bool { return f.Path == path })
		if i < 0 {
			return nil, fmt.Errorf("%s was not a part of what was applied", path)
		}
		return h.Content(a.Files[i])
	}
}

// DataDir is the data directory of the configuration at path, of which cfg is what can be read: nil, where that is not
// even which directory it names.
func DataDir(cfg *config.Config, path string) string {
	if cfg != nil {
		return cfg.Bridge.DataDir
	}
	if dir, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":"); dir != "" {
		return dir
	}
	return filepath.Join(filepath.Dir(path), "tagbridge-data")
}
