package port

import (
	"net"
	"testing"
)

// TestFree has many addresses be given at once, each once, and be free to listen at.
func TestFree(t *testing.T) {
	given := map[string]bool{}
	for range 500 {
		address := Free(t)
		if given[address] {
			t.Errorf("%s is given twice", address)
		}
		given[address] = true
	}
	for address := range given {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Error(err)
			continue
		}
		l.Close()
	}
}

// TestFreeAgain has the address of a test that has ended be free for others.
func TestFreeAgain(t *testing.T) {
	var address string
	t.Run("first", func(t *testing.T) { address = Free(t) })
	mine, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	mine.Close()
}
