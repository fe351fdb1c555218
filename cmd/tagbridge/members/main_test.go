package members

import (
	"os"
	"testing"

	"tagbridge/testrig/natsd"
	"tagbridge/testrig/process"
)

// The statuses that a command ends with.
const (
	exitOK      = 0
	exitFailed  = 1
	exitBadFile = 2
)

func TestMain(m *testing.M) {
	natsd.Child()
	status := m.Run()
	process.Clean()
	os.Exit(status)
}

// typed runs one command line and returns its exit status and what it printed.
func typed(t *testing.T, in string, args ...string) (status int, out, complaints string) {
	t.Helper()
	return process.Typed(t, in, nil, args...)
}
