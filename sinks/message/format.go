package message

import (
	"fmt"

	"tagbridge/mapping"
	"tagbridge/sinks/encode"
)

// format makes payloads.
type format struct {
	append func(dst []byte, b *mapping.Batch) []byte // of all samples of b, which go into one message
	many   bool                                      // a message has as many samples as it can; else one
	line   *encode.Line                              // of format line; nil: of another
}

func newFormat(name string) (format, error) {
	switch name {
	case "json", "":
		var j encode.JSON
		return format{append: func(dst []byte, b *mapping.Batch) []byte { return j.AppendOne(dst, b, 0) }}, nil
	case "value":
		return format{append: func(dst []byte, b *mapping.Batch) []byte { return encode.AppendValue(dst, b, 0) }}, nil
	case "batch":
		return format{append: new(encode.Values).Append, many: true}, nil
	case "line":
		l := encode.NewLine(encode.LineOptions{})
		return format{append: l.Append, many: true, line: l}, nil
	}
	return format{}, fmt.Errorf("format %q is not one of json value line batch", name)
}

// fit is how many samples from the first of b on the format can hold.
func (f *format) fit(b *mapping.Batch) int {
	if f.line == nil {
		return len(b.Samples)
	}
	return f.line.Check(b)
}

// skip is why a message of b with that payload need not be sent.
func (f *format) skip(payload []byte, b *mapping.Batch) Skip {
	switch {
	case f.line == nil || len(payload) > 0:
		return 0
	case f.line.Check(b) == 0:
		return Unfit
	}
	return Empty
}
