package events

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// The events are in pieces: files of lines, numbered as they began. The oldest goes when another begins.
const (
	pieceBytes = 2<<20 - 128<<10 // one is a little longer by the lines that fill it
	mostPieces = 8               // 16 MiB in all
	mostDoubt  = 1 << 20         // of lines that are written again
)

const pieceEnd = ".jsonl"

func pieceName(number int) string { return fmt.Sprintf("%010d%s", number, pieceEnd) }

// numberOf is the number of a piece; 0: it is none.
func numberOf(path string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(filepath.Base(path), pieceEnd))
	return n
}

// numbersIn are the numbers of the pieces in dir, ascending.
func numbersIn(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []int
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), pieceEnd)
		if n, err := strconv.Atoi(digits); ok && err == nil && n > 0 && pieceName(n) == e.Name() {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list, nil
}

// IsFolder reports that there are events in dir itself.
func IsFolder(dir string) bool {
	list, err := numbersIn(dir)
	return err == nil && len(list) > 0
}

// piece is a file that is appended to.
type piece interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Stat() (os.FileInfo, error)
	Sync() error
}

func openPiece(path string) (piece, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o640)
}

// pieces appends lines to the newest piece in dir, and begins another when that is full. Another process may do the same.
type pieces struct {
	dir   string
	most  int64 // bytes of a piece
	open  func(path string) (piece, error)
	head  func() []byte // the line that a piece begins with
	file  piece         // nil: none is open
	path  string
	dirty bool   // there is something to be synced
	fresh []byte // the lines of that
	// doubt are lines that a sync failed on: the system may have thrown them away, and says so once only. They are written
	// again, to another piece; who finds both reads them once.
	doubt []byte
	anew  bool        // another piece was begun for what is in doubt
	again atomic.Bool // the next line is head's, also within a piece
}

// append writes lines, each whole with its end, and returns how many of them are there now. An error says why not all are.
func (p *pieces) append(lines [][]byte) (int, error) {
	size, err := p.ready()
	if err != nil {
		return 0, err
	}
	var out []byte
	if out, err = p.mend(size); err != nil {
		return 0, p.fail(err)
	}
	out = append(out, p.doubt...)
	before := len(out)
	out = slices.Concat(append([][]byte{out}, lines...)...)
	n, err := p.file.Write(out)
	p.dirty = p.dirty || n > 0
	if n >= before {
		p.fresh, p.doubt = slices.Concat(p.fresh, p.doubt, out[before:n]), nil
	}
	if err != nil {
		end := n
		if end > before && end < len(out) && out[end] == '\n' {
			end++ // mend writes it before the next line
		}
		return bytes.Count(out[min(before, end):end], []byte("\n")), p.fail(err)
	}
	return len(lines), nil
}

// ready has a piece open that is not full, and returns how long it is.
func (p *pieces) ready() (int64, error) {
	if p.file != nil {
		info, err := p.file.Stat()
		there, gone := os.Stat(p.path)
		if err == nil && gone == nil && os.SameFile(info, there) && info.Size() < p.most {
			return info.Size(), nil
		}
		p.close()
	}
	if err := os.MkdirAll(p.dir, 0o750); err != nil {
		return 0, err
	}
	numbers, err := numbersIn(p.dir)
	if err != nil {
		return 0, err
	}
	last := 1
	if len(numbers) > 0 {
		last = numbers[len(numbers)-1]
	}
	if len(p.doubt) > 0 && !p.anew {
		last, p.anew = last+1, true
	}
	for {
		p.path = filepath.Join(p.dir, pieceName(last))
		f, err := p.open(p.path)
		if err != nil {
			return 0, err
		}
		info, err := f.Stat()
		if err == nil && info.Size() < p.most {
			p.file, p.anew = f, false
			if info.Size() == 0 {
				syncFolder(p.dir)
			}
			return info.Size(), p.prune()
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return 0, err
		}
		last++
	}
}

// syncFolder has the name of a new piece survive a power loss, as far as the file system can.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// mend is what has to come before the next line in a piece of that size: its first line, or the end of a line that was cut.
func (p *pieces) mend(size int64) ([]byte, error) {
	head := p.again.Swap(false)
	if size == 0 {
		return p.head(), nil
	}
	var end [1]byte
	if _, err := p.file.ReadAt(end[:], size-1); err != nil {
		return nil, err
	}
	var before []byte
	if end[0] != '\n' {
		before = []byte("\n")
	}
	if head {
		before = append(before, p.head()...)
	}
	return before, nil
}

// prune removes the oldest pieces.
func (p *pieces) prune() error {
	numbers, err := numbersIn(p.dir)
	for err == nil && len(numbers) > mostPieces {
		if err = os.Remove(filepath.Join(p.dir, pieceName(numbers[0]))); errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		numbers = numbers[1:]
	}
	return err
}

// sync brings to the disk what was written since the last time.
func (p *pieces) sync() error {
	if p.file == nil && len(p.doubt) > 0 {
		if _, err := p.append(nil); err != nil {
			return err
		}
	}
	if !p.dirty || p.file == nil {
		return nil
	}
	p.dirty = false
	err := p.file.Sync()
	if err == nil {
		p.fresh = nil
		return nil
	}
	p.doubt = append(p.doubt, p.fresh...)
	p.doubt, p.fresh = p.doubt[max(0, len(p.doubt)-mostDoubt):], nil
	return p.fail(err)
}

func (p *pieces) fail(err error) error {
	p.close()
	return err
}

func (p *pieces) close() {
	if p.file != nil {
		_ = p.file.Close() // what was written is there, and said by Write
		p.file = nil
	}
}
