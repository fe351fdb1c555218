package bridge

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tagbridge/mapping/source"
)

// What is kept: configurations that were applied, within a size of all their files, but at least a few of any size; and
// of each, what it changed.
const (
	keptConfigurations = 50
	keptBytes          = 256 << 20
	keptAnyway         = 3
	keptChanges        = 200 // lines
	keptLine           = 300 // bytes
)

// History is the configurations that were applied, with their tag maps, in a folder of the data directory: a list of
// files for each, and the files by what is in them, each once, for the owner alone: ${…} stays, but nothing keeps people
// from writing a password out.
type History struct{ Dir string }

// HistoryIn is the history that a bridge with this data directory keeps.
func HistoryIn(dataDir string) History { return History{filepath.Join(dataDir, "configurations")} }

// Applied is one configuration of the history.
type Applied struct {
	ID    string        `json:"-"` // its name in the history, which sorts by time
	Time  time.Time     `json:"time"`
	Files []AppliedFile `json:"files"` // the configuration first
	// Replaced says that it was not applied: it is what a rollback found, kept so that nothing is lost.
	Replaced bool   `json:"replaced,omitempty"`
	By       string `json:"by,omitempty"` // who applied it; "": a reload that nobody asked for by name
	Comment  string `json:"comment,omitempty"`
	// Changes is what it changed of the one before, in words; More is how many lines there are besides.
	Changes []string `json:"changes,omitempty"`
	More    int      `json:"more,omitempty"`
}

// AppliedFile is one of its files.
type AppliedFile struct {
	Path string `json:"path"` // absolute
	Sum  string `json:"sha256"`
}

// List is what is kept, the newest first; none without a folder. What is not a list of files is left out.
func (h History) List() ([]Applied, error) {
	names, err := h.named(".json")
	if err != nil {
		return nil, err
	}
	slices.Reverse(names)
	var list []Applied
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var a Applied
		if err := json.Unmarshal(b, &a); err != nil || len(a.Files) == 0 {
			continue // cut off by a power loss, or damaged: the others are as good as before
		}
		a.ID = strings.TrimSuffix(filepath.Base(name), ".json")
		list = append(list, a)
	}
	return list, nil
}

// named are the paths of its files whose names end so, in the order of the alphabet: a pattern would take characters of the
// folder's own name for its own, and would find nothing where it may not look.
func (h History) named(end string) (paths []string, err error) {
	entries, err := os.ReadDir(h.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), end) && !strings.HasPrefix(e.Name(), ".") {
			paths = append(paths, filepath.Join(h.Dir, e.Name()))
		}
	}
	return paths, err
}

// LastApplied is what was applied last of the configuration at path; found is false when nothing of it was.
func (h History) LastApplied(path string) (a Applied, found bool, err error) {
	main, err := filepath.Abs(path)
	if err != nil {
		return a, false, err
	}
	list, err := h.List()
	if err != nil {
		return a, false, err
	}
	i := slices.IndexFunc(list, func(a Applied) bool { return !a.Replaced && a.Files[0].Path == main })
	if i < 0 {
		return a, false, nil
	}
	return list[i], true, nil
}

// Texts are the files of a in place of those on disk.
func (h History) Texts(a Applied) *source.Files { return source.Instead(h.contentOf(a)) }

// Add keeps files, the configuration first, as applied now. It does nothing when they are what was applied last.
func (h History) Add(files []File, now time.Time) error {
	return h.add(files, Applied{Time: now.UTC()})
}

// AddNoted keeps files as applied now by somebody, with what that changed.
func (h History) AddNoted(files []File, now time.Time, note Note, changes []string) error {
	a := Applied{Time: now.UTC(), By: note.By, Comment: note.Comment}
	for i, line := range changes {
		if i == keptChanges {
			a.More = len(changes) - i
			break
		}
		a.Changes = append(a.Changes, strings.ToValidUTF8(line[:min(len(line), keptLine)], ""))
	}
	return h.add(files, a)
}

// AddReplaced keeps files that a rollback is about to replace.
func (h History) AddReplaced(files []File, now time.Time) error {
	return h.add(files, Applied{Time: now.UTC(), Replaced: true})
}

