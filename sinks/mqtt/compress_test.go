package mqtt

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// TestContentType looks at a PUBLISH of MQTT 5 for the Content Type (3.3.2.3.9) of what is compressed. In 3.1.1 there is none, and in
// neither version of what is not.
func TestContentType(t *testing.T) {
	for _, c := range []struct{ version, compress, want string }{
		{"5", "gzip", "application/gzip"}, {"5", "zstd", "application/zstd"}, {"5", "none", ""}, {"3.1.1", "gzip", ""},
	} {
		f := newFake(t)
		if c.version == "5" {
			f.connack = []byte{0, 0, 5, 0x27, 0, 0, 1, 0} // packets of 256 bytes
		}
		s := open(t, f.addr(), func(o *Options) {
			o.Version, o.Format, o.Topic, o.Compress = c.version, "batch", topic("b"), c.compress
		})
		if n, err := s.Send(t.Context(), polls(plant("p", 60), 1)); n != 60 || err != nil {
			t.Fatalf("%+v: Send = %d, %v", c, n, err)
		}
		f.mu.Lock()
		for _, p := range f.received {
			said := binary.BigEndian.AppendUint16([]byte{0x03}, uint16(len(c.want)))
			said = append(said, c.want...)
			if has := bytes.Contains(p.properties, said); c.want != "" && !has || c.want == "" && len(p.properties) > 0 {
				t.Errorf("%+v: properties %q", c, p.properties)
			}
			if c.version == "5" && p.size+5 > 256 {
				t.Errorf("%+v: a packet of %d bytes", c, p.size+5)
			}
		}
		f.mu.Unlock()
	}
}
