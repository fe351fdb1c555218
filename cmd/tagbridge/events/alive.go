package events

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// While a bridge runs it notes every few seconds, in the file alive, that it does: so the next one knows until when it was
// there, if it could not say that it ended, and whether the machine has been started since.

// aliveEvery is how often.
const aliveEvery = 5 * time.Second

const aliveForm = "2006-01-02T15:04:05.000000000Z"

// alive writes the note.
type alive struct {
	dir  string
	boot string
	file *os.File
}

// note writes that the bridge runs at now, and has it on the disk.
func (a *alive) note(now time.Time) error {
	if a.file == nil {
		f, err := os.OpenFile(filepath.Join(a.dir, "alive"), os.O_CREATE|os.O_WRONLY, 0o640)
		if err != nil {
			return err
		}
		a.file = f
	}
	line := fmt.Sprintf("%s %36.36s\n", now.UTC().Format(aliveForm), a.boot) // always as long
	_, err := a.file.WriteAt([]byte(line), 0)
	if err == nil {
		err = a.file.Sync()
	}
	if err != nil {
		a.close()
	}
	return err
}

func (a *alive) close() {
	if a.file != nil {
		_ = a.file.Close()
		a.file = nil
	}
}

// lastAlive is what the note in dir says; a zero time when it says nothing.
func lastAlive(dir string) (at time.Time, boot string) {
	b, err := os.ReadFile(filepath.Join(dir, "alive"))
	if err != nil {
		return time.Time{}, ""
	}
	stamp, boot, _ := strings.Cut(strings.TrimSuffix(string(b), "\n"), " ")
	at, err = time.Parse(aliveForm, stamp)
	if err != nil {
		return time.Time{}, ""
	}
	return at, strings.TrimSpace(boot)
}

// bootID is another one each time that the machine starts; "": it is not known.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