func (h History) add(files []File, a Applied) error {
	for _, f := range files {
		if !f.IsText() {
			continue
		}
		path, err := filepath.Abs(f.Path)
		if err != nil {
			return err
		}
		a.Files = append(a.Files, AppliedFile{path, f.sum})
	}
	if len(a.Files) == 0 {
		return nil
	}
	if list, err := h.List(); err == nil && len(list) > 0 && slices.Equal(list[0].Files, a.Files) && (a.Replaced || !list[0].Replaced) {
		return nil
	}
	if err := os.MkdirAll(h.Dir, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		if !f.IsText() {
			continue
		}
		path := h.blob(f.sum)
		if _, err := h.Content(AppliedFile{path, f.sum}); err == nil {
			continue // and it is whole
		}
		content, err := f.content()
		if err != nil {
			return err
		}
		if err := ReplaceFile(path, content, 0o600); err != nil {
			return err
		}
	}
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	name := a.Time.Format("20060102T150405.000000000Z") + ".json"
	if err := ReplaceFile(filepath.Join(h.Dir, name), b, 0o600); err != nil {
		return err
	}
	return h.prune()
}

// Content is what was in f.
func (h History) Content(f AppliedFile) ([]byte, error) {
	b, err := os.ReadFile(h.blob(f.Sum))
	if err != nil {
		return nil, err
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(b)); got != f.Sum {
		return nil, fmt.Errorf("read %s: it was changed or damaged", h.blob(f.Sum))
	}
	return b, nil
}

func (h History) blob(sum string) string { return filepath.Join(h.Dir, filepath.Base(sum)+".file") }

// Contents are what was in the files of a, in their order.
func (h History) Contents(a Applied) ([][]byte, error) {
	contents := make([][]byte, len(a.Files))
	for i, f := range a.Files {
		var err error
		if contents[i], err = h.Content(f); err != nil {
			return nil, err
		}
	}
	return contents, nil
}

// Changing is where the record of a change of files lies while it is made: what is on disk meanwhile may be neither what was
// there before nor what is to be there.
func (h History) Changing() string { return filepath.Join(h.Dir, "applying") }

// prune lets go of the oldest configurations, and of files that are in none.
func (h History) prune() error {
	names, err := h.named(".json")
	if err != nil {
		return err
	}
	list, err := h.List()
	if err != nil {
		return err
	}
	used, size, oldest := map[string]bool{}, int64(0), ""
	for i, a := range list {
		for _, f := range a.Files {
			if info, err := os.Stat(h.blob(f.Sum)); err == nil && !used[f.Sum] {
				size += info.Size()
			}
		}
		if i >= keptConfigurations || i >= keptAnyway && size > keptBytes {
			break
		}
		oldest = a.ID
		for _, f := range a.Files {
			used[f.Sum] = true
		}
	}
	var failed []error
	for _, name := range names {
		if strings.TrimSuffix(filepath.Base(name), ".json") < oldest {
			failed = append(failed, os.Remove(name))
		}
	}
	blobs, _ := h.named(".file")
	for _, b := range blobs {
		if !used[strings.TrimSuffix(filepath.Base(b), ".file")] {
			failed = append(failed, os.Remove(b))
		}
	}
	return errors.Join(failed...)
}

// ReplaceFile puts content in the place of path in one step. A file that is there keeps its mode and, as far as that is
// allowed, its owner, who may be the bridge's user and not the one who rolls back; a link stays one.
func ReplaceFile(path string, content []byte, mode os.FileMode) error {
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	return ReplaceFileAs(path, content, mode)
}

// ReplaceFileAs is ReplaceFile that gives the file a mode, whichever it had.
func ReplaceFileAs(path string, content []byte, mode os.FileMode) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	if err != nil {
		info = nil
	}
	f, done, err := createAside(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer done()
	if info != nil {
		GiveTo(f, info)
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = SyncFolder(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// remember keeps what was applied. That it cannot be kept is no reason not to run it.
func (b *Bridge) remember(l Loaded, note Note, changes []string) {
	if err := HistoryIn(b.now.Load().cfg.Bridge.DataDir).AddNoted(l.Files, time.Now(), note, changes); err != nil {
		b.o.Log.Warn("configuration is not kept for rollback", "err", err)
	}
}
