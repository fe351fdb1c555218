package journal

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"sync"

	"tagbridge/sinks"
)

// Identity tells a journal from all others, for those who keep parts of it elsewhere: positions mean something together with it.
type Identity struct {
	ID uint64 // random, never 0
	// Origin is the journal that this one goes on from, at First: it has what that one had before, and what was there
	// from First on is not this journal's. 0: there is none.
	Origin uint64
	First  sinks.Pos
}

// identityName is the file of an identity: a line of text, with a checksum. It is made when somebody asks for it first.
const identityName = "identity"

// identity is what a journal knows of its own.
type identity struct {
	mu   sync.Mutex
	is   Identity // ID is 0: it was not looked for yet
	kept bool     // the file has it
}

// Opened is where the log ended when it was opened.
func (j *Journal) Opened() sinks.Pos { return j.opened }

// Identity is that of j. It stays as long as the folder does; one that cannot be written stays as long as the process, and the error
// says so.
func (j *Journal) Identity() (Identity, error) {
	i := &j.identity
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.is.ID == 0 {
		i.is = j.readIdentity()
		i.kept = i.is.ID != 0
	}
	if i.is.ID == 0 {
		i.is = Identity{ID: randomID()}
	}
	return i.is, j.keepIdentity()
}

// Branch gives j another identity, which goes on from the one that it has at the position where the log ended when it was opened: for
// when it turns out that something else has the same positions from there on, as after a backup was restored.
func (j *Journal) Branch() (Identity, error) {
	before, err := j.Identity()
	if err != nil {
		return before, err
	}
	i := &j.identity
	i.mu.Lock()
	defer i.mu.Unlock()
	i.is, i.kept = Identity{ID: randomID(), Origin: before.ID, First: j.opened}, false
	return i.is, j.keepIdentity()
}

// randomID is never 0.
func randomID() uint64 {
	for {
		if id := rand.Uint64(); id != 0 {
			return id
		}
	}
}

// keepIdentity writes the identity, unless the folder has it. The caller holds identity.mu.
func (j *Journal) keepIdentity() error {
	i := &j.identity
	if i.kept || j.files == nil {
		return nil
	}
	if err := j.writeIdentity(i.is); err != nil {
		return fmt.Errorf("keep the identity of the journal: %w", err)
	}
	i.kept = true
	return nil
}

func (j *Journal) writeIdentity(is Identity) error {
	const fresh = identityName + ".new"
	d := j.files.folder
	f, err := d.Create(fresh)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(is.append(nil), 0)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, ignoreGone(d.Remove(fresh)))
	}
	if err := d.Rename(fresh, identityName); err != nil {
		return err
	}
	return d.Sync()
}

// readIdentity is what the folder has; its ID is 0 where there is none, or none that can be made out.
func (j *Journal) readIdentity() (is Identity) {
	if j.files == nil {
		return is
	}
	f, err := j.files.folder.Open(identityName)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			j.warn(err)
		}
		return is
	}
	defer f.Close()
	b := make([]byte, 256)
	n, err := f.ReadAt(b, 0)
	if err != nil && !isContent(err) {
		j.warn(err)
		return is
	}
	is, err = parseIdentity(b[:n])
	j.warn(err)
	return is
}

// append appends i as the file has it.
func (i Identity) append(dst []byte) []byte {
	at := len(dst)
	dst = fmt.Appendf(dst, "%016x %016x %d ", i.ID, i.Origin, uint64(i.First))
	return fmt.Appendf(dst, "%08x\n", crc32.Checksum(dst[at:], castagnoli))
}

func parseIdentity(b []byte) (i Identity, err error) {
	var first uint64
	var sum uint32
	n, err := fmt.Sscanf(string(b), "%16x %16x %d %8x\n", &i.ID, &i.Origin, &first, &sum)
	i.First = sinks.Pos(first)
	if err != nil || n != 4 || i.ID == 0 || first > maxPos || string(i.append(nil)) != string(b) {
		return Identity{}, fmt.Errorf("the identity of the journal cannot be made out, it gets another one: %w", ErrCorrupt)
	}
	return i, nil
}

// identityGone has the identity written again, as the folder was removed.
func (j *Journal) identityGone() {
	j.identity.mu.Lock()
	defer j.identity.mu.Unlock()
	j.identity.kept = false
}
