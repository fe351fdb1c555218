package modbus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// openError is why a link cannot be opened.
func openError(t *testing.T, o LinkOptions) string {
	t.Helper()
	link, err := NewLink(o)
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	if err := link.Open(t.Context()); err != nil {
		return err.Error()
	}
	return ""
}

func TestPortErrors(t *testing.T) {
	o := serveBus(t, "rtu", plc.LineOptions{})
	expect := func(what string, o LinkOptions, want string) {
		t.Helper()
		if got := openError(t, o); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q in it", what, got, want)
		}
	}
	missing, file, direction := o, o, o
	missing.Address = "/dev/ttyUSB99"
	expect("missing", missing, "no such file or directory; there")
	file.Address = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file.Address, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	expect("a file", file, "is not a serial port")
	direction.RS485 = RS485{Enabled: true}
	expect("direction control", direction, "leave rs485 out")

	openBus(t, o)
	expect("taken", o, "is in use")
	link := filepath.Join(t.TempDir(), "by-id")
	if err := os.Symlink(o.Address, link); err != nil {
		t.Fatal(err)
	}
	o.Address = link
	expect("taken by another name", o, "is in use")
}

func TestPortPermission(t *testing.T) {
	err := portError("/dev/ttyUSB99", fmt.Errorf("open: %w", fs.ErrPermission))
	if !strings.Contains(err.Error(), "usermod -aG dialout") || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("portError = %v, want what to do about it", err)
	}
}

// An adapter that is pulled out is an error of the link, not of the unit, and one that is plugged in again, under
// another number of the same name, is opened like the first.
func TestPortReplugged(t *testing.T) {
	tags := plcTags()
	u := frozen(tags)
	name := filepath.Join(t.TempDir(), "by-id")
	plug := func() *plc.Line {
		l, err := plc.OpenPTY(plc.LineOptions{Units: map[int]*plc.Unit{1: u}})
		if err == nil {
			err = os.Symlink(l.Path(), name)
		}
		if err != nil {
			t.Fatal(err)
		}
		run(t, func(ctx context.Context) error { l.Serve(ctx); return nil })
		return l
	}
	first := plug()
	link := openBus(t, LinkOptions{
		Transport: "rtu", Address: name, Serial: Serial{Baud: 115200, Data: 8, Stop: 1, Parity: "none"},
	})
	job := jobOf(tags, long)
	if bad := readPLC(t, u, link, job); bad > 0 {
		t.Fatalf("%d tags are bad", bad)
	}
	first.Close()
	os.Remove(name)
	var b mapping.Batch
	_, err := link.Do(t.Context(), job, 0, &b)
	if _, silent := errors.AsType[*drivers.NoAnswer](err); err == nil || silent {
		t.Errorf("Do = %v, want an error of the link", err)
	}
	if err := link.Open(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open = %v, want that the port is missing", err)
	}
	plug()
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if bad := readPLC(t, u, link, job); bad > 0 {
		t.Errorf("%d tags are bad after the adapter is back", bad)
	}
}

func TestTurnaround(t *testing.T) {
	var u turnaround
	const bound = time.Second
	if got := u.limit(bound); got != bound {
		t.Errorf("limit of a stranger = %v, want %v", got, bound)
	}
	u.answered(10 * time.Millisecond)
	if got := u.limit(bound); got != 130*time.Millisecond {
		t.Errorf("limit of a fast unit = %v, want 130ms", got)
	}
	for n := 1; n <= 8; n++ {
		u.missed()
		want := 260 * time.Millisecond
		if n%fullEvery == 0 {
			want = bound
		}
		if got := u.limit(bound); got != want {
			t.Errorf("limit after %d misses = %v, want %v", n, got, want)
		}
	}
	u.answered(900 * time.Millisecond)
	if got := u.limit(bound); got != bound {
		t.Errorf("limit of a slow unit = %v, want the bound", got)
	}
}
