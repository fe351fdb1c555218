package wire

// Fault is a service that failed and of which more is said than its status. errors.As finds the Status in it.
type Fault struct {
	Status Status
	Info   string // printable
}

// Error is the name of the status and what was said.
func (f *Fault) Error() string { return f.Status.Error() + " (" + f.Info + ")" }

// Unwrap is the status.
func (f *Fault) Unwrap() error { return f.Status }

// faultOf is the error of a service that failed.
func faultOf(s Status, info []byte) error {
	if text := Printable(validText(info)); text != "" {
		return &Fault{s, text}
	}
	return s
}

// faultID is the encoding of a ServiceFault.
const faultID = 397

// AppendFault appends a ServiceFault (Part 4, 7.35) that says info: what a server would have answered that has given up
// a request, or whose answer cannot be taken.
func AppendFault(dst []byte, s Status, info string) []byte {
	dst = AppendNodeID(dst, Numeric(faultID))
	dst = le.AppendUint64(dst, 0)
	dst = le.AppendUint32(dst, 0)
	dst = le.AppendUint32(dst, uint32(s))
	if info == "" {
		dst = append(dst, 0)
	} else {
		dst = AppendString(append(dst, diagnosticText), info)
	}
	dst = AppendStrings(dst, nil)
	return append(AppendNodeID(dst, NodeID{}), 0)
}

// maxPrintable is how many characters are kept of what a server says in words.
const maxPrintable = 200

// Printable is s without what a terminal or a log would act on, and no longer than a line can be.
func Printable(s string) string {
	out := make([]rune, 0, min(len(s), maxPrintable))
	for _, c := range s {
		if c < ' ' || c >= 0x7F && c < 0xA0 {
			c = ' '
		}
		if out = append(out, c); len(out) == maxPrintable {
			break
		}
	}
	return string(out)
}
