package journal

import "time"

// patienceMost is how long a segment is tried that cannot be read: a disk that was pulled or a server that starts anew
// is back by then, a bad block is not, and must not hold up a sink for ever.
const patienceMost = time.Minute

// patience is with a segment that cannot be read. The zero value is with none.
type patience struct {
	seg   *segment
	since time.Time
}

// over reports whether s could not be read for too long, and begins with it when it is another one than before.
func (p *patience) over(s *segment) bool {
	if p.seg != s {
		p.seg, p.since = s, time.Now()
	}
	return time.Since(p.since) >= patienceMost
}

// headReadable reports that a segment can be read at its beginning: then a block that cannot be is bad, and not the disk
// out of reach.
func headReadable(f file) bool {
	w := window{f: f, limit: headerSize}
	w.at(0, headerSize)
	return w.err == nil
}
