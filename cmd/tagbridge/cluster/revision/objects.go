package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// fileTime bounds how long one file of that size takes: a slow line has a second for each MB.
func fileTime(size int) time.Duration {
	return 6*time.Second + time.Duration(size>>20)*time.Second
}

// Store stores the files of c that are not there.
func (r *Remote) Store(ctx context.Context, c *Content) error {
	m := c.Manifest()
	if err := r.storeOne(ctx, m.Config, []byte(c.Config)); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := r.storeOne(ctx, f, c.Files[f.Name]); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

func (r *Remote) storeOne(ctx context.Context, f File, content []byte) error {
	ctx, cancel := context.WithTimeout(ctx, fileTime(f.Size))
	defer cancel()
	there, err := r.has(ctx, f)
	if err != nil || there {
		return r.why(err)
	}
	if _, err = r.objects.Put(ctx, jetstream.ObjectMeta{Name: f.Sum, Opts: &jetstream.ObjectMetaOptions{ChunkSize: pieceBytes}}, bytes.NewReader(content)); err != nil {
		return r.why(err)
	}
	there, err = r.has(ctx, f)
	if err == nil && !there {
		err = context.DeadlineExceeded // whoever answered has not got it yet
	}
	return r.why(err)
}

// unusedTime is how long a file stays that no revision names: somebody may be about to push one that does.
const unusedTime = 7 * 24 * time.Hour

// Sweep removes files that none of these revisions names, and none has named for long.
func (r *Remote) Sweep(ctx context.Context, kept []*Manifest) error {
	return r.sweep(ctx, kept, unusedTime)
}

func (r *Remote) sweep(ctx context.Context, kept []*Manifest, unused time.Duration) error {
	used := map[string]bool{}
	for _, m := range kept {
		used[m.Config.Sum] = true
		for _, f := range m.Files {
			used[f.Sum] = true
		}
	}
	all, err := r.objects.List(ctx)
	if errors.Is(err, jetstream.ErrNoObjectsFound) {
		return nil
	}
	for _, info := range all {
		if err == nil && !used[info.Name] && time.Since(info.ModTime) > unused {
			err = r.objects.Delete(ctx, info.Name)
		}
	}
	return r.why(err)
}

// has reports that a file is there, by what is said of it: who fetches it sees whether that is true.
func (r *Remote) has(ctx context.Context, f File) (bool, error) {
	info, err := r.objects.GetInfo(ctx, f.Sum)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return info.Size == uint64(f.Size) && !isLink(info), nil
}

// isLink reports an object that says that it is another one.
func isLink(info *jetstream.ObjectInfo) bool { return info.Opts != nil && info.Opts.Link != nil }

// Has reports that all files of m are there.
func (r *Remote) Has(ctx context.Context, m *Manifest) error {
	for _, f := range append([]File{m.Config}, m.Files...) {
		there, err := r.has(ctx, f)
		if err != nil {
			return r.why(err)
		}
		if !there {
			return fmt.Errorf("revision %d: %w", m.Number, missing(f))
		}
	}
	return nil
}

func missing(f File) error {
	name := f.Name
	if name == "" {
		name = "the configuration"
	}
	return fmt.Errorf("%s is not in NATS, or is another file than it was: push again", name)
}

// Fetch is the content of a file, which has its size and sum.
func (r *Remote) Fetch(ctx context.Context, f File) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fileTime(f.Size))
	defer cancel()
	info, err := r.objects.GetInfo(ctx, f.Sum)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return nil, missing(f)
	case err != nil:
		return nil, r.why(err)
	case info.Size != uint64(f.Size) || isLink(info) || strings.ContainsAny(info.NUID, " .*>\r\n\t"):
		return nil, missing(f)
	}
	b, err := r.pieces(ctx, info.NUID, f.Size)
	if err != nil {
		return nil, r.why(err)
	}
	if NewFile(f.Name, b) != f {
		return nil, missing(f)
	}
	return b, nil
}

// pieces are those of an object, one after another: a consumer would send them by a flow that its server has to keep up.
func (r *Remote) pieces(ctx context.Context, name string, size int) ([]byte, error) {
	stream, err := r.link.JS.Stream(ctx, "OBJ_"+r.bucket)
	if err != nil {
		return nil, err
	}
	b, at := make([]byte, 0, size), uint64(0)
	for len(b) < size {
		m, err := stream.GetMsg(ctx, at+1, jetstream.WithGetMsgSubject("$O."+r.bucket+".C."+name))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil, context.DeadlineExceeded // whoever answered has not got it yet
		}
		if err != nil {
			return nil, err
		}
		at = m.Sequence
		b = append(b, m.Data...)
	}
	return b, nil
}

// FetchAll is the whole content of a revision.
func (r *Remote) FetchAll(ctx context.Context, m *Manifest) (*Content, error) {
	c := &Content{Files: map[string][]byte{}}
	b, err := r.Fetch(ctx, m.Config)
	if err != nil {
		return nil, err
	}
	c.Config = string(b)
	for _, f := range m.Files {
		if c.Files[f.Name], err = r.Fetch(ctx, f); err != nil {
			return nil, err
		}
	}
	return c, nil
}
