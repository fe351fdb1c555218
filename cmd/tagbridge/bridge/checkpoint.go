package bridge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tagbridge/sinks"
)

// What windows, totals and alarms need to go on is kept in two files of the data directory, written by turns in place: so one
// of them is whole at any time, and a full disk takes the next state as well.
//
//	"TBRK", version u8, number u64, length of the rest u32, CRC-32C of the rest u32, then the rest:
//	log u64, position u64, flags u8, number of breaks uvarint, of each position and time varint, then the state (package reckon)
//
// Integers are little-endian.
const (
	checkpointForm    = "reckoned.%d"
	checkpointMagic   = "TBRK"
	checkpointVersion = 1
	checkpointHead    = 4 + 1 + 8 + 4 + 4
	mostCheckpoint    = 256 << 20 // bytes
	mostBreaks        = 1000
)

// A pause is a place in the log at which the bridge was away: since that time nothing was read.
type pause struct {
	pos sinks.Pos
	at  int64
}

// checkpoint is what is kept.
type checkpoint struct {
	log    uint64 // which log the position is of
	pos    sinks.Pos
	left   bool // nothing was to be reckoned from then on
	pauses []pause
	state  []byte
}

var errCheckpoint = errors.New("it is torn, or of another version of tagbridge")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkpoints are the two files.
type checkpoints struct {
	dir    string
	number uint64 // of the last that was written or read
	b      []byte
}

func (c *checkpoints) path(number uint64) string {
	return filepath.Join(c.dir, fmt.Sprintf(checkpointForm, number%2))
}

// read is the newest checkpoint; nil: there is none. An error says why a file that is there cannot be used.
func (c *checkpoints) read() (*checkpoint, error) {
	var newest *checkpoint
	var failed error
	for i := range uint64(2) {
		one, number, err := readCheckpoint(c.path(i))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			failed = fmt.Errorf("%s: %w", c.path(i), err)
		case newest == nil || number > c.number:
			newest, c.number = one, number
		}
	}
	return newest, failed
}

// readCheckpoint reads a file; what follows the checkpoint in it is of an older, longer one.
func readCheckpoint(path string) (*checkpoint, uint64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	head := make([]byte, checkpointHead)
	if _, err := io.ReadFull(f, head); err != nil {
		return nil, 0, torn(err)
	}
	number, size, sum, ok := parseHead(head)
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if !ok || info.Mode().IsRegular() && info.Size() < checkpointHead+int64(size) {
		return nil, 0, errCheckpoint
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, 0, torn(err)
	}
	if crc32.Checksum(b, castagnoli) != sum {
		return nil, 0, errCheckpoint
	}
	c, err := parseKept(b)
	return c, number, err
}

// torn is what is wrong with a file that could not be read to its end.
func torn(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCheckpoint
	}
	return err
}

// parseHead reads what stands before a checkpoint; false: it is none of this version, or too large to be one.
func parseHead(b []byte) (number uint64, size, sum uint32, ok bool) {
	number, size, sum = binary.LittleEndian.Uint64(b[5:]), binary.LittleEndian.Uint32(b[13:]), binary.LittleEndian.Uint32(b[17:])
	return number, size, sum, string(b[:4]) == checkpointMagic && b[4] == checkpointVersion && size <= mostCheckpoint
}

func parseKept(b []byte) (*checkpoint, error) {
	if len(b) < 17 {
		return nil, errCheckpoint
	}
	c := &checkpoint{log: binary.LittleEndian.Uint64(b), pos: sinks.Pos(binary.LittleEndian.Uint64(b[8:])), left: b[16] != 0}
	b = b[17:]
	n, size := binary.Uvarint(b)
	if size <= 0 || n > mostBreaks {
		return nil, errCheckpoint
	}
	b = b[size:]
	for range n {
		pos, one := binary.Uvarint(b)
		if one <= 0 {
			return nil, errCheckpoint
		}
		at, two := binary.Varint(b[one:])
		if two <= 0 {
			return nil, errCheckpoint
		}
		c.pauses = append(c.pauses, pause{sinks.Pos(pos), at})
		b = b[one+two:]
	}
	c.state = b
	return c, nil
}

// appendKept appends all of c but its state, which follows.
func (c *checkpoint) appendKept(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, c.log), uint64(c.pos))
	left := byte(0)
	if c.left {
		left = 1
	}
	dst = binary.AppendUvarint(append(dst, left), uint64(len(c.pauses)))
	for _, p := range c.pauses {
		dst = binary.AppendVarint(binary.AppendUvarint(dst, uint64(p.pos)), p.at)
	}
	return dst
}

// write writes c, whose state is what add appends, and syncs it. It returns how many bytes that are.
func (c *checkpoints) write(k *checkpoint, add func([]byte) []byte) (int, error) {
	number := c.number + 1
	b := append(c.b[:0], checkpointMagic...)
	b = binary.LittleEndian.AppendUint64(append(b, checkpointVersion), number)
	b = append(b, make([]byte, 8)...)
	b = add(k.appendKept(b))
	c.b = b
	if len(b) > mostCheckpoint {
		return len(b), fmt.Errorf("a state of %d bytes is too large", len(b))
	}
	binary.LittleEndian.PutUint32(b[13:], uint32(len(b)-checkpointHead))
	binary.LittleEndian.PutUint32(b[17:], crc32.Checksum(b[checkpointHead:], castagnoli))
	f, err := os.OpenFile(c.path(number), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return len(b), err
	}
	_, err = f.WriteAt(b, 0)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		c.number = number
	}
	return len(b), err
}

// spread is how much of the time goes to writing states: large ones are written less often, as it costs nothing but a longer
// way through the log after a kill.
const (
	checkpointEvery = time.Second
	checkpointRate  = 32 << 10 // bytes a second
	checkpointMost  = 30 * time.Second
)

// nextCheckpoint is how long after one of that many bytes the next is written.
func nextCheckpoint(size int) time.Duration {
	return min(max(checkpointEvery, time.Duration(size)*time.Second/checkpointRate), checkpointMost)
}
