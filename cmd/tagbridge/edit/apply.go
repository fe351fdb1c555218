package edit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/events"
)

// Change is a draft that is to become what is on disk and runs.
type Change struct {
	Draft
	Base    map[string]string `json:"base"` // the ETags of the files that it was made from, by the names of maps
	Comment string            `json:"comment"`
	By      string            `json:"-"`
}

// Applied is what became of it.
type Applied struct {
	Changes  []string          `json:"changes"` // what has changed of what runs, in words
	More     int               `json:"more"`
	Problems []Problem         `json:"problems"` // warnings
	ETags    map[string]string `json:"etags"`    // of the files that were written
}

// Conflict is a change that was made from something else than what is on disk now.
type Conflict struct {
	Names []string          // of the maps
	ETags map[string]string // of all maps of the change, as they are now
}

func (c *Conflict) Error() string {
	return fmt.Sprintf("somebody else has changed %s since this was begun: nothing was written; compare with what is there now, and apply again",
		strings.Join(c.Names, ", "))
}

// Refused is a change that has problems, or that the bridge does not take.
type Refused struct {
	Finding *Finding
	Text    string
}

func (r *Refused) Error() string { return r.Text }

// maxComment is how long a comment may be.
const maxComment = 500

// Apply writes a change and has the bridge reload; all of it is done, or nothing. An error is a Conflict, a Refused or an
// Unknown map, or says what kept the files from being written.
func (e *Editor) Apply(ctx context.Context, c *Change) (*Applied, error) {
	e.writing.Lock()
	defer e.writing.Unlock()
	d, err := e.now()
	if err != nil {
		return nil, err
	}
	if len(c.Files) == 0 {
		return nil, fmt.Errorf("%w: there is no file to be written", ErrRequest)
	}
	texts, found, err := d.encode(&c.Draft)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return nil, &Refused{newFinding(found), "the maps have problems: nothing was written"}
	}
	return e.write(ctx, d, texts, c.Base, bridge.Note{By: c.By, Comment: tidy(c.Comment)})
}

// write is Apply of files by their paths, under writing.
func (e *Editor) write(ctx context.Context, d *onDisk, texts map[string][]byte, base map[string]string, note bridge.Note) (*Applied, error) {
	r, err := d.record(texts, base, note.By)
	if err != nil {
		return nil, err
	}
	found, err := e.check(ctx, d, texts)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(found.Problems, func(p Problem) bool { return p.Severity == "problem" }) {
		return nil, &Refused{found, "the maps have problems: nothing was written"}
	}
	done, err := e.commit(r, note)
	if errors.Is(err, errChanged) {
		if _, again := d.record(texts, base, note.By); again != nil {
			err = again
		}
	}
	if err != nil {
		return nil, err
	}
	if done.Problems.HasProblems() {
		return nil, &Refused{&Finding{Problems: problemsOf(done.Problems, &d.names)}, "the bridge did not take the maps: the files are as they were"}
	}
	a := &Applied{Changes: append([]string{}, done.Changes...), Problems: problemsOf(done.Problems, &d.names), ETags: map[string]string{}}
	if len(a.Changes) > mostLines {
		a.Changes, a.More = a.Changes[:mostLines], len(a.Changes)-mostLines
	}
	for path, text := range texts {
		a.ETags[d.names.of(path)] = ETag(text)
	}
	e.say(note, slices.Sorted(maps.Keys(a.ETags)))
	return a, nil
}

// record is what is to be written, made from base; an error says why it cannot be.
func (d *onDisk) record(texts map[string][]byte, base map[string]string, by string) (*record, error) {
	r, conflict := &record{By: by}, &Conflict{ETags: map[string]string{}}
	for _, path := range slices.Sorted(maps.Keys(texts)) {
		name := d.names.of(path)
		b, _, err := content(path, d.guarded)
		if err == nil {
			_, _, err = decode(b)
		}
		if err == nil {
			err = unwritable(path)
		}
		if err != nil {
			return nil, &Unwritable{name, err}
		}
		target, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, err
		}
		conflict.ETags[name] = ETag(b)
		if !sameTag(base[name], ETag(b)) {
			conflict.Names = append(conflict.Names, name)
		}
		r.Swaps = append(r.Swaps, &swap{Path: target, Old: b, New: sumOf(texts[path]), text: texts[path]})
	}
	if len(conflict.Names) > 0 {
		return nil, conflict
	}
	return r, nil
}

// Unwritable is a map that cannot be written.
type Unwritable struct {
	Name string
	Err  error
}

func (u *Unwritable) Error() string {
	return fmt.Sprintf("%s cannot be written: %v; take the text as a download, and put it in place on the machine", u.Name, u.Err)
}

// Unwrap is why.
func (u *Unwritable) Unwrap() error { return u.Err }

// commit writes the files and has the bridge reload. When that is refused, the files are put back. It does not end before
// that, whoever goes away. Where a file cannot be put back, the record stays, for the next start.
func (e *Editor) commit(r *record, note bridge.Note) (done bridge.Reloaded, err error) {
	dir := e.bridge.Config().Bridge.DataDir
	turn, err := takeTurn(dir)
	if err != nil {
		return done, fmt.Errorf("nothing was changed: %w", err)
	}
	defer turn.Close()
	if err := e.takeBack(dir); err != nil {
		return done, fmt.Errorf("nothing was changed: %w", err)
	}
	if err := r.write(dir); err != nil {
		return done, fmt.Errorf("nothing was changed: %w", err)
	}
	if err = r.prepareAll(); err != nil {
		err = fmt.Errorf("nothing was changed: %w", err)
	} else if done, err = e.bridge.Apply(context.Background(), note, r.putAllOrNone); err == nil && done.Problems.HasProblems() {
		err = e.undo(r)
	}
	if errors.Is(err, errStuck) {
		return done, err
	}
	r.dropAll()
	if failed := forget(dir); failed != nil {
		e.bridge.Log().Warn("the record of a change of files stays, and will be taken for one that was interrupted", "err", failed)
	}
	return done, err
}

// takeBack takes back what a rollback that was killed has left, by who has the turn.
func (e *Editor) takeBack(dataDir string) error {
	taken, err := recoverInTurn(dataDir)
	if taken != "" {
		e.bridge.Log().Warn("files put back", "reason", taken, "event", events.Edit)
	}
	return err
}

// undo puts back the files of a change that the bridge has refused, and has it reload them: that changes nothing, and the bridge
// says again that all is well.
func (e *Editor) undo(r *record) error {
	_, err := e.bridge.Apply(context.Background(), bridge.Note{}, r.backAll)
	if errors.Is(err, bridge.ErrStopped) {
		return r.backAll()
	}
	return err
}

// say has the change be an event.
func (e *Editor) say(note bridge.Note, names []string) {
	args := []any{"what", strings.Join(names, ", ")}
	if note.Comment != "" {
		args = append(args, "comment", note.Comment)
	}
	e.bridge.Log().Info("tag maps edited", append(args, "by", note.By, "event", events.Edit)...)
}

// tidy is a comment as it is kept: one line, which is shown in the order in which it was written.
func tidy(comment string) string {
	comment = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(comment, ""))
	if runes := []rune(comment); len(runes) > maxComment {
		comment = string(runes[:maxComment])
	}
	return strings.TrimSpace(comment)
}
