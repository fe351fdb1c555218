package edit

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
)

// Kept is a configuration that was applied, and can be gone back to.
type Kept struct {
	ID       string     `json:"id"`
	Time     time.Time  `json:"time"`
	By       string     `json:"by"`
	Comment  string     `json:"comment"`
	Changes  []string   `json:"changes"`
	More     int        `json:"more"`
	Replaced bool       `json:"replaced"`
	Now      bool       `json:"now"`
	Files    []KeptFile `json:"files"`
}

// KeptFile is one of its files.
type KeptFile struct {
	Name    string `json:"name"`
	Map     bool   `json:"map"`
	Differs bool   `json:"differs"`
	ETag    string `json:"etag"`
}

// History lists what was applied, the newest first.
func (e *Editor) History() ([]Kept, error) {
	d, list, err := e.applied()
	if err != nil {
		return nil, err
	}
	sums := map[string]string{} // of the files as they are
	out := []Kept{}
	for _, a := range list {
		k := Kept{
			ID: a.ID, Time: a.Time, By: a.By, Comment: a.Comment, Changes: append([]string{}, a.Changes...), More: a.More,
			Replaced: a.Replaced, Now: true, Files: []KeptFile{},
		}
		for _, f := range a.Files {
			sum, known := sums[f.Path]
			if !known {
				if b, _, err := content(f.Path, nil); err == nil {
					sum = sumOf(b)
				}
				sums[f.Path] = sum
			}
			file := KeptFile{Name: d.called(f.Path), Differs: sum != f.Sum, ETag: etagOf(f.Sum)}
			file.Map = d.names.paths[file.Name] != ""
			k.Now = k.Now && !file.Differs
			k.Files = append(k.Files, file)
		}
		out = append(out, k)
	}
	return out, nil
}

// applied is what was applied of this configuration.
func (e *Editor) applied() (*onDisk, []bridge.Applied, error) {
	d, err := e.now()
	if err != nil {
		return nil, nil, err
	}
	all, err := bridge.HistoryIn(e.bridge.Config().Bridge.DataDir).List()
	if err != nil {
		return nil, nil, fmt.Errorf("list what was applied: %w", err)
	}
	var list []bridge.Applied
	main := absolute(d.names.config)
	for _, a := range all {
		if a.Files[0].Path == main {
			list = append(list, a)
		}
	}
	return d, list, nil
}

// called is the name of the file at an absolute path.
func (d *onDisk) called(path string) string {
	if name, ok := d.names.byPath[path]; ok {
		return name
	}
	if rel, err := filepath.Rel(absolute(d.names.dir), path); err == nil {
		return d.names.of(filepath.Join(d.names.dir, rel))
	}
	return path
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// Back is a way back to what was applied before.
type Back struct {
	ID      string            `json:"id"`
	Base    map[string]string `json:"base"`
	Comment string            `json:"comment"`
	Try     bool              `json:"try"`
	By      string            `json:"-"`
}

// Rollback writes the maps as they were when that was applied, and has the bridge reload: those that the configuration names
// now. The configuration itself stays as it is, as it can hold more than who edits maps may change.
func (e *Editor) Rollback(ctx context.Context, b *Back) (*Applied, error) {
	e.writing.Lock()
	defer e.writing.Unlock()
	d, a, texts, err := e.then(b.ID)
	if err != nil {
		return nil, err
	}
	note := bridge.Note{By: b.By, Comment: tidy(b.Comment)}
	if note.Comment == "" {
		note.Comment = "back to " + a.Time.Format(time.RFC3339)
	}
	return e.write(ctx, d, texts, b.Base, note)
}

// TryRollback says what Rollback would change; nothing changes.
func (e *Editor) TryRollback(ctx context.Context, b *Back) (*Finding, error) {
	d, _, texts, err := e.then(b.ID)
	if err != nil {
		return nil, err
	}
	return e.check(ctx, d, texts)
}

// then is what was applied as id, and the maps that were another text, by their paths.
func (e *Editor) then(id string) (*onDisk, *bridge.Applied, map[string][]byte, error) {
	d, list, err := e.applied()
	if err != nil {
		return nil, nil, nil, err
	}
	for i := range list {
		if a := &list[i]; a.ID == id {
			texts, err := e.different(d, *a)
			return d, a, texts, err
		}
	}
	return nil, nil, nil, fmt.Errorf("%w: nothing of the name %q was applied, or it is no longer kept", ErrRequest, id)
}

// different are the maps of a that are another text now, by their paths.
func (e *Editor) different(d *onDisk, a bridge.Applied) (map[string][]byte, error) {
	h := bridge.HistoryIn(e.bridge.Config().Bridge.DataDir)
	texts := map[string][]byte{}
	for _, f := range a.Files {
		path, ok := d.names.paths[d.called(f.Path)]
		if !ok || holds(path, f.Sum) {
			continue
		}
		b, err := h.Content(f)
		if err != nil {
			return nil, fmt.Errorf("read what was applied: %w", err)
		}
		texts[path] = b
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("%w: all maps are as they were then", ErrRequest)
	}
	return texts, nil
}
