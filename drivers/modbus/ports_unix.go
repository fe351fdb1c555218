//go:build !windows

package modbus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// portError is why a serial port cannot be opened, with what to do about it.
func portError(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; %s", err, portList())
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: the port belongs to group %s; add the user with: sudo usermod -aG %[2]s %s, and log in again",
			err, groupOf(path), userName())
	case errors.Is(err, syscall.EBUSY):
		return inUse(path, err)
	}
	return err
}

// groupOf is the group that may use the port: dialout, mostly.
func groupOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "dialout"
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Gid != 0 {
		if g, err := user.LookupGroupId(strconv.Itoa(int(s.Gid))); err == nil {
			return g.Name
		}
	}
	return "dialout"
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "$USER"
}

// portPatterns are where serial ports are, the names that stay with an adapter first; those of macOS come last.
var portPatterns = []string{
	"/dev/serial/by-id/*", "/dev/ttyUSB*", "/dev/ttyACM*", "/dev/ttyAMA*", "/dev/ttymxc*", "/dev/ttySC*", "/dev/ttyS*",
	"/dev/cu.*",
}

// portsThere are the ports that there are.
func portsThere() []string {
	var ports []string
	for _, p := range portPatterns {
		found, _ := filepath.Glob(p)
		ports = append(ports, slices.DeleteFunc(found, absent)...)
	}
	return ports
}

// absent reports names /dev/ttyS… behind which the kernel has found no port.
func absent(path string) bool {
	n, ok := strings.CutPrefix(path, "/dev/ttyS")
	if _, err := strconv.Atoi(n); !ok || err != nil {
		return false
	}
	kind, err := os.ReadFile("/sys/class/tty/ttyS" + n + "/type")
	return err == nil && strings.TrimSpace(string(kind)) == "0"
}
