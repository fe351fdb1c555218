package events

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// While a bridge runs it notes every few seconds, in the file alive, that it does: so the next one knows until when it was
// there, if it could not say that it ended, and whether the machine has been started since. While events cannot be written,
// as on a full disk, the second line of the note has the outages that are under way: the file has room for them already.

// aliveEvery is how often.
const aliveEvery = 5 * time.Second

const aliveForm = "2006-01-02T15:04:05.000000000Z"

// aliveRoom is how long the file is: blanks follow what there is to say.
const aliveRoom = 16 << 10

// alive writes the note.
type alive struct {
	dir  string
	boot string
	file *os.File
	full bool // the file is as long as it is to be, and has a second line or blanks
	open bool // it has the second line
}

// note writes that the bridge runs at now, and has it on the disk; open are outages that are written nowhere else.
func (a *alive) note(now time.Time, open []Event) error {
	if a.file == nil {
		f, err := os.OpenFile(filepath.Join(a.dir, "alive"), os.O_CREATE|os.O_WRONLY, 0o640)
		if err != nil {
			return err
		}
		a.file = f
	}
	line := fmt.Sprintf("%s %36.36s\n", now.UTC().Format(aliveForm), a.boot) // always as long
	more := a.openLine(open, aliveRoom-len(line))
	_, err := a.file.WriteAt([]byte(line), 0)
	if err == nil && more != nil {
		// Without room for it there is the first line all the same.
		_, full := a.file.WriteAt(more, int64(len(line)))
		a.full, a.open = full == nil, open != nil
	}
	if err == nil {
		err = a.file.Sync()
	}
	if err != nil {
		a.close()
	}
	return err
}

// openLine is the second line with what follows, as long as room; nil: it is there already.
func (a *alive) openLine(open []Event, room int) []byte {
	if open == nil && a.full && !a.open {
		return nil
	}
	var line []byte
	for n := len(open); open != nil; n = n * 3 / 4 { // the first are those that count most
		if line = appendOpen(nil, open[:n]); len(line) <= room {
			break
		}
	}
	return append(line, bytes.Repeat([]byte(" "), max(0, room-len(line)))...)
}

func (a *alive) close() {
	if a.file != nil {
		_ = a.file.Close()
		a.file, a.full = nil, false
	}
}

// lastAlive is what the note in dir says; a zero time when it says nothing. open are the outages that were under way then,
// nil where they are among the events.
func lastAlive(dir string) (at time.Time, boot string, open []Event) {
	f, err := os.Open(filepath.Join(dir, "alive"))
	if err != nil {
		return time.Time{}, "", nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 2*aliveRoom))
	if err != nil {
		return time.Time{}, "", nil
	}
	first, second, _ := strings.Cut(string(b), "\n")
	stamp, boot, _ := strings.Cut(first, " ")
	if at, err = time.Parse(aliveForm, stamp); err != nil {
		return time.Time{}, "", nil
	}
	if line, _, whole := strings.Cut(second, "\n"); whole {
		if r, err := parseLine([]byte(line)); err == nil {
			open = r.Open
		}
	}
	return at, strings.TrimSpace(boot), open
}

// Alive is when a bridge last noted that it runs, every few seconds, in dir, which is Folder of a data directory; zero: none
// ever did.
func Alive(dir string) time.Time {
	at, _, _ := lastAlive(dir)
	return at
}

// bootID is another one each time that the machine starts; "": it is not known.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
