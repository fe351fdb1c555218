package testrig

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

func TestPLC(t *testing.T) {
	tag := &mapping.Tag{Name: "a", Address: mapping.Address{Table: mapping.Input, Number: 8}, Traits: &mapping.Traits{Type: mapping.TypeUint16}}
	s, u := PLC(t, plc.UnitOptions{Tags: []*mapping.Tag{tag}})
	if err := u.SetBits(tag, 10); err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte{0, 1, 0, 0, 0, 6, 1, 4, 0, 8, 0, 1}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 11)
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, []byte{0, 1, 0, 0, 0, 5, 1, 4, 2, 0, 10}) {
		t.Errorf("answer %x, %v", got, err)
	}
}

func TestInflux(t *testing.T) {
	s, url := Influx(t, influxd.Options{})
	go func() {
		resp, err := http.Post(url+"/api/v2/write", "text/plain", strings.NewReader("m f=1 1"))
		if err == nil {
			resp.Body.Close()
		}
	}()
	if err := s.Wait(context.Background(), func(p []influxd.Point) bool { return len(p) == 1 }); err != nil {
		t.Error(err)
	}
}
