package process

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Steps tells the name of each file that is made, written, moved to or removed in the folders below dir, as the system tells it; it ends
// with stop.
func Steps(t testing.TB, dir string, folders ...string) (said <-chan string, stop func()) {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	in := os.NewFile(uintptr(fd), "steps")
	for _, folder := range folders {
		if _, err := unix.InotifyAddWatch(fd, filepath.Join(dir, folder), unix.IN_CREATE|unix.IN_MODIFY|unix.IN_MOVED_TO|unix.IN_DELETE); err != nil {
			t.Fatal(err)
		}
	}
	c, ended := make(chan string, 1000), make(chan struct{})
	go func() {
		defer close(c)
		for b := make([]byte, 4096); ; {
			n, err := in.Read(b)
			if err != nil {
				return
			}
			for at := 0; at+unix.SizeofInotifyEvent <= n; {
				length := int(binary.NativeEndian.Uint32(b[at+12:]))
				select {
				case c <- strings.TrimRight(string(b[at+unix.SizeofInotifyEvent:at+unix.SizeofInotifyEvent+length]), "\x00"):
				case <-ended:
					return
				}
				at += unix.SizeofInotifyEvent + length
			}
		}
	}()
	return c, func() { close(ended); in.Close() }
}
