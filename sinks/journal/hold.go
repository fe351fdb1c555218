package journal

import (
	"fmt"
	"sync"
)

// Held is the folder of a journal that this process has taken for itself before it opens the journal: what is done meanwhile
// no other process does that opens the same.
type Held struct {
	mu     sync.Mutex
	folder *osFolder // nil: let go of, or a journal's by now
}

// Hold takes the folder of the journal in dir, and makes it where it is not. The error is what Open's would be, ErrInUse among
// others.
func Hold(dir string) (*Held, error) {
	d, err := openFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", dir, err)
	}
	return &Held{folder: d}, nil
}

// Close lets go of the folder, unless a journal was opened with it.
func (h *Held) Close() error {
	if d := h.take(); d != nil {
		return d.Close()
	}
	return nil
}

// take is the folder, which is the caller's from then on; nil: there is none.
func (h *Held) take() *osFolder {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.folder
	h.folder = nil
	return d
}

// openOr is the folder if it is dir, else dir opened.
func (h *Held) openOr(dir string) (*osFolder, error) {
	d := h.take()
	if d == nil {
		return openFolder(dir)
	}
	if d.dir == dir {
		return d, nil
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return openFolder(dir)
}
