package events

import (
	"bufio"
	"errors"
	"io"
	"os"
)

// mostLine is how long a line is read; a longer one is damage.
const mostLine = 4 << 20

// line is one of a piece.
type line struct {
	text  []byte // without its end; valid until the next
	at    int64
	end   int64 // of it, in the file
	whole bool  // it has an end
}

// eachLine calls yield with the lines of a piece from an offset on, until that returns false. The last may be cut.
func eachLine(path string, from int64, yield func(line) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(io.NewSectionReader(f, from, 1<<62-from), 64<<10)
	l := line{at: from, end: from}
	var long []byte
	for {
		part, err := in.ReadSlice('\n')
		l.end += int64(len(part))
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if len(long) < mostLine {
				long = append(long, part...)
			}
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return err
		}
		l.text, l.whole = part, err == nil
		if len(long) > 0 {
			if long = append(long, part...); len(long) > mostLine {
				long = long[:0] // what it begins with says nothing
			}
			l.text = long
		}
		if n := len(l.text); l.whole && n > 0 {
			l.text = l.text[:n-1]
		}
		if l.end > l.at && !yield(l) || err != nil {
			return nil
		}
		l, long = line{at: l.end, end: l.end}, long[:0]
	}
}
