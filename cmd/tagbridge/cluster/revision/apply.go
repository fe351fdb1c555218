package revision

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping/source"
)

// fetch gets the files of m: those that are here already are not asked for.
func (f *Follower) fetch(ctx context.Context, remote *Remote, m *Manifest) (*Content, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	c := &Content{Files: map[string][]byte{}}
	b, err := remote.Fetch(ctx, m.Config)
	if err != nil {
		return nil, err
	}
	c.Config = string(b)
	for _, file := range m.Files {
		path, err := f.target(file.Name)
		if err != nil {
			return nil, err
		}
		if here, err := os.ReadFile(path); err == nil && NewFile(file.Name, here) == file {
			c.Files[file.Name] = here
			continue
		}
		if c.Files[file.Name], err = remote.Fetch(ctx, file); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// target is where the file of that name goes. It is below the configuration's folder, by no link, and neither what the bridge keeps nor
// the configuration itself.
func (f *Follower) target(name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", fmt.Errorf("file %q: %w", name, err)
	}
	folder := filepath.Dir(f.o.Config)
	at := folder
	for _, part := range strings.Split(name, "/") {
		at = filepath.Join(at, part)
		info, err := os.Lstat(at)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return "", fmt.Errorf("file %q: %s is a link, by which no revision is written: put the files themselves there", name, at)
		}
	}
	path := filepath.Join(folder, filepath.FromSlash(name))
	if within(path, f.o.DataDir) || sameFile(path, f.o.Config) {
		return "", fmt.Errorf("file %q: there is the bridge's own %s", name, path)
	}
	return path, nil
}

// within reports that path is dir, or below it.
func within(path, dir string) bool {
	a, errA := filepath.Abs(path)
	b, errB := filepath.Abs(dir)
	if errA != nil || errB != nil {
		return true
	}
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a == b || strings.HasPrefix(a, b+string(filepath.Separator))
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y) || strings.EqualFold(filepath.Clean(a), filepath.Clean(b))
}

// apply checks a revision as this member's own configuration, and has it run. An error says why not; then all is as before.
func (f *Follower) apply(m *Manifest, c *Content) error {
	own, err := os.ReadFile(f.o.Config)
	if err != nil {
		return err
	}
	text, err := source.Text(own)
	if err != nil {
		return err
	}
	merged, err := Merge(c.Config, text)
	if err != nil {
		return err
	}
	texts := c.Texts(f.o.Config, merged)
	got, err := f.o.Host.Try(source.Over(texts))
	if err != nil {
		return err
	}
	if err := refusedBy(got.Problems); err != nil {
		return err
	}
	if got.Config.Bridge.Name != f.o.Bridge {
		return fmt.Errorf("with it the bridge would be called %s", got.Config.Bridge.Name)
	}
	if err := f.onlyNamed(c, got.Files); err != nil {
		return err
	}
	if err := f.keep(); err != nil {
		return fmt.Errorf("what it would replace cannot be kept: %w", err)
	}
	if len(f.drift.names) > 0 {
		f.o.Log.Warn("what was changed here by hand is replaced: tagbridge rollback has it", "what", inWords(f.drift.names), "event", events.Cluster)
	}
	done, err := f.o.Host.Replace(f.ordered(texts), bridge.Note{By: m.By, Comment: m.words()})
	if err != nil {
		return err
	}
	if err := refusedBy(done.Problems); err != nil {
		return err
	}
	f.o.Log.Info("revision applied", "revision", m.Number, "what", fmt.Sprintf("%d changes", len(done.Changes)), "comment", m.Comment, "by", m.By, "event", events.Edit)
	f.applied = m
	f.drift.begin(m)
	if err := writeApplied(f.o.DataDir, m); err != nil {
		f.o.Log.Warn("it is not kept which revision is applied: the next start applies it again", "err", err)
	}
	return nil
}

// words are the comment of a revision in the history.
func (m *Manifest) words() string {
	text := fmt.Sprintf("revision %d", m.Number)
	if m.Comment != "" {
		text += ": " + m.Comment
	}
	return text
}

// ordered are texts with the maps first, so that who reads beside the bridge finds what the configuration names.
func (f *Follower) ordered(texts map[string][]byte) (list []edit.Text) {
	for path, content := range texts {
		list = append(list, edit.Text{Path: path, Content: content})
	}
	slices.SortFunc(list, func(a, b edit.Text) int {
		if (a.Path == f.o.Config) != (b.Path == f.o.Config) {
			if a.Path == f.o.Config {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Path, b.Path)
	})
	return list
}

// mostProblems is how many of a refused configuration are told.
const mostProblems = 5

// refusedBy is an error of the problems among all that was found; nil: there is none.
func refusedBy(all source.Problems) error {
	var texts []string
	more := 0
	for _, p := range all {
		switch {
		case p.Warning:
		case len(texts) == mostProblems:
			more++
		default:
			texts = append(texts, p.String())
		}
	}
	if more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	if len(texts) == 0 {
		return nil
	}
	return errors.New(strings.Join(texts, "; "))
}

// onlyNamed reports a file of c that the configuration does not read as a map or table, or that holds secrets or certificates here.
func (f *Follower) onlyNamed(c *Content, files []bridge.File) error {
	for name := range c.Files {
		path := filepath.Join(filepath.Dir(f.o.Config), filepath.FromSlash(name))
		read := false
		for _, file := range files {
			if file.IsText() {
				read = read || filepath.Clean(file.Path) == path
			} else if sameFile(file.Path, path) {
				return fmt.Errorf("file %q would replace one that holds secrets or certificates here", name)
			}
		}
		if !read {
			return fmt.Errorf("file %q is not one that the configuration names", name)
		}
	}
	return nil
}

// keep puts what is on disk into the history, unless it is what was applied last.
func (f *Follower) keep() error {
	got, err := f.o.Host.Try(nil)
	if err != nil {
		return err
	}
	return bridge.HistoryIn(f.o.DataDir).AddReplaced(got.Files, time.Now())
}
